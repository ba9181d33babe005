import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, test } from 'vitest';
import { npyFile } from '../../../test/fixtures/npy-file.ts';
import { Duck, pathLiteral } from '../data/duck.ts';
import { holdsIds, readIdFile } from './id-files.ts';
import { matchIds } from './import-ids.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-id-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const items = ['b07', 'b12', 'c 3', 'd'];
const codes = [
  [183, 70, 0],
  [183, 70, 1],
  [5, 255, 0],
  [0, 12, 0],
];
const tokens = codes.map((own) => own.map((code, level) => `<${'abc'[level]}_${code}>`));
const flat = (rows: number[][]) => BigInt64Array.from(rows.flat(), BigInt);
const turned = codes[0].map((_, level) => codes.map((own) => own[level]));
const byLine = file('items.txt', `${items.join('\n')}\n`);
const itemToNumber = file(
  'club.item2id',
  items
    .map((item, at) => `${item}\t${at}\n`)
    .toReversed()
    .join(''),
);

async function parquet(name: string, column: string): Promise<string> {
  const path = join(folder, name);
  const duck = await Duck.open();
  await duck.run(
    `COPY (SELECT item_id, title, ${column} FROM read_csv(${pathLiteral(numbered)})) TO '${path}' (FORMAT parquet)`,
  );
  duck.close();
  return path;
}

const numbered = file(
  'numbered.csv',
  `item_id,title,code_1,code_2,code_3\n${items.map((item, at) => `${item},"A 1, of ${at}",${codes[at]}`).join('\n')}\nwithout,"No ID",,,\n`,
);
const one = (texts: string[]) => items.map((item, at) => `${item}\t${texts[at]}\n`).join('');

describe('the same IDs are read from', () => {
  test.each<[layout: string, path: string, itemsFile: string]>([
    [
      'JSON by item',
      file('ids.json', JSON.stringify(Object.fromEntries(items.map((item, at) => [item, codes[at]])))),
      '',
    ],
    [
      'JSON tokens by number (LETTER, MiniOneRec) and .item2id',
      file('club.index.json', JSON.stringify({ ...tokens })),
      itemToNumber,
    ],
    ['JSON rows and items by line', file('rows.json', JSON.stringify(codes)), byLine],
    [
      'JSON entries',
      file('entries.json', JSON.stringify(items.map((item, at) => ({ item, codes: tokens[at] })))),
      '',
    ],
    ['an array [items, levels]', file('ids.npy', npyFile('<i8', [4, 3], flat(codes))), byLine],
    ['an array [levels, items] (GRID)', file('turned.npy', npyFile('<i8', [3, 4], flat(turned))), byLine],
    [
      'arrays of codes and numbers of items',
      file(
        'ids.npz',
        zipSync({
          'codes.npy': npyFile('<i4', [4, 3], Int32Array.from(codes.flat())),
          'x.npy': npyFile('<f4', [2, 2], new Float32Array(4)),
        }),
      ),
      byLine,
    ],
    ['numbered columns beside a title', numbered, ''],
    [
      'a column of tokens in one text',
      file('text.tsv', `item\tsemantic_id\n${one(tokens.map((own) => own.join('')))}`),
      '',
    ],
    [
      'a column of lists as text',
      file('list.tsv', `item\tcodes\n${one(codes.map((own) => `[${own.join(', ')}]`))}`),
      '',
    ],
  ])('%s', async (_, path, itemsFile) => {
    const { entries } = await readIdFile(path, itemsFile);
    expect(entries.map(([id]) => id)).toEqual(items);
    expect(entries.map(([, own]) => own.map((code) => Number(/\d+/.exec(String(code))?.[0])))).toEqual(codes);
  });

  test('Parquet, with lists of numbers or of tokens', async () => {
    for (const [name, column] of [
      ['numbers', '[code_1, code_2, code_3] AS sids'],
      ['tokens', "['<a1_' || code_1 || '>', '<b_' || code_2 || '>', '<c_' || code_3 || '>'] AS sids"],
    ]) {
      const { entries } = await readIdFile(await parquet(`${name}.parquet`, column), '');
      expect(entries, name).toEqual(items.map((item, at) => [item, codes[at]]));
    }
  });
});

describe('before an import', () => {
  const options = { codebookSize: 0, dropLast: false, itemsFile: '' };

  test('it is counted what matches, what shares an ID, and what is wrong', async () => {
    const catalogue = ['b07', 'b12', 'c 3', 'other'];
    expect(await matchIds(numbered, catalogue, options)).toEqual({
      named: 4,
      matched: 3,
      catalogue: 4,
      levels: 3,
      codebookSizes: [184, 256, 2],
      sharing: 0,
      lastCounts: true,
      problems: ['1 item that the data set does not have ("d")'],
    });
    expect(await matchIds(numbered, items, { ...options, dropLast: true })).toMatchObject({
      levels: 2,
      sharing: 2,
      problems: [],
    });
    const twice = file('twice.csv', 'item,code_1\nb07,1\nb07,2\nd,3\n');
    expect((await matchIds(twice, items, options)).problems).toEqual(['1 item named twice ("b07")']);
  });

  test('files that do not say what a row is of are refused', async () => {
    const array = join(folder, 'ids.npy');
    await expect(readIdFile(array, '')).rejects.toThrow(
      /4 rows of codes without items; name .* with itemsFile/,
    );
    const short = file('short.txt', 'b07\nb12\n');
    await expect(readIdFile(array, short)).rejects.toThrow(/4 rows of codes for 2 items/);
    await expect(readIdFile(join(folder, 'club.index.json'), short)).rejects.toThrow(
      /no item for 2 keys of the Semantic IDs \(2, 3\); it has 2 items/,
    );
  });

  test('a dropped file is taken for Semantic IDs by its form', () => {
    const rows = file('rows-of-data.json', '[{"user": 1, "item": 2, "rating": 3}]');
    const lines = file('lines.json', '{"user": 1}\n{"user": 2}\n');
    expect(
      ['ids.json', 'club.index.json', 'rows.json', 'entries.json', 'ids.npy'].map((name) =>
        holdsIds(join(folder, name)),
      ),
    ).toEqual(Array(5).fill(true));
    expect([rows, lines, numbered, join(folder, 'gone.json')].map(holdsIds)).toEqual(Array(4).fill(false));
  });
});
