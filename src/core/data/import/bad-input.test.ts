import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLimited } from '../../../../test/store/limited.ts';
import { CancelledError, UserError } from '../../errors.ts';
import { sniffFile } from '../formats/sniff.ts';
import { openInteractions, readSummary } from '../read.ts';
import { writeSample } from '../sample/sample.ts';
import { importDataset } from './import.ts';
import { importOverridesSchema, parseImportInput } from './request.ts';

let root: string;
let home: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tessera-bad-'));
  home = join(root, 'home');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

async function failure(path: string, options: object = {}): Promise<string> {
  const error = await importDataset({ paths: [path], ...options }, { home }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain('\n');
  expect(message.startsWith(path)).toBe(true);
  const datasets = join(home, 'datasets');
  expect(existsSync(datasets) ? readdirSync(datasets) : []).toEqual([]);
  return message.slice(path.length);
}

const HEADER = 'user,item,rating,timestamp\n';
const GOOD = '1,a,3,1\n1,b,3,2\n1,c,3,3\n2,a,3,4\n';
const zipped = gzipSync(HEADER + GOOD.repeat(2000));
/** Enough to pass the sniffer's sample and DuckDB's first buffers. */
const LONG = '1,a,3,1\n'.repeat(40_000);

describe('bad input: one line that says what, where and what to do; nothing left behind', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['zero.csv', '', /^: the file is empty \(0 bytes\); fetch/],
    ['blank.csv', '\n\n \n', /^: the file is empty/],
    ['header-only.csv', HEADER, /^: no interactions in it/],
    [
      'missing-item.csv',
      'user,rating,timestamp\n1,2,3\n',
      /^:1: no item column among user, rating, timestamp; .*--map/,
    ],
    [
      'unknown.csv',
      'a,b,c\n1,2,3\n1,3,4\n',
      /^:1: no user column among a, b, c; name it with --map user=COLUMN/,
    ],
    [
      'separator.csv',
      'user^item^rating\n1^2^3\n',
      /^:1: no column separator found in "user\^item\^rating"; save/,
    ],
    [
      'time.csv',
      `${HEADER}${GOOD}3,a,3,yesterday\n3,a,1,soon\n`,
      /^:6: time "yesterday" is not a number \(2 bad rows .* line 7\).*--skip-bad-rows/,
    ],
    [
      'time-late.csv',
      `${HEADER}${LONG}3,a,3,later\n${GOOD}`,
      /^:40002: time "later" is not a number \(the only bad row\)/,
    ],
    ['nan.csv', `${HEADER}1,a,NaN,1\n${GOOD}`, /^:2: rating "NaN" is not a number/],
    ['infinite.csv', `${HEADER}${GOOD}1,a,inf,1\n`, /^:6: rating "inf" is not a number/],
    ['no-rating.csv', `${HEADER}${GOOD}1,a,,1\n`, /^:6: rating "" is not a number/],
    [
      'no-ids.csv',
      `${HEADER}${GOOD},a,3,1\n1,"",3,1\n`,
      /^:6: no user \(2 bad rows in all, next in line 7\)/,
    ],
    [
      'quotes.csv',
      `${HEADER}1,"a,\n\nb",3,1\n\n1,"c ""d""",3,2\n2,e,x,3\n`,
      /^:7: rating "x" is not a number/,
    ],
    [
      'columns.csv',
      `${HEADER}${GOOD}1,a\n\n1,a,3,4,5\n1,a,x,4\n`,
      /^:6: fewer columns than the 4 expected \(3 bad rows .* line 8, 9\)/,
    ],
    ['open-quote.csv', `${HEADER}${GOOD}1,"a,3,1\n1,b,3,1\n`, /^:6: a quote that is not closed/],
    ['spaces.csv', `${HEADER}${GOOD}   \n1,a,x,1\n`, /^:6: fewer columns .* line 7/],
    [
      'not-utf8.csv',
      Buffer.concat([Buffer.from(`${HEADER}1,ü,3,1\n`), Buffer.from('1,\xe9,3,1\n1,b,x,1\n', 'latin1')]),
      /^:4: rating "x"/,
    ],
    [
      'colons.dat',
      '1::a::3::978300760\n1::b::3::978300760\n1::b::x::978300761\n',
      /^:3: rating "x" is not a number/,
    ],
    [
      'bad.jsonl',
      '{"user":"1","item":"a","ts":1}\n\n{"user":"1","item":\n{"user":"1","ts":2}\n',
      /^:3: not a JSON object: .* line 4\)/,
    ],
    ['array.json', '[{"user":1,"item":2}]', /^:1: one JSON array; write JSON lines/],
    ['sequences.txt', 'u1 a b c\nu2\n\nu3 a b\n', /^:2: a user without items: "u2"/],
    ['hex.csv', `${HEADER}1,a,0x10,1\n1,b,3,2\n2,a,3,1\n`, /^:2: rating "0x10" is not a number/],
    ['huge.csv', `${HEADER}1,a,1e308,1\n1,b,3,2\n2,a,3,1\n`, /^:2: rating "1e308" is too large/],
    [
      'late.csv',
      `${HEADER}1,a,3,1\n1,b,3,1e300\n2,a,3,1\n`,
      /^:3: time "1e300" is beyond the year 9999 in seconds/,
    ],
    [
      'null.jsonl',
      `null\n${'{"user":"1","item":"a","ts":1}\n'.repeat(3)}`,
      /^:1: not a JSON object: "null" \(the only bad row\)/,
    ],
    [
      'cr.jsonl',
      '{"user":"1","item":"a","ts":1}\r'.repeat(3),
      /^:1: lines that end in CR alone, as old Macs wrote them; end them in LF/,
    ],
    [
      'joined.csv',
      'user,item\n1,a\n1,b\n\ufeff1,c\n2,a\n2,b\n',
      /^:4: a byte order mark in the middle of the file: two files were joined here/,
    ],
    [
      'long-header.csv',
      `user,item,${'x,'.repeat(200_000)}\n1,a\n`,
      /^:1: its first line is longer than 256 KB/,
    ],
    ['one-user.csv', 'user,item\n1,a\n1,b\n1,c\n', /^: only one user/],
    ['one-item.csv', 'user,item\n1,a\n2,a\n3,a\n', /^: only one item/],
    ['few.csv', 'user,item\n1,a\n2,b\n3,c\n', /^: too few interactions: no user has 3/],
    ['cut-header.csv.gz', zipped.subarray(0, 10), /^: the gzip file is cut short; fetch it again/],
    ['cut.csv.gz', zipped.subarray(0, zipped.length - 20), /^: the gzip file is cut short; fetch it again/],
    [
      'damaged.csv.gz',
      Buffer.concat([zipped.subarray(0, zipped.length - 8), Buffer.alloc(8)]),
      /^: the gzip file is damaged/,
    ],
    [
      'no-gzip.csv.gz',
      Buffer.from('\x1f\x8bgarbage', 'latin1'),
      /^: the gzip file is damaged \(unknown compression method\)/,
    ],
    ['empty.csv.gz', gzipSync(''), /^: the file is empty inside its gzip/],
    ['binary.csv', Buffer.alloc(500, 1), /^: neither text nor Parquet/],
    ['broken.parquet', Buffer.from('PAR1 and nothing more'), /^: not a readable Parquet file/],
    [
      'page.csv',
      '<!DOCTYPE html>\n<html><body>404, not found</body></html>\n',
      /^: a web page, and not data/,
    ],
    ['page.tsv', '\n<!-- cached -->\n<html lang="en">\n<p>a\tb</p>\n', /^: a web page, and not data/],
    ['commented.csv', `${'<!-- a -->\n'.repeat(40)}<html>`, /^: a web page, and not data/],
    // A comment could end in every later one, and a line in every empty one after it.
    ['comments.csv', '<!-- a -->\n'.repeat(40), /^: only one user/],
    ['apart.csv', '1\n\n\n'.repeat(40), /^:1: no column separator/],
    ['archive.csv', Buffer.from('PK\x03\x04....'), /^: a zip archive; unpack it/],
  ])('%s', async (name, content, message) => {
    expect(await failure(write(name, content))).toMatch(message);
  });

  const random = Array.from({ length: 12_000 }, (_, at) => `${at},${randomBytes(9).toString('base64')}\n`);
  it.each([
    ['at once', '', 12_000_000, 30e6],
    ['after some that do not', random.join(''), 25_000_000, 60e6],
  ])(
    'a gzip whose lines unpack to a thousand times their size %s is judged by its beginning',
    async (...given) => {
      const [, first, repeats, most] = given;
      const lines = `user,item\n${first}${'1,a\n'.repeat(repeats)}`;
      const path = write('bomb.csv.gz', gzipSync(lines));
      const before = process.memoryUsage().arrayBuffers;
      expect(await sniffFile(path, importOverridesSchema.parse({}))).toMatchObject({
        gzip: true,
        kind: 'delimited',
        columns: ['user', 'item'],
      });
      // The 48 MB, or 100, would still be held, uncollected.
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(most);
    },
  );

  it('a link that leads to itself', async () => {
    const path = join(home, 'loop.csv');
    symlinkSync(path, path);
    expect(await failure(path)).toMatch(
      /^: cannot be looked at \(ELOOP: too many symbolic links encountered\)/,
    );
  });

  it('a path that does not exist, and folders without data', async () => {
    expect(await failure(join(root, 'nowhere'))).toBe(': no such file or folder');
    const folder = join(root, 'nothing');
    mkdirSync(folder);
    expect(await failure(folder)).toMatch(/^: no data files in this folder/);
    writeFileSync(join(folder, 'README.txt'), 'ratings.csv was here');
    expect(await failure(folder)).toMatch(/^: no data files in this folder/);
  });

  it('a separator that does not occur, and a second file without users and items', async () => {
    const path = write('semicolons.csv', (HEADER + GOOD).replaceAll(',', ';'));
    expect(await failure(path, { separator: ',' })).toMatch(/^:1: only one column with the separator ","/);
    const prices = write('prices.csv', 'price,colour\n3,red\n');
    const both = importDataset({ paths: [path, prices] }, { home });
    await expect(both).rejects.toThrow(`${prices}:1: neither a user nor an item column`);
  });

  it('filters that leave nothing or need a missing column', async () => {
    const path = write('good.csv', HEADER + GOOD);
    expect(await failure(path, { minUser: 9 })).toMatch(/^: no interactions are left; loosen the filters/);
    const bare = write('bare.csv', 'user,item\n1,a\n1,b\n1,c\n2,a\n');
    const message = (options: object) =>
      importDataset({ paths: [bare], ...options }, { home }).catch((e: Error) => e.message);
    expect(await message({ minRating: 3 })).toMatch(/no rating column/);
    expect(await message({ from: '2020-01-01' })).toMatch(/no time column/);
    expect(await message({ from: 'some day' })).toMatch(/^import options: from: "some day" is not a date/);
    expect(await message({ ties: 'random', minUser: -1 })).toMatch(/^import options: .*minUser.*ties/);
  });

  it('bad rows are left out only when told to, and are counted', async () => {
    const path = write('skip.csv', `${HEADER}${GOOD}1,d,NaN,5\nx\n2,b,3,9\n`);
    const summary = await importDataset({ paths: [path], skipBadRows: true }, { home });
    expect(summary).toMatchObject({ badRows: 2, statistics: { users: 2, interactions: 5 } });
    expect(summary.badRowExamples?.map((text) => text.slice(path.length))).toEqual([
      ':6: rating "NaN" is not a number',
      ':7: fewer columns than the 4 expected',
    ]);
    rmSync(join(home, 'datasets'), { recursive: true });
  });
});

describe('nothing half-written', () => {
  it('times beyond the year 9999, names of several lines, and columns of one name', async () => {
    const rows = (time: string) =>
      [
        'user,item,rating,time',
        ...[1, 2, 3].map((item) => `1,${item},4,100000000${item}`),
        `2,1,4,${time}`,
        '2,3,4,1000000009',
      ].join('\n');
    for (const [time, problem] of [
      ['1e300', 'time "1e300" is beyond the year 9999 in seconds'],
      ['253402300800', 'beyond the year 9999'],
      ['-1e15', 'beyond the year 9999'],
      ['noon', 'time "noon" is not a number'],
    ]) {
      expect(await failure(write('late.csv', rows(time)))).toMatch(/^:5: /);
      expect(await failure(write('late.csv', rows(time)))).toContain(problem);
    }
    const path = write('fine.csv', rows('253402300799'));
    await expect(importDataset({ paths: [path], name: 'two\nlines' }, { home })).rejects.toThrow(
      'name: Use one line',
    );
    const twice = write(
      'twice.csv',
      'user,item,User,item_2,item\n1,2,x,8,9\n1,3,y,8,9\n1,4,y,8,9\n2,2,x,8,9\n',
    );
    const { columns } = await sniffFile(twice, parseImportInput(importOverridesSchema, {}));
    expect(columns).toEqual(['user', 'item', 'User_2', 'item_2', 'item_3']);
    const { users, items } = (await importDataset({ paths: [twice], name: 'twice' }, { home })).statistics;
    expect([users, items]).toEqual([2, 3]);
    rmSync(join(home, 'datasets'), { recursive: true });
  });

  it('a cancelled import leaves nothing', async () => {
    const folder = join(root, 'sample');
    writeSample(folder, { users: 3000 });
    for (const phase of ['read', 'filter', 'order', 'summarise']) {
      const abort = new AbortController();
      const running = importDataset(
        { paths: [folder] },
        { home, signal: abort.signal, onProgress: (progress) => progress.phase === phase && abort.abort() },
      );
      await expect(running).rejects.toBeInstanceOf(CancelledError);
      expect(readdirSync(join(home, 'datasets'))).toEqual([]);
    }
  });

  it('a file that changes while it is read becomes no data set', async () => {
    const changes: ((path: string) => void)[] = [
      (path) => appendFileSync(path, '2,b,3,5\n'),
      // Another one of the same size.
      (path) => writeFileSync(path, HEADER + GOOD.replace('2,a', '2,c')),
      (path) => rmSync(path),
    ];
    for (const phase of ['read', 'summarise'])
      for (const change of changes) {
        const path = write('changing.csv', HEADER + GOOD);
        let isChanged = false;
        const onProgress = (progress: { phase: string }) => {
          if (progress.phase !== phase || isChanged) return;
          isChanged = true;
          change(path);
        };
        const running = importDataset({ paths: [path] }, { home, onProgress });
        await expect(running, phase).rejects.toThrow(UserError);
        expect(readdirSync(join(home, 'datasets'))).toEqual([]);
      }
  });

  it('a killed import leaves no data set, and the next import clears its rests', async () => {
    const path = write(
      'big.csv',
      `user,item,rating,timestamp\n${'1,5,3,1\n2,6,3,2\n3,7,2,9\n'.repeat(700_000)}`,
    );
    const script = `import { importDataset } from '${join(import.meta.dirname, 'import.ts')}';
      await importDataset({ paths: ['${path}'] }, { home: '${home}' });`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: 'ignore',
    });
    const datasets = join(home, 'datasets');
    const rests = () => (existsSync(datasets) ? readdirSync(datasets) : []);
    while (rests().length === 0 && child.exitCode === null) await sleep(5);
    await sleep(50);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(rests()).toEqual([expect.stringMatching(/^\.importing-/)]);
    const summary = await importDataset({ paths: [write('small.csv', HEADER + GOOD)] }, { home });
    expect(rests()).toEqual([summary.id]);
    rmSync(datasets, { recursive: true });
  });

  const mountable = spawnSync('mount', ['--version']).status === 0 && process.getuid?.() === 0 && tryMount();

  it.skipIf(!mountable)('a full disk (skipped where tmpfs cannot be mounted)', async () => {
    const folder = join(root, 'sample');
    writeSample(folder, { users: 3000 });
    const full = join(root, 'full');
    mkdirSync(full);
    for (const size of ['8k', '64k', '256k']) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', full]);
      try {
        const failed = importDataset({ paths: [folder] }, { home: full });
        await expect(failed).rejects.toThrow(/datasets: the disk is full \(\d+ MiB left\); free some space/);
        expect(readdirSync(join(full, 'datasets'))).toEqual([]);
      } finally {
        execFileSync('umount', [full]);
      }
    }
  });

  it.skipIf(process.platform === 'win32')('files larger than the shell allows', () => {
    const limited = join(root, 'limited');
    writeSample(join(root, 'sample-limited'), { users: 3000 });
    const script = `
      import { importDataset } from ${JSON.stringify(join(import.meta.dirname, 'import.ts'))};
      const [paths, home] = [[${JSON.stringify(join(root, 'sample-limited'))}], ${JSON.stringify(limited)}];
      await importDataset({ paths }, { home }).catch((error) => console.error(error.name, error.message));`;
    const datasets = join(limited, 'datasets');
    for (const kib of [8, 64]) {
      expect(runLimited(script, kib).trim()).toBe(
        `UserError ${datasets}: this shell or the file system allows no file of this size; ` +
          'raise the limit (ulimit -f unlimited) or choose another disk, and import again',
      );
      expect(readdirSync(datasets)).toEqual([]);
    }
  });

  it('a data set whose files are gone or damaged says so', async () => {
    const summary = await importDataset({ paths: [write('gone.csv', HEADER + GOOD)] }, { home });
    const directory = join(home, 'datasets', summary.id);
    writeFileSync(join(directory, 'interactions.parquet'), 'not parquet');
    await expect(openInteractions(directory)).rejects.toThrow(/the data set is damaged/);
    rmSync(directory, { recursive: true });
    expect(() => readSummary(directory)).toThrow(/the data set's folder is missing; import it again/);
  });
});

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}
