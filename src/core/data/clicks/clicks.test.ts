import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readTexts } from '../columns.ts';
import { Duck, literal, pathLiteral, withDuck } from '../duck.ts';
import { importDataset } from '../import/import.ts';
import { previewImport } from '../import/preview.ts';
import type { ImportRequestInput } from '../import/request.ts';
import { openInteractions } from '../read.ts';
import { type ClickDataOptions, openClickData } from './open.ts';
import { openClicks } from './read.ts';
import { TEST, TRAIN, UNUSED, VALID } from './split.ts';
import type { ClickTable } from './types.ts';

const SHARED = join(import.meta.dirname, '../../../../../shared/data/ctr');
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tessera-clicks-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, lines: readonly string[]): string {
  const path = join(home, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function imported(path: string, options: Partial<ImportRequestInput> = {}) {
  const summary = await importDataset({ paths: [path], ...options }, { home });
  return { summary, directory: join(home, 'datasets', summary.id) };
}

/** The values of a coded column in the order of their codes, from code 1 on. */
function vocabulary(directory: string, column: string): Promise<string[]> {
  const file = pathLiteral(join(directory, 'vocabulary.parquet'));
  return withDuck((duck) =>
    readTexts(duck, `SELECT value FROM ${file} WHERE "column" = ${literal(column)} ORDER BY code`),
  );
}

const options: ClickDataOptions = {
  labels: 'auto',
  minRating: 4,
  actions: 'click',
  negatives: 2,
  historyLength: 3,
  features: 'all',
  split: 'random',
  validShare: 0.1,
  testShare: 0.2,
  hiddenItems: 0,
  splitSeed: 1,
};

function codes(table: ClickTable, name: string): number[][] {
  const feature = table.features.find((known) => known.name === name);
  if (!feature) throw new Error(`no feature ${name}`);
  return Array.from({ length: table.rows }, (_, row) => {
    const target = new Int32Array(feature.width);
    return [...target.subarray(0, feature.read(row, target, 0))];
  });
}

const ADVERTS = [
  'id,bought,price,colour,tags,user_id,product_id,when',
  '1,0,2.5,red,a|b,u1,p1,2020-01-01',
  '2,1,,blue,b,u2,p2,2020-01-02',
  '3,0,-1,red,,u1,p2,2020-01-03',
  '4,true,7,,c|a|c,u3,p1,2020-01-04',
];

describe('import of click logs', () => {
  it('codes values in the order they are seen, and keeps missing ones apart', async () => {
    const path = write('adverts.csv', ADVERTS);
    const { summary, directory } = await imported(path, {
      map: { label: 'bought', time: 'when', multi: 'tags', dense: 'price' },
    });
    expect(summary.clicks?.tasks).toEqual(['bought']);
    expect(summary.clicks?.positives).toEqual([2]);
    const table = await openClicks(directory);
    expect(Array.from(table.labels[0])).toEqual([0, 1, 0, 1]);
    expect([0, 1, 2, 3].map(table.dense[0].value)).toEqual([2.5, Number.NaN, -1, 7]);
    expect(codes(table, 'colour')).toEqual([[1], [2], [1], [0]]);
    expect(codes(table, 'tags')).toEqual([[1, 2], [2], [], [3, 1, 3]]);
    expect(await vocabulary(directory, 'tags')).toEqual(['a', 'b', 'c']);
    expect(Array.from(table.users ?? [])).toEqual([0, 1, 0, 2]);
    expect(Array.from(table.items ?? [])).toEqual([0, 1, 1, 0]);
    expect(table.times?.[1]).toBe(Date.parse('2020-01-02') / 1000);
    await expect(openInteractions(directory)).rejects.toThrow(/is a click log, which ranking models/);
  });

  it('takes roles of many columns by name and pattern, and shows them beforehand', async () => {
    const path = write('many.csv', ['label,x1,x2,c1,c2', '0,1,2,3,4', '1,2,3,4,5', '1,3,4,5,6']);
    const { kind, files, problem } = await previewImport([path], {
      map: { dense: 'x*+c1', ignore: 'c2' },
    });
    expect({ kind, problem }).toEqual({ kind: 'clicks', problem: null });
    expect(files[0].clicks).toEqual({ label: 'label', x1: 'dense', x2: 'dense', c1: 'dense', c2: 'ignore' });
    const exact = await previewImport([path], { map: { dense: 'x1', categorical: 'x*' } });
    expect(exact.files[0].clicks).toMatchObject({ x1: 'dense', x2: 'categorical' });
    const asked = await previewImport([path], { map: { dense: 'nothing' } }).catch(String);
    expect(asked).toMatch(/many\.csv:1: no column "nothing" for the role dense; its columns are label, x1/);
  });

  it("recognises Criteo's file without column names", async () => {
    const row = (label: number, at: number) =>
      [label, ...Array(13).fill(at), ...Array(26).fill(`0000000${at}`)].join('\t');
    const path = write('train.txt', [row(0, 1), row(1, 2), row(0, 3).replace('\t3', '\t')]);
    const { summary } = await imported(path);
    const roles = summary.clicks?.columns.map(({ name, role }) => `${name} ${role}`) ?? [];
    expect(roles).toContain('I13 dense');
    expect(roles).toContain('C26 categorical');
    expect(summary.clicks?.columns.find(({ name }) => name === 'I1')?.missing).toBe(1);
  });

  it.each([
    [
      'labels.csv',
      ['label,x', '0,a', '2,b', '1,c'],
      /labels\.csv:3: label label "2" is neither 0 nor 1/,
      'label',
    ],
    [
      'same.csv',
      ['click,x', '1,a', '1,b', '1,a'],
      /the label click is 1 in every row, so there is nothing/,
      '',
    ],
    ['number.csv', ['click,x', '1,1.5', '0,many', '0,2'], /number\.csv:3: x "many" is not a number/, 'dense'],
    ['nothing.csv', ['a,b', '1,2', '0,3'], /no label column among a, b; name it with --map label=COLUMN/, ''],
    ['alone.csv', ['click', '1', '0'], /no column/, ''],
  ])('refuses %s in one line and leaves nothing', async (name, lines, message, role) => {
    const before = readdirSync(join(home, 'datasets')).length;
    const column = role === 'label' ? 'label' : 'x';
    const map = role === '' ? {} : { [role]: column };
    const failure = imported(write(name, lines), { kind: 'clicks', map });
    await expect(failure).rejects.toThrow(message);
    expect(readdirSync(join(home, 'datasets')).length).toBe(before);
  });

  it('skips bad rows when asked, leaves empty columns out and says so', async () => {
    const path = write('empty.csv', ['label,x,y', '0,a,', 'maybe,b,', '1,c,']);
    const { summary } = await imported(path, { skipBadRows: true, map: { label: 'label' } });
    expect(summary.badRows).toBe(1);
    expect(summary.badRowExamples?.[0]).toMatch(/empty\.csv:3: label label "maybe"/);
    expect(summary.clicks).toMatchObject({ rows: 2, leftOut: ['y: no row has a value'] });
  });

  it('names what is wrong with a value as an import of interactions does', async () => {
    const good = ['0,1e9,a,1.5', '1,1e9,b,2'];
    const lines = ['label,time,x,n', ...good, '1,1e30,b,2.5', '1,soon,c,3', '0,2e9,d,0x10'];
    const map = { label: 'label', time: 'time', dense: 'n' };
    const path = write('odd.csv', lines);
    const { summary } = await imported(path, { skipBadRows: true, kind: 'clicks', map });
    expect(summary.badRowExamples).toEqual([
      `${path}:4: time "1e30" is beyond the year 9999 in seconds`,
      `${path}:5: time "soon" is not a number`,
      `${path}:6: n "0x10" is not a number`,
    ]);
  });

  it('takes a column with 10⁶ different values, a bad row among them', async () => {
    const lines = Array.from({ length: 1_000_000 }, (_, at) => `${at & 1},v${at}`);
    lines.splice(500_000, 0, 'perhaps,v3');
    const path = write('million.csv', ['label,x', ...lines]);
    const { summary, directory } = await imported(path, { skipBadRows: true, map: { label: 'label' } });
    expect(summary.clicks?.columns[1]).toMatchObject({ role: 'categorical', distinct: 1_000_000 });
    const { features, labels } = await openClicks(directory);
    const codes = new Int32Array(1_000_000);
    for (let row = 0; row < codes.length; row++) features[0].read(row, codes, row);
    expect(codes.every((code, row) => code === row + 1 && labels[0][row] === (row & 1))).toBe(true);
  });
});

describe('rows of ranking models', () => {
  it('samples negatives that the user has not used so far, with the features of the drawn item', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, at) => `u${at % 7},i${at % 5},${at % 5 < 2 ? 'paid' : 'free'},${at % 3}`,
    );
    const { directory } = await imported(write('apps.csv', ['user,item,cost,day', ...rows]), {
      kind: 'clicks',
    });
    // Seven users and five items meet in all 35 ways, so nothing can be drawn.
    await expect(openClickData(directory, options)).rejects.toThrow(/a user has every item/);
    const fewer = rows.filter((_, at) => (at % 7) % 5 !== at % 5);
    const { directory: other } = await imported(write('fewer.csv', ['user,item,cost,day', ...fewer]), {
      kind: 'clicks',
    });
    const drawn = await openClickData(other, options);
    const { users, items } = drawn.table;
    if (!users || !items) throw new Error('no ids');
    expect(drawn.table.rows).toBe(3 * fewer.length);
    const used = new Map<string, number>();
    for (let row = 0; row < drawn.table.rows; row += 3) {
      const pair = `${users[row]} ${items[row]}`;
      used.set(pair, Math.min(used.get(pair) ?? UNUSED, drawn.parts[row]));
    }
    const cost = codes(drawn.table, 'cost');
    const day = codes(drawn.table, 'day');
    const costOf = new Map<number, number>();
    for (let row = 0; row < drawn.table.rows; row += 3) costOf.set(items[row], cost[row][0]);
    for (let row = 0; row < drawn.table.rows; row++) {
      expect(drawn.table.labels[0][row]).toBe(row % 3 === 0 ? 1 : 0);
      if (row % 3 !== 0) {
        expect(used.get(`${users[row]} ${items[row]}`) ?? UNUSED).toBeGreaterThan(drawn.parts[row]);
      }
      expect(cost[row][0]).toBe(costOf.get(items[row]));
      expect(day[row]).toEqual(day[row - (row % 3)]);
      expect(drawn.parts[row]).toBe(drawn.parts[row - (row % 3)]);
    }
  });

  it('tells ratings and times apart that the fingerprint of the sequences does not', async () => {
    const log = (rating: number, second: number) =>
      Array.from(
        { length: 40 },
        (_, at) => `u${at % 4},i${(at * 7) % 11},${rating * (1 + (at % 5))},${1000 + second * at}`,
      );
    const opened = async (name: string, lines: string[], changes: Partial<ClickDataOptions>) => {
      const { summary, directory } = await imported(write(name, ['user,item,rating,timestamp', ...lines]));
      return { summary, ...(await openClickData(directory, { ...options, ...changes })) };
    };
    const plain = await opened('plain.csv', log(1, 1), { split: 'last' });
    const rescaled = await opened('rescaled.csv', log(2, 1), { split: 'last' });
    const slower = await opened('slower.csv', log(1, 9), { split: 'time' });
    expect(rescaled.summary.fingerprint).toBe(plain.summary.fingerprint);
    expect(plain.hashes).toEqual({ ratings: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(rescaled.hashes).not.toEqual(plain.hashes);
    expect(slower.hashes).toEqual({ ...plain.hashes, times: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect((await opened('sampled.csv', log(1, 1), { labels: 'sampled', split: 'random' })).hashes).toEqual(
      {},
    );
  });

  it('draws held-out items as often as others in training, hidden ones never', async () => {
    const lines = Array.from({ length: 120 }, (_, at) => {
      const [user, step] = [at % 10, Math.floor(at / 10)];
      return `u${user},i${(user * 7 + step * 5) % 24},${1000 + at}`;
    });
    const { directory } = await imported(write('shops.csv', ['user,item,timestamp', ...lines]));
    const sampled = { ...options, labels: 'sampled', negatives: 40 } as const;
    const { table, parts } = await openClickData(directory, { ...sampled, split: 'last' });
    const { users, items, groupSize } = table;
    if (!users || !items) throw new Error('no ids');
    const rowsOf = (part: number, positive: boolean) =>
      [...users.keys()].filter((row) => parts[row] === part && (row % groupSize === 0) === positive);
    const negatives = rowsOf(TRAIN, false);
    const tested = new Map(rowsOf(TEST, true).map((row) => [users[row], items[row]]));
    expect(tested.size).toBe(10);
    const drawn = negatives.filter((row) => tested.get(users[row]) === items[row]).length;
    // Each user trains on 10 of the 24 items: of the other 14, one is tested.
    expect(drawn / negatives.length).toBeCloseTo(1 / 14, 1.7);
    const own = Map.groupBy(
      [...rowsOf(TRAIN, true), ...rowsOf(VALID, true), ...rowsOf(TEST, true)].map((row) => [
        users[row],
        items[row],
      ]),
      ([user]) => user,
    );
    const had = (row: number) => own.get(users[row])?.some(([, item]) => item === items[row]);
    expect(rowsOf(TEST, false).some(had)).toBe(false);
    const hiding = await openClickData(directory, { ...sampled, split: 'last', hiddenItems: 0.2 });
    const visible = new Set([...(hiding.table.items ?? [])].filter((_, row) => hiding.parts[row] === TRAIN));
    const hidden = new Set(
      [...(hiding.table.items ?? [])].filter(
        (_, row) => hiding.parts[row] === UNUSED && row % groupSize === 0,
      ),
    );
    expect(hidden.size).toBeGreaterThan(0);
    expect([...hidden].some((item) => visible.has(item))).toBe(false);
  });

  it('makes clicks of ratings, with histories of earlier training rows only', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, at) => `u${at % 4},i${(at * 7) % 11},${1 + (at % 5)},${1000 + at}`,
    );
    const { directory } = await imported(write('ratings.csv', ['user,item,rating,timestamp', ...lines]));
    for (const split of ['random', 'time'] as const) {
      const { table, parts } = await openClickData(directory, { ...options, split, hiddenItems: 0.2 });
      const [history, marks] = [codes(table, 'history'), codes(table, 'history-labels')];
      for (let row = 0; row < table.rows; row++) {
        const earlier = Array.from({ length: row }, (_, at) => at).filter(
          (at) => table.users?.[at] === table.users?.[row] && parts[at] === TRAIN,
        );
        const recent = earlier.slice(-options.historyLength);
        expect(history[row]).toEqual(recent.map((at) => (table.items?.[at] ?? -9) + 1));
        expect(marks[row]).toEqual(recent.map((at) => table.labels[0][at] + 1));
      }
      const time = (part: number) => [...(table.times ?? [])].filter((_, row) => parts[row] === part);
      if (split === 'time') {
        expect(Math.max(...time(TRAIN))).toBeLessThan(Math.min(...time(VALID)));
        expect(Math.max(...time(VALID))).toBeLessThan(Math.min(...time(TEST)));
      }
      const hidden = new Set([...(table.items ?? [])].filter((_, row) => parts[row] === UNUSED));
      expect(hidden.size).toBeGreaterThan(0);
      for (let row = 0; row < table.rows; row++) {
        if (parts[row] !== TEST && parts[row] !== UNUSED)
          expect(hidden.has(table.items?.[row] ?? -1)).toBe(false);
      }
    }
    await expect(openClickData(directory, { ...options, minRating: 9 })).rejects.toThrow(
      /makes every label 0/,
    );
    await expect(openClickData(directory, { ...options, labels: 'actions' })).rejects.toThrow(/no actions/);
    await expect(openClickData(directory, { ...options, features: 'user,size' })).rejects.toThrow(
      /there is no column "size"; they are user, item/,
    );
  });

  it('holds the last two rows of each user out, with the validation row in the history of the test row', async () => {
    // Written against time, so that the order must come from the times; the last user has two rows.
    const lines = Array.from({ length: 41 }, (_, at) => {
      const user = at < 39 ? at % 3 : 3;
      return `u${user},i${(at * 7) % 23},${1 + (at % 5)},${2000 - at}`;
    });
    const { directory } = await imported(write('last.csv', ['user,item,rating,timestamp', ...lines]));
    for (const labels of ['rating', 'sampled'] as const) {
      const { table, parts } = await openClickData(directory, { ...options, labels, split: 'last' });
      const { users, times, groupSize } = table;
      if (!users || !times) throw new Error('no users or times');
      const history = codes(table, 'history');
      for (const user of new Set(users)) {
        const own = Array.from({ length: table.rows / groupSize }, (_, group) => group * groupSize)
          .filter((row) => users[row] === user)
          .sort((a, b) => times[a] - times[b]);
        const held = own.length < 3 ? [] : [VALID, TEST];
        expect(own.map((row) => parts[row])).toEqual([
          ...Array.from({ length: own.length - held.length }, () => TRAIN),
          ...held,
        ]);
        for (const row of own) {
          expect([...parts.subarray(row, row + groupSize)]).toEqual(new Array(groupSize).fill(parts[row]));
        }
        own.forEach((row, at) => {
          const recent = own.slice(Math.max(0, at - options.historyLength), at);
          expect(history[row]).toEqual(recent.map((before) => (table.items?.[before] ?? -9) + 1));
        });
      }
    }
    const anonymous = await imported(write('anonymous.csv', ['label,x', '0,1', '1,2', '0,3']), {
      map: { dense: 'x' },
    });
    await expect(openClickData(anonymous.directory, { ...options, split: 'last' })).rejects.toThrow(
      /has no user column for split=last/,
    );
  });

  it("splits by Criteo's days", async () => {
    const lines = Array.from({ length: 28 }, (_, at) => `${at & 1},${at}`);
    const { directory } = await imported(write('days.csv', ['label,x', ...lines]), { map: { dense: 'x' } });
    const { parts } = await openClickData(directory, { ...options, split: 'day-parts' });
    expect([...parts].join('')).toBe(`${`${TRAIN}`.repeat(24)}${`${TEST}`.repeat(2)}${`${VALID}`.repeat(2)}`);
    await expect(openClickData(directory, { ...options, split: 'time' })).rejects.toThrow(/has no times/);
  });
});

describe.skipIf(!existsSync(SHARED))('public samples (skipped where ../shared/data is absent)', () => {
  it('puts every column of Criteo, Avazu and frappe in its role', async () => {
    const rolesOf = async (name: string, kind: 'auto' | 'clicks' = 'auto') => {
      const { files } = await previewImport([join(SHARED, name)], { kind });
      const counts: Record<string, string[]> = {};
      for (const [column, role] of Object.entries(files[0].clicks ?? {})) {
        counts[role] = [...(counts[role] ?? []), column];
      }
      return counts;
    };
    const criteo = await rolesOf('criteo_sample.csv');
    expect(criteo.label).toEqual(['label']);
    expect(criteo.dense).toEqual(Array.from({ length: 13 }, (_, at) => `I${at + 1}`));
    expect(criteo.categorical).toEqual(Array.from({ length: 26 }, (_, at) => `C${at + 1}`));
    const avazu = await rolesOf('avazu_sample.csv');
    expect([avazu.label, avazu.time, avazu.ignore, avazu.dense]).toEqual([
      ['click'],
      ['hour'],
      ['id'],
      undefined,
    ]);
    expect(avazu.categorical).toHaveLength(21);
    const frappe = await rolesOf('frappe.csv', 'clicks');
    expect([frappe.user, frappe.item, frappe.ignore]).toEqual([['user'], ['item'], ['cnt']]);
    expect(frappe.categorical).toHaveLength(8);
  });
});

it('a wide log takes few statements a column, and one line where it is too wide', async () => {
  const columns = (count: number) => Array.from({ length: count }, (_, at) => `f${at}`);
  const log = (name: string, count: number) =>
    write(name, [
      ['label', 'user', 'item', ...columns(count)].join(','),
      ...Array.from({ length: 60 }, (_, row) =>
        [
          row % 2,
          `u${row % 9}`,
          `i${row % 7}`,
          ...columns(count).map((_, at) => (at % 2 ? (row * at) % 5 : `c${row % 4}`)),
        ].join(','),
      ),
    ]);
  const run = vi.spyOn(Duck.prototype, 'run');
  const { summary } = await imported(log('wide.csv', 400));
  const statements = run.mock.calls.length;
  run.mockRestore();
  expect(summary.clicks?.columns).toHaveLength(403);
  // Coded columns have a type of their values and are read for the fingerprint; nothing else is asked column by column.
  const coded = summary.clicks?.columns.filter(({ distinct }) => distinct !== undefined) ?? [];
  expect(statements).toBeLessThan(2 * coded.length + 60);
  await expect(imported(log('wider.csv', 2000))).rejects.toThrow(
    /wider\.csv:1: 2003 columns; a click log may have 2000; leave some out with --map ignore=/,
  );
});
