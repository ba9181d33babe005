import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importDataset } from '../data/import/import.ts';
import { openInteractions, readItemIds } from '../data/read.ts';
import { hideItems } from '../data/splits/hidden-items.ts';
import { writeSafetensors } from '../files/safetensors.ts';
import { Random } from '../math/random.ts';
import { symmetricEigen, truncatedSvd } from '../math/svd.ts';
import { readItemColumns } from './columns.ts';
import { encodeContent } from './index.ts';
import { numberFeatures } from './text.ts';
import { tfidf, wordTerms } from './tfidf.ts';

describe('truncated SVD', () => {
  test('gives the singular values and vectors of a matrix of known rank', async () => {
    const random = new Random(3);
    const [rows, width, rank] = [40, 25, 4];
    const left = Float64Array.from({ length: rows * rank }, () => random.normal());
    const right = Float64Array.from({ length: rank * width }, () => random.normal());
    const dense = new Float32Array(rows * width);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < width; j++) {
        for (let k = 0; k < rank; k++) dense[i * width + j] += left[i * rank + k] * right[k * width + j];
      }
    }
    const matrix = {
      rows,
      width,
      offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * width),
      columns: Int32Array.from({ length: rows * width }, (_, at) => at % width),
      values: dense,
    };
    const { vectors, singularValues } = await truncatedSvd(matrix, { dim: 6, seed: 1 });
    const size = Math.sqrt(dense.reduce((sum, value) => sum + value * value, 0));
    expect(Math.hypot(...singularValues)).toBeCloseTo(size, 3);
    expect(Math.max(...singularValues.slice(rank))).toBeLessThan(1e-4 * size);
    // U·S keeps every product of two rows, whatever the rotation.
    for (const [a, b] of [
      [0, 0],
      [3, 17],
      [39, 5],
    ]) {
      let [ours, theirs] = [0, 0];
      for (let j = 0; j < 6; j++) ours += vectors[a * 6 + j] * vectors[b * 6 + j];
      for (let j = 0; j < width; j++) theirs += dense[a * width + j] * dense[b * width + j];
      expect(ours).toBeCloseTo(theirs, 3);
    }
    expect(await truncatedSvd(matrix, { dim: 6, seed: 1 })).toEqual({ vectors, singularValues });
  });

  test('rotates a symmetric matrix to its eigenvalues', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(500), (n, seed) => {
        const random = new Random(seed);
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = i; j < n; j++) {
            a[i * n + j] = random.normal();
            a[j * n + i] = a[i * n + j];
          }
        }
        const { values, vectors } = symmetricEigen(a.slice(), n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let image = 0;
            for (let k = 0; k < n; k++) image += a[i * n + k] * vectors[k * n + j];
            expect(image).toBeCloseTo(values[j] * vectors[i * n + j], 9);
          }
        }
        expect([...values]).toEqual([...values].sort((x, y) => y - x));
      }),
    );
  });
});

const options = { ngrams: 2, minDocuments: 1, maxTerms: 100, sublinearTf: true, categoryWeight: 0.5 };

test('TF-IDF weighs terms as its formula says, each column at its own length', () => {
  expect(wordTerms('Crème-brûlée no.5', 2)).toEqual([
    ...['creme', 'brulee', 'no', '5'],
    ...['creme brulee', 'brulee no', 'no 5'],
  ]);
  const text = [{ name: 'title', values: ['red red nail', 'nail', ''] }];
  const categories = [{ name: 'brand', values: ['Opi', '', 'Opi|Essie'] }];
  const { matrix, empty } = tfidf(text, categories, { ...options, ngrams: 1 });
  expect(matrix).toMatchObject({ rows: 3, width: 4 });
  expect([...matrix.offsets]).toEqual([0, 3, 4, 6]);
  expect(empty).toBe(0);
  const [red, nail] = [(1 + Math.log(2)) * (Math.log(4 / 2) + 1), Math.log(4 / 3) + 1];
  const [opi, essie] = [Math.log(4 / 3) + 1, Math.log(4 / 2) + 1];
  const expected = [
    ...[red / Math.hypot(red, nail), nail / Math.hypot(red, nail), 0.5],
    1,
    ...[(0.5 * opi) / Math.hypot(opi, essie), (0.5 * essie) / Math.hypot(opi, essie)],
  ];
  expect([...matrix.columns]).toEqual([0, 1, 2, 1, 2, 3]);
  for (const [at, value] of matrix.values.entries()) expect(value).toBeCloseTo(expected[at], 6);
  const cut = tfidf(text, [], { ...options, ngrams: 1, minDocuments: 2 });
  expect([cut.matrix.width, cut.empty]).toEqual([1, 1]);
});

test('numbers become logs in three standard deviations, with a mark where they are missing', () => {
  const features = numberFeatures({
    name: 'price',
    values: Float64Array.from([0, Number.NaN, Math.E ** 2 - 1]),
  });
  const expected = [-1 / 3, 0, 0, 1, 1 / 3, 0];
  for (const [at, value] of features.entries()) expect(value).toBeCloseTo(expected[at], 6);
});

const folder = mkdtempSync(join(tmpdir(), 'tessera-content-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the content of a data set', () => {
  let datasetDir = '';
  beforeAll(async () => {
    const shop = join(folder, 'shop');
    mkdirSync(shop);
    const kinds = ['red nail polish', 'blue nail polish', 'bitter dark chocolate', 'sweet milk chocolate'];
    const items = Array.from({ length: 24 }, (_, at) => {
      const kind = at % 4;
      const [category, brand] = kind < 2 ? ['Beauty|Nails', 'Opi'] : ['Food|Sweets', 'Lindt'];
      return `${at + 1},B00${at},"${kinds[kind]} number ${at + 1}",${brand},${at === 5 ? '' : 3 + kind},${category}`;
    });
    writeFileSync(join(shop, 'items.csv'), ['item,asin,title,brand,price,categories', ...items].join('\n'));
    const rows = Array.from({ length: 120 }, (_, at) => `${(at % 10) + 1},${((at * 7) % 23) + 1},${at}`);
    writeFileSync(join(shop, 'ratings.csv'), ['user,item,time', ...rows].join('\n'));
    const { id } = await importDataset({ paths: [shop], name: 'shop' }, { home: folder });
    datasetDir = join(folder, 'datasets', id);
  });

  test('is sorted into text, categories and numbers, and names of one item are left out', async () => {
    const found = await readItemColumns(datasetDir, {
      textColumns: '',
      categoryColumns: '',
      numberColumns: '',
    });
    expect(found.items).toBe(24);
    expect(found.text.map(({ name }) => name)).toEqual(['title']);
    expect(found.categories.map(({ name }) => name)).toEqual(['brand', 'categories']);
    expect(found.numbers.map(({ name }) => name)).toEqual(['price']);
    expect(found.numbers[0].values.filter(Number.isNaN)).toHaveLength(1);
    const named = { textColumns: 'brand', categoryColumns: '-', numberColumns: '-' };
    expect(await readItemColumns(datasetDir, named)).toMatchObject({
      text: [{ name: 'brand' }],
      categories: [],
    });
    await expect(readItemColumns(datasetDir, { ...named, textColumns: 'colour' })).rejects.toThrow(
      /"shop" has no item column "colour"; there are: asin, title, brand, price, categories/,
    );
  });

  test('puts items of one kind near each other, at length 1, the same for a seed', async () => {
    const { dim, data } = await encodeContent({ contentDim: 12 }, { datasetDir, seed: 1 });
    const cosine = (a: number, b: number) =>
      data
        .subarray(a * dim, (a + 1) * dim)
        .reduce((sum, value, axis) => sum + value * data[b * dim + axis], 0);
    expect(dim).toBe(12);
    expect(cosine(3, 3)).toBeCloseTo(1, 5);
    expect(cosine(0, 4)).toBeGreaterThan(cosine(0, 1));
    expect(cosine(0, 1)).toBeGreaterThan(cosine(0, 2) + 0.2);
    expect((await encodeContent({ contentDim: 12 }, { datasetDir, seed: 1 })).data).toEqual(data);
  });

  test('may be of a sentence encoder, which cuts texts as the config says', async () => {
    const encoder = join(folder, 'encoder');
    cpSync(join(import.meta.dirname, '../../../test/content/sentence-encoder'), encoder, { recursive: true });
    writeFileSync(join(encoder, 'sentence_bert_config.json'), JSON.stringify({ max_seq_length: 6 }));
    const cut = async (changes: object) =>
      (
        await encodeContent(
          { content: 'sentence', sentenceModel: encoder, ...changes },
          { datasetDir, seed: 1 },
        )
      ).data;
    expect(await cut({})).toEqual(await cut({ sentenceTruncation: 'encoder' }));
    expect(await cut({})).not.toEqual(await cut({ sentenceTruncation: 'tokenizer' }));
  });

  test('may be the item embeddings of a run, those of padding left out', async () => {
    const checkpoint = join(folder, 'best-1.safetensors');
    const table = (rows: number) =>
      writeSafetensors(checkpoint, {
        'item-embedding': {
          spec: { shape: [rows, 2], dtype: 'float32' },
          data: Float32Array.from({ length: rows * 2 }, (_, at) => at),
        },
      });
    const warnings: string[] = [];
    const encode = (config?: Record<string, unknown>) =>
      encodeContent(
        { content: 'run', normaliseContent: false },
        {
          ...{ datasetDir, seed: 1, warn: (message) => warnings.push(message) },
          sources: { vectorsFrom: { name: 'r', model: 'sasrec', checkpoint, config } },
        },
      );
    table(25);
    expect((await encode()).data.slice(0, 4)).toEqual(Float32Array.from([2, 3, 4, 5]));
    // As many rows has a table of the items with one for padding, and one of the whole catalogue without.
    table(24);
    expect((await encode({ candidates: 'catalogue' })).data.slice(0, 2)).toEqual(Float32Array.from([0, 1]));
    expect((await encode({ candidates: 'interacted' })).data.slice(0, 2)).toEqual(Float32Array.from([2, 3]));
    warnings.length = 0;
    const cold = { candidates: 'catalogue', coldItems: 0.5, coldSeed: 1, protocol: 'validated' };
    const { data } = await encode(cold);
    const { hidden } = hideItems(await openInteractions(datasetDir), 0.5, 1, 2);
    const learnt = Float32Array.from({ length: 48 }, (_, at) => (hidden[at >> 1] === 1 ? 0 : at));
    expect(data).toEqual(learnt);
    const unseen = [...hidden.keys()].filter((item) => hidden[item] === 1);
    const ids = await readItemIds(datasetDir);
    expect(warnings).toEqual([
      `${unseen.length} items were hidden from run r (${unseen
        .slice(0, 3)
        .map((item) => ids[item])
        .join(', ')}, …): it has learnt no vectors of them`,
      `${unseen.length} of 24 items have no content (content=run): their vectors are 0, and nothing tells them apart`,
    ]);
    table(7);
    await expect(encode()).rejects.toThrow(
      /run r embeds 7 items, this data set has 23 \(24 in its catalogue\)/,
    );
    await expect(encodeContent({ content: 'run' }, { datasetDir, seed: 1 })).rejects.toThrow(/vectorsFrom/);
  });
});
