import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { importIds } from './import-ids.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-import-ids-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const catalogue = ['1', '2', '3', 'x "y"'];
const plain = { codebookSize: 0, dropLast: false, itemsFile: '' };

function read(text: string, options = plain) {
  const path = join(folder, 'ids.json');
  writeFileSync(path, text);
  return importIds(path, catalogue, options);
}

describe('imported Semantic IDs', () => {
  test('go to the items they name, in any order, as numbers or as tokens', async () => {
    const ids = await read('{"3": [5, 0], "x \\"y\\"": ["<a_1>", "<b_12>"], "1": [0, 3]}');
    expect(ids).toEqual({
      codebookSizes: [6, 13],
      codes: Int32Array.from([0, 3, -1, -1, 5, 0, 1, 12]),
      missing: 1,
      lastCounts: false,
    });
    expect((await read('{"1": [0, 3]}', { ...plain, codebookSize: 256 })).codebookSizes).toEqual([256, 256]);
    const exported =
      '{"1": {"title": "A \\"1\\": {", "codes": [0, 3]}, "2": {"title": null, "codes": [1, 1]}}';
    expect([...(await read(exported)).codes.slice(0, 4)]).toEqual([0, 3, 1, 1]);
  });

  test('lose a last code that only counts collisions where that is asked, and it is noticed', async () => {
    const text = '{"1": [4, 1, 0], "2": [4, 1, 1], "3": [2, 1, 0]}';
    expect(await read(text)).toMatchObject({ codebookSizes: [5, 2, 2], lastCounts: true });
    expect(await read(text, { ...plain, dropLast: true })).toMatchObject({
      codebookSizes: [5, 2],
      codes: Int32Array.from([4, 1, 4, 1, 2, 1, -1, -1]),
      lastCounts: false,
    });
  });

  test('that are wrong are refused with the count of everything that is', async () => {
    const text =
      '{"1": [1, 2], "1": [3, 4], "2": [1, 2, 3], "7": [9, 9], "8": [9, 9], "3": [1.5, -1], "x \\"y\\"": [300, 1]}';
    await expect(read(text, { ...plain, codebookSize: 256 })).rejects.toThrow(
      new RegExp(
        [
          '1 item named twice \\("1"\\)',
          '2 items that the data set does not have \\("7", "8"\\)',
          '1 ID without the 2 codes that most have \\("2": 3\\)',
          '3 codes outside the whole numbers from 0 to 255 \\("3": 1\\.5, "3": -1, .*300\\)',
          'nothing was imported',
        ].join('; '),
      ),
    );
    await expect(read('{"1": {"a": 1}}')).rejects.toThrow(/not Semantic IDs: expected a JSON object such as/);
    await expect(read('{"1": [1, 2')).rejects.toThrow(/cannot be read as JSON/);
    // What the parser quotes of the file is on one line.
    await expect(read('{"1": [\n1,\n\ufeff\n]}')).rejects.toThrow(/^[^\n]*cannot be read as JSON[^\n]*$/);
    await expect(read('{}')).rejects.toThrow(/no item in it/);
    await expect(importIds(join(folder, 'gone.json'), catalogue, plain)).rejects.toThrow(
      /gone\.json: cannot be read/,
    );
  });
});

const beauty = join(
  process.env.TESSERA_DATA ?? join(import.meta.dirname, '../../../../shared/data'),
  'amazon-beauty',
);

describe.skipIf(!existsSync(beauty))(
  'published IDs of Amazon Beauty (set TESSERA_DATA where not found)',
  () => {
    const items = Array.from({ length: 12_101 }, (_, at) => String(at + 1));
    test.each([
      ['letter', 0],
      ['rqvae', 13],
      ['rqkmeans', 13],
    ])('%s has four levels of 256 codes; %i items have none', async (name, missing) => {
      const ids = await importIds(join(beauty, `semantic-ids-${name}.json`), items, plain);
      expect(ids).toMatchObject({ codebookSizes: [256, 256, 256, 256], missing, lastCounts: false });
    });
  },
);
