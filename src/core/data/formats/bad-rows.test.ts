import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs, some } from '../../../../test/form.ts';
import { UserError } from '../../errors.ts';
import { importDataset } from '../import/import.ts';
import { previewImport } from '../import/preview.ts';
import type { ImportRequestInput } from '../import/request.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tessera-rows-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

const imported = (paths: string[], options: Partial<ImportRequestInput> = {}) =>
  importDataset({ paths, skipBadRows: true, ...options }, { home: join(root, 'home') });

/** What an import without leave to skip bad rows says, after the file's name. */
async function refusal(path: string, options: Partial<ImportRequestInput> = {}): Promise<string> {
  const error = await imported([path], { skipBadRows: false, ...options }).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain('\n');
  return message.slice(path.length);
}

const HEADER = 'user,item,rating,timestamp\n';
const ROWS = '1,a,3,1\n1,b,3,2\n1,c,3,3\n2,a,3,4\n2,b,3,4\n2,c,3,4\n';

describe('every record is a row or a counted bad row', () => {
  const large: [string, (n: number) => string][] = [
    ['whole numbers', (n) => `${n % 999},${n % 77},3,${n}\n`],
    ['texts', (n) => `u${n % 999},i${n % 77},3,${n}\n`],
  ];
  it.each(some(large, 1))(
    'bad lines after the last good one of a file of more than 8,000,000 bytes: %s',
    async (_, row) => {
      const good: string[] = [];
      for (let bytes = 0, n = 0; bytes <= 8_000_040; n++) bytes += good[good.push(row(n)) - 1].length;
      const path = write('tail.csv', `${HEADER}${good.join('')}${'1,a\n'.repeat(100)}`);
      const first = good.length + 2;
      expect(await refusal(path)).toMatch(
        new RegExp(
          `^:${first}: fewer columns than the 4 expected \\(100 bad rows in all, next in line ${first + 1},`,
        ),
      );
      const { badRows, statistics } = await imported([path]);
      expect([badRows, statistics.interactions]).toEqual([100, good.length]);
    },
  );

  it('half a million bad lines cost seconds, and no memory to speak of', async () => {
    const path = write('mostly-bad.csv', `${HEADER}${ROWS.repeat(70)}${'x\n'.repeat(500_000)}`);
    const [started, before] = [performance.now(), process.memoryUsage.rss()];
    const { badRows, statistics } = await imported([path]);
    expect([badRows, statistics.interactions]).toEqual([500_000, 420]);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20);
  });

  it('a rating of 200,000 digits that is no number is told at once', async () => {
    const path = write('digits.csv', `${HEADER}${ROWS.repeat(2)}1,b,${'9'.repeat(200_000)}x,6\n`);
    const started = performance.now();
    await expect(imported([path])).resolves.toMatchObject({ badRows: 1 });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each([
    ['an open quote costs one line', `1,"a,3,1\n`, 1],
    ['and so does one that the next quote closes', `1,"a,3,1\n9,"b",3,1\n`, 1],
    ['a quote that is cut off at the end of the file', '', 1, `1,"a`],
    ['line ends of every kind', `1,a,3,5\r\n2,b,3,5\r2,c,3,6\n`, 0],
    ['line ends of every kind within quotes', `1,"a\r\nb",3,5\n2,"a\rb",3,5\n2,"a\nb",3,6\n`, 0],
    ['NUL in a value and on a line of its own', `1,a\0,3,5\n\0\n`, 1],
    ['empty fields too many', `1,a,3,5,,\n`, 0],
  ])('%s', async (_, odd, bad, end = '') => {
    const path = write('odd.csv', `${HEADER}${ROWS}${odd}${ROWS}${end}`);
    const lines = odd.split(/\r\n|\r|\n/).length - 1 - (odd.match(/"\w\r?\n?\w"/g) ?? []).length;
    const { badRows, statistics } = await imported([path]);
    expect(badRows).toBe(bad);
    expect(statistics.interactions).toBe(12 + Math.max(lines, 0) - (end === '' ? bad : 0));
  });

  it.each([
    ['mixed line ends', 'u1 a b c\r\nu2 a b c\nu3 a b c\ru4 a b\n', 0, 4],
    ['NUL', 'u1 a b c\nu2 a\0b c\nu3 a b c\n', 1, 2],
    ['NUL at the end of a line', 'u1 a b c\nu2 a b c\0\nu3 a b c\n', 1, 2],
    ['bytes that are no text', Buffer.from('u1 a b c é\nu2 a b c\n'), 0, 2],
  ])('sequences with %s', async (_, content, bad, users) => {
    const { badRows, statistics } = await imported([write('sequences.txt', content)]);
    expect([badRows, statistics.users]).toEqual([bad, users]);
  });

  const json = (user: number, item: string, more = '') => `{"user":${user},"item":"${item}"${more}}\n`;
  const objects = [1, 2, 3].map((user) => ['a', 'b', 'c'].map((item) => json(user, item)).join('')).join('');
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  it.each([
    ['an object over several lines', '{\n"user":1,\n"item":"d"\n}\n', 4],
    ['null', 'null\n', 1],
    ['values of other kinds', '[1]\n"x"\n5\ntrue\n', 4],
    ['two objects on a line', '{"user":1,"item":"d"} {"user":2,"item":"d"}\n', 1],
    ['half a character', json(1, 'd', ',"x":"\\ud800"'), 1],
  ])('JSON lines with %s', async (_, odd, bad) => {
    const path = write('odd.jsonl', `${objects}${odd}${objects}`);
    expect(await refusal(path)).toMatch(/^:10: /);
    const { badRows, statistics } = await imported([path]);
    expect([badRows, statistics.interactions]).toEqual([bad, 18]);
    // In front, where it is in the sample that the columns are found in.
    const first = await imported([write('first.jsonl', `${json(4, 'a')}${odd}${objects}`)]);
    expect([first.badRows, first.statistics.interactions]).toEqual([bad, 10]);
  });

  it.each([
    [400, 0],
    [6000, 1],
    [100_000, 1],
  ])('JSON lines with values nested %d deep', async (depth, bad) => {
    const deep = `{"user":1,"item":${nested(depth)}}\n`;
    for (const lines of [`${objects}${deep}`, `${json(4, 'a')}${deep}${objects}`]) {
      const { badRows, statistics } = await imported([write('deep.jsonl', lines)]);
      expect([badRows, statistics.interactions]).toEqual([bad, lines.split('\n').length - 1 - bad]);
    }
    const tags = `{"item":"a","tags":["x"]}\n{"item":"b","tags":${nested(depth)}}\n`;
    const sides = await imported([write('few.jsonl', objects), write('items.jsonl', tags)]);
    expect(sides.badRows).toBe(bad);
  });

  it('JSON lines that end within an object: every time the same line', async () => {
    const log = write('few.jsonl', objects);
    const items = write('items.jsonl', '{"item":"a","tags":["x"]}\n{"item":"b","tags":["x"]}\n{"item":"c"');
    const cut = write('cut.jsonl', `${objects}{"user":1,"item":"d"`);
    // DuckDB put the rest of such a file before or after the other objects, as its threads came.
    for (let time = 0; time < runs(15); time++) {
      const { badRowExamples } = await imported([log, items]);
      expect(badRowExamples).toEqual([`${items}:3: not a JSON object: "{"item":"c""`]);
      expect((await imported([cut])).badRowExamples).toEqual([
        `${cut}:10: not a JSON object: "{"user":1,"item":"d""`,
      ]);
    }
  });

  it('JSON lines after a byte order mark', async () => {
    const { badRows, statistics } = await imported([write('marked.jsonl', `\ufeff${objects}`)]);
    expect([badRows, statistics.interactions]).toEqual([0, 9]);
  });
});

describe('columns of any name', () => {
  const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'a\0b', '"', 'select', '', 'é'];

  it.each(NAMES)('a column called %j', async (name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const lines = [1, 2].flatMap((user) => ['a', 'b', 'c'].map((item) => `${user},${item},x${user}\n`));
    const csv = write('name.csv', `user,item,${quoted}\n${lines.join('')}`);
    expect((await imported([csv])).statistics.interactions).toBe(6);
    const rows = ['a', 'b', 'c'].flatMap((item) =>
      [1, 2].map((user) => ({ user, item, [name]: `x${user}` })),
    );
    const json = write('name.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    expect((await imported([json])).statistics.interactions).toBe(6);
  });

  it.each(NAMES.slice(0, 3))(
    '%s as the user, as a feature of clicks, of items and of users',
    async (name) => {
      const lines = [1, 2].flatMap((user) =>
        ['a', 'b', 'c'].map((item, at) => `${user},${item},${at % 2}\n`),
      );
      const path = write('user.csv', `${name},item,weight\n${lines.join('')}`);
      const { statistics } = await imported([path], { map: { user: name } });
      expect(statistics.users).toBe(2);
      const clicks = write(
        'clicks.csv',
        `user,item,label,${name}\n${lines.map((line) => line.replace('\n', ',z\n')).join('')}`,
      );
      const preview = await previewImport([clicks]);
      expect(preview.files[0].clicks?.[name]).toBe('categorical');
      const items = write('items.csv', `item,${name}\na,red\nb,green\nc,red\n`);
      const users = write('users.csv', `user,${name}\n1,x\n2,y\n`);
      const both = await imported([clicks, items, users]);
      expect(both.options.columns).toMatchObject({ [name]: 'categorical' });
      await imported([
        write('plain.csv', `user,item\n${lines.join('').replaceAll(/,\d\n/g, '\n')}`),
        items,
        users,
      ]);
    },
  );

  it('a file called constructor', async () => {
    const path = write('constructor', `${HEADER}${ROWS}`);
    expect((await imported([path])).statistics.interactions).toBe(6);
  });
});
