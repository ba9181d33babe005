import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ClickFeature, ClickSizes } from '../click-model.ts';
import { ngramRows } from '../item-representation.ts';
import { Dlrm, dlrmFields } from './dlrm.ts';

const schema = z.object(dlrmFields);

function feature(name: string, vocabulary: number, more: Partial<ClickFeature> = {}): ClickFeature {
  return { name, of: 'other', vocabulary, width: 1, counts: new Int32Array(vocabulary).fill(9), ...more };
}

const ids = {
  levels: 3,
  codebookSizes: [4, 4, 4],
  items: 3,
  codes: Int32Array.of(0, 1, 2, 3, 3, 3, -1, -1, -1),
  collisionTokens: Int32Array.of(0, 0, -1),
};
const vectors = { items: 3, dim: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const items: ClickSizes = {
  dense: [],
  tasks: ['click'],
  features: [
    feature('item', 4, { of: 'item', counts: Int32Array.of(0, 5, 1, 0) }),
    feature('history', 4, { of: 'item', width: 10 }),
    feature('history-labels', 3, { width: 10 }),
  ],
  semanticIds: { ids, vectors },
};

/** Rows of the table for every code of a listed bag. */
function listed(model: Dlrm, bag = 0): number[][] {
  const { codes } = model.bags[bag];
  if (codes.kind !== 'list') throw new Error(`${codes.kind} is no list`);
  return Array.from({ length: codes.offsets.length - 1 }, (_, code) => [
    ...codes.rows.subarray(codes.offsets[code], codes.offsets[code + 1]),
  ]);
}

describe('the tables of DLRM', () => {
  it('have the sizes of the Criteo presets', () => {
    const dense = Array.from({ length: 13 }, (_, i) => `I${i + 1}`);
    const features = Array.from({ length: 26 }, (_, i) => feature(`C${i + 1}`, 1000));
    const model = new Dlrm(schema.parse({}), { dense, features, tasks: ['click'] });
    const sizes = Object.entries(model.parameters).map(([name, { shape }]) => [
      name.split('/')[0],
      shape.reduce((product, length) => product * length, 1),
    ]);
    const total = (part: string) =>
      sizes.filter(([name]) => name === part).reduce((sum, [, size]) => sum + Number(size), 0);
    expect([total('bottom'), total('top')]).toEqual([155_984, 320_001]);
    expect(Object.keys(model.hostTables)).toHaveLength(26);
  });

  it('are shared by an item and the items of its history, which become two by label', () => {
    const model = new Dlrm(schema.parse({}), items);
    expect(Object.keys(model.hostTables)).toEqual(['tables/items']);
    expect(model.bags.map(({ name, where }) => [name, where?.code])).toEqual([
      ['item', undefined],
      ['history/liked', 2],
      ['history/other', 1],
    ]);
  });

  it('give rare categories the row of missing values', () => {
    const model = new Dlrm(schema.parse({ minCount: 2 }), items);
    expect(listed(model)).toEqual([[0], [1], [0], [0]]);
    expect(model.hostTables['tables/items'].rows).toBe(2);
  });

  it('are hashed before they are split in quotients and remainders', () => {
    const config = schema.parse({
      maxIds: 10,
      compression: 'quotient-remainder',
      qrThreshold: 5,
      qrCollisions: 4,
    });
    const model = new Dlrm(config, { ...items, features: [feature('a', 13)] });
    const places = Array.from({ length: 13 }, (_, code) => code % 10);
    expect(listed(model, 0).flat()).toEqual(places.map((place) => Math.floor(place / 4)));
    expect(listed(model, 1).flat()).toEqual(places.map((place) => place % 4));
    expect(model.hostTables['tables/a/quotient'].rows).toBe(3);
  });

  it('stand behind networks of one layer, whose width is a number on the command line', () => {
    expect(schema.parse({ bottom: 16 }).bottom).toBe('16');
    expect(schema.safeParse({ bottom: 1.5 }).success).toBe(false);
  });

  it('are narrower where they are large (mixed dimension), and projected', () => {
    const sizes = { ...items, features: [feature('a', 5), feature('b', 300)] };
    const model = new Dlrm(schema.parse({ compression: 'mixed-dimension' }), sizes);
    expect(model.hostTables['tables/a'].dim).toBe(16);
    expect(model.hostTables['tables/b'].dim).toBe(4);
    expect(model.parameters['tables/b/projection'].shape).toEqual([4, 16]);
  });

  it('cannot halve an odd width', () => {
    const config = { compression: 'quotient-remainder', qrThreshold: 1, qrOperation: 'concat', dim: 5 };
    expect(() => new Dlrm(schema.parse(config), items)).toThrow('"dim": 5 is odd');
  });
});

describe('what stands for an item', () => {
  it('is a row for each of its codes, a table a level', () => {
    const model = new Dlrm(schema.parse({ itemRepresentation: 'unigram' }), items);
    expect(listed(model)).toEqual([[], [0, 5, 10], [3, 7, 11], []]);
    expect(model.hostTables['tables/items'].rows).toBe(12);
  });

  it('is a row for each pair of codes, hashed where there are too few rows', () => {
    const whole = ngramRows(ids, 2, 20);
    expect([0, 1, 2].map((item) => whole.rowsOf(item))).toEqual([[1, 18], [15, 19], []]);
    const few = ngramRows(ids, 2, 12);
    for (const item of [0, 1]) {
      const [first, second] = few.rowsOf(item);
      expect(first).toBeLessThan(6);
      expect(second).toBeGreaterThanOrEqual(6);
      expect(second).toBeLessThan(12);
    }
  });

  it('is a hash in as many rows as there are codes, whether or not the item has any', () => {
    const rows = listed(new Dlrm(schema.parse({ itemRepresentation: 'hash' }), items));
    expect(rows.map((list) => list.length)).toEqual([0, 1, 1, 1]);
    for (const [row] of rows.slice(1)) expect(row).toBeLessThan(12);
  });

  it('is its content vector', () => {
    const model = new Dlrm(schema.parse({ itemRepresentation: 'dense' }), items);
    expect(model.hostTables).toEqual({});
    expect([...model.vectors[0].values]).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    expect(model.vectors.map(({ name }) => name)).toEqual(['item', 'history/liked', 'history/other']);
  });

  it('is a row for each piece of its codes', () => {
    const model = new Dlrm(schema.parse({ itemRepresentation: 'spm', itemRows: 9 }), items);
    const rows = listed(model);
    expect(rows[3]).toEqual([]);
    expect(rows[1].length).toBeGreaterThan(0);
    expect(rows[1].length).toBeLessThan(3);
  });

  it.each(['unigram', 'bigram', 'spm', 'dense', 'hash'] as const)(
    'needs a tokeniser for %s',
    (itemRepresentation) => {
      const without = { ...items, semanticIds: undefined };
      expect(() => new Dlrm(schema.parse({ itemRepresentation }), without)).toThrow('tokeniser=RUN');
    },
  );
});
