import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { npyFile } from '../../../test/fixtures/npy-file.ts';
import { Duck, literal } from '../data/duck.ts';
import { readIdLines, readRowFile, VECTORS } from './vector-files.ts';
import { alignVectors, sideBySide } from './vectors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const three = [1, -2, 0.5, 4, 8, -0.25];

describe('vectors of other programs', () => {
  test.each([
    ['<f4', Float32Array.from(three)],
    ['<f8', Float64Array.from(three)],
    ['<f2', Uint16Array.from([0x3c00, 0xc000, 0x3800, 0x4400, 0x4800, 0xb400])],
  ])('are read from .npy of %s', async (descr, array) => {
    const path = file('a.npy', npyFile(descr, [3, 2], array));
    expect(await readRowFile(path, VECTORS)).toEqual({ ids: null, data: Float32Array.from(three), dim: 2 });
  });

  test('are read from .npz with ids as numbers or as text', async () => {
    const vectors = npyFile('<f4', [3, 2], Float32Array.from(three));
    const numbers = npyFile('<i8', [3], BigInt64Array.from([7n, 8n, 900n]));
    const text = npyFile('<U2', [3], Uint32Array.from([97, 98, 99, 0, 0x1f600, 0]));
    const [byNumber, byText] = [numbers, text].map((ids, at) =>
      file(`${at}.npz`, zipSync({ 'embeddings.npy': vectors, 'ids.npy': ids })),
    );
    expect(await readRowFile(byNumber, VECTORS)).toMatchObject({ ids: ['7', '8', '900'], dim: 2 });
    expect(await readRowFile(byText, VECTORS)).toMatchObject({
      ids: ['ab', 'c', '😀'],
      data: Float32Array.from(three),
    });
  });

  test('of an archive that would unpack to more than the memory are refused before any is unpacked', async () => {
    const vectors = npyFile('<f4', [3, 2], Float32Array.from(three));
    const archive = zipSync(
      Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`${at}.npy`, vectors])),
    );
    const view = new DataView(archive.buffer, archive.byteOffset);
    for (let at = 0; at + 28 < archive.length; at++) {
      // The size in an entry of the central directory.
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 2 ** 32 - 2, true);
    }
    await expect(readRowFile(file('bomb.npz', archive), VECTORS)).rejects.toThrow(
      /bomb\.npz: its arrays unpack to 160\.0 GiB, and [\d.]+ GiB are free; write the one that is needed as \.npy$/,
    );
  });

  test('of a Parquet file that would unpack to more than the memory are refused by its footer', async () => {
    const path = join(folder, 'bomb.parquet');
    const duck = await Duck.open();
    await duck.run(
      `COPY (SELECT range AS item, list_resize([0], 200, 0) AS embedding FROM range(50_000))
       TO ${literal(path)} (FORMAT parquet)`,
    );
    duck.close();
    const free = vi.spyOn(process, 'availableMemory').mockReturnValue(2 ** 29);
    await expect(readRowFile(path, VECTORS)).rejects.toThrow(
      /bomb\.parquet: its 10,050,000 values unpack to 0\.1 GiB, and 0\.0 GiB are free; write a file of the vectors and their items alone$/,
    );
    free.mockRestore();
  });

  test('are read from safetensors of any type', async () => {
    const half = Uint16Array.from([0x3f80, 0xc000, 0x3f00, 0x4080, 0x4100, 0xbe80]);
    const ids = BigInt64Array.from([1n, 2n, 3n]);
    const header = JSON.stringify({
      __metadata__: { format: 'pt' },
      item_ids: { dtype: 'I64', shape: [3], data_offsets: [0, 24] },
      weight: { dtype: 'BF16', shape: [3, 2], data_offsets: [24, 36] },
    });
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    const path = file(
      'a.safetensors',
      Buffer.concat([size, Buffer.from(header), new Uint8Array(ids.buffer), new Uint8Array(half.buffer)]),
    );
    expect(await readRowFile(path, VECTORS)).toEqual({
      ids: ['1', '2', '3'],
      data: Float32Array.from(three),
      dim: 2,
    });
  });

  test('are read from columns of CSV, and from lists in Parquet', async () => {
    const csv = file('a.csv', 'item,x,y\nb7,1,-2\n"c,1",0.5,4\n03,8,-0.25\n');
    const expected = { ids: ['b7', 'c,1', '03'], data: Float32Array.from(three), dim: 2 };
    expect(await readRowFile(csv, VECTORS)).toEqual(expected);
    const parquet = join(folder, 'a.parquet');
    const duck = await Duck.open();
    await duck.run(
      `COPY (SELECT * FROM (VALUES ('b7', [1, -2]), ('c,1', [0.5, 4]), ('03', [8, -0.25])) AS t(item, embedding))
       TO ${literal(parquet)} (FORMAT parquet)`,
    );
    duck.close();
    expect(await readRowFile(parquet, VECTORS)).toEqual(expected);
  });

  test('that cannot be read are refused in one line', async () => {
    const good = npyFile('<f4', [3, 2], Float32Array.from(three));
    const refused: [string, string | Uint8Array, RegExp][] = [
      ['b.npy', good.subarray(0, good.length - 4), /b\.npy: the file is cut short/],
      ['c.npy', 'no array', /not an \.npy file/],
      ['d.npy', npyFile('<f4', [3, 2], Float32Array.from(three), 'True'), /Fortran order/],
      ['e.npy', npyFile('|O', [3, 2], new Uint8Array(8)), /type O are not read/],
      ['f.npz', 'no archive', /f\.npz: cannot be read/],
      ['g.safetensors', 'short', /not a whole safetensors file/],
      ['h.csv', 'a,b\n1,2\n', /no column of item ids/],
      ['i.csv', 'item,a,b\n1,2,x\n', /columns that are not numbers: b/],
      ['j.txt', '1', /read from \.npy/],
      ['k.npy', npyFile('<f4', [12, Number.NaN], Buffer.alloc(48)), /cannot have the shape/],
      ['l.npy', npyFile('<f4', [-2, 2], Buffer.alloc(48)), /cannot have the shape/],
      ['m.parquet', 'PAR1 and nothing more', /^[^\n]*cannot be read[^\n]*$/],
    ];
    for (const [name, content, message] of refused) {
      await expect(readRowFile(file(name, content), VECTORS)).rejects.toThrow(message);
    }
    await expect(readRowFile(join(folder, 'gone.npy'), VECTORS)).rejects.toThrow(/no such file/);
  });
});

describe('imported vectors', () => {
  const catalogue = ['1', '2', '3'];
  const table = { ids: ['3', '1', '2'], data: Float32Array.from(three), dim: 2 };

  test('come in the order of the catalogue, by ids of their own or of a file of lines', () => {
    const expected = { items: 3, dim: 2, data: Float32Array.from([0.5, 4, 8, -0.25, 1, -2]) };
    expect(alignVectors('v', table, null, catalogue)).toEqual(expected);
    const lines = readIdLines(file('ids.txt', '3\r\n1\r\n2\r\n'));
    expect(alignVectors('v', { ...table, ids: null }, lines, catalogue)).toEqual(expected);
  });

  test('that are wrong are refused with the count of everything that is', () => {
    const data = Float32Array.from([1, 2, Number.NaN, 4, 5, 6, 7, 8]);
    expect(() => alignVectors('v.npz', { ids: ['1', '2', '1', '9'], data, dim: 2 }, null, catalogue)).toThrow(
      /^v\.npz: 1 item that the data set does not have \(9\); 1 item with several vectors \(1\); 1 vector with values that are not finite \(2\); 1 item of the data set without a vector \(3\); nothing was imported/,
    );
    expect(() => alignVectors('v', table, ['1', '2'], catalogue)).toThrow(/3 vectors for 2 item ids/);
    expect(() => alignVectors('v', { ...table, ids: null }, null, catalogue)).toThrow(
      /without item ids.*vectorIdsFile/,
    );
  });
});

test('two vectors of an item stand side by side, each at its own length', () => {
  const said = { items: 3, dim: 2, data: Float32Array.from([3, 4, 0, 2, 0, 0]) };
  const learnt = { items: 3, dim: 1, data: Float32Array.from([-8, 0, 0]) };
  const { vectors, empty } = sideBySide(said, learnt, 0.5);
  expect(vectors).toMatchObject({ items: 3, dim: 3 });
  const expected = [0.6, 0.8, -0.5, 0, 1, 0, 0, 0, 0];
  for (const [at, value] of vectors.data.entries()) expect(value).toBeCloseTo(expected[at], 6);
  expect(empty).toBe(1);
});
