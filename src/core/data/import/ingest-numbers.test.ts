import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { some } from '../../../../test/form.ts';
import { openInteractions, readItemIds, readUserIds } from '../read.ts';
import { importDataset } from './import.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tessera-numbers-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** More rows than the sniffer looks at, so that what follows comes as a surprise. */
const PLAIN_ROWS = 400;

interface Layout {
  header: string;
  row: (user: string, item: string, time: string) => string;
  lineEnd: string;
}

/** Files whose bytes are counted, and others of which the ids are measured. */
const layouts: Record<string, Layout> = {
  'every column used': {
    header: 'userId,movieId,rating,timestamp\n',
    row: (u, i, t) => `${u},${i},3.50,${t}`,
    lineEnd: '\n',
  },
  'without ratings': {
    header: 'user\titem\ttimestamp\n',
    row: (u, i, t) => `${u}\t${i}\t${t}`,
    lineEnd: '\n',
  },
  'a column more': {
    header: 'userId,movieId,rating,timestamp,note\n',
    row: (u, i, t) => `${u},${i},3.50,${t},n`,
    lineEnd: '\n',
  },
  'line ends of two bytes': {
    header: 'userId,movieId,timestamp\r\n',
    row: (u, i, t) => `${u},${i},${t}`,
    lineEnd: '\r\n',
  },
};

/** Ids that DuckDB reads as whole numbers, alone and in pairs whose lengths make up for each other. */
const ODD_IDS = [
  ['007'],
  ['5.0'],
  ['5.4'],
  ['1_0'],
  ['+5'],
  ['0x6000000'],
  ['0XFFFFFF'],
  ['1e2', '00100'],
  ['1E3', '007', '08', '09'],
];

describe.each(Object.entries(layouts))('whole numbers, %s', (name, { header, row, lineEnd }) => {
  async function roundTrip(extra: readonly [user: string, item: string, time: string][], ending = lineEnd) {
    const rows = Array.from({ length: PLAIN_ROWS }, (_, at) =>
      row(String(at % 20), String((at * 7) % 33), String(999_999_900 + at)),
    );
    const text = header + [...rows, ...extra.map((values) => row(...values))].join(lineEnd) + ending;
    const path = join(home, `${name}.csv`);
    writeFileSync(path, text);
    const { id } = await importDataset({ paths: [path] }, { home });
    const directory = join(home, 'datasets', id);
    const [users, items] = [await readUserIds(directory), await readItemIds(directory)];
    const { offsets, itemIds, times } = await openInteractions(directory);
    return extra.map(([user]) => {
      const last = offsets[users.indexOf(user) + 1] - 1;
      return [user, items[itemIds[last]], String(times?.[last])];
    });
  }

  it.each(['', lineEnd])('plain ones, times of nine and ten digits, "%j" at the end', async (ending) => {
    const extra: [string, string, string][] = [
      ['21', '40', '1000000500'],
      ['22', '0', '4294967295'],
    ];
    expect(await roundTrip(extra, ending)).toEqual(extra);
  });

  it.each(some(ODD_IDS, 3))('keeps ids as they are written: %s', async (...ids) => {
    const extra = ids.map((id, at): [string, string, string] => [
      id,
      ids[ids.length - 1 - at],
      `100000050${at}`,
    ]);
    expect(await roundTrip(extra)).toEqual(extra);
  });

  it('keeps times that are no whole seconds of 32 bits', async () => {
    const extra: [string, string, string][] = [
      ['21', '40', '1000000500.25'],
      ['22', '40', '4294967296'],
      ['23', '1', '-5'],
    ];
    expect(await roundTrip(extra)).toEqual(extra);
  });
});
