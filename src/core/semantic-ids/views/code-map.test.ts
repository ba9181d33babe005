import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeFeatures, mapTiles, sharingOf, sumsOf, useCurve } from './code-map.ts';
import type { CodeTable, Labels } from './code-table.ts';
import { bucketStarts } from './collisions.ts';
import { prefixOrder, prefixRange } from './prefix-order.ts';
import { levelUse } from './strips.ts';

function sourceOf(
  rows: readonly (readonly number[] | null)[],
  sizes: readonly number[],
  kinds: number[] = [],
) {
  const table: CodeTable = {
    levels: sizes.length,
    codebookSizes: sizes,
    items: rows.length,
    codes: Int32Array.from(rows.flatMap((row) => row ?? sizes.map(() => -1))),
  };
  const order = prefixOrder(table);
  const labels: Labels | null = kinds.length > 0 ? { names: ['a', 'b'], of: Int16Array.from(kinds) } : null;
  const popularity = Int32Array.from({ length: rows.length }, (_, item) => 10 * (item + 1));
  return { table, order, sharing: sharingOf(bucketStarts(table, order)), popularity, labels };
}

const ROWS = [[1, 2], [0, 1], [1, 0], [1, 2], null, [1, 2]];

describe('tiles of a map', () => {
  it('are items by code and by the code that follows', () => {
    expect(mapTiles(sourceOf(ROWS, [3, 3], [0, 0, 1, 1, 1, -1]), [])).toEqual({
      byPair: false,
      starts: [0, 1, 5, 5],
      next: [1, 0, 2, 2, 2],
      items: [1, 2, 0, 3, 5],
      interactions: [20, 30, 10, 40, 60],
      shared: [1, 1, 3, 3, 3],
      kinds: [0, 1, 0, 1, -1],
    });
  });

  it('are pairs of codes where items are too many, the fullest first', () => {
    expect(mapTiles(sourceOf(ROWS, [3, 3], [0, 0, 1, 1, 1, 1]), [], 5)).toEqual({
      byPair: true,
      starts: [0, 1, 3, 3],
      next: [1, 2, 0],
      items: [1, 3, 1],
      interactions: [20, 110, 30],
      shared: [0, 3, 0],
      kinds: [0, 1, 1],
    });
  });

  it('are items at the last level, however many', () => {
    const tiles = mapTiles(sourceOf(ROWS, [3, 3]), [1], 1);
    expect(tiles).toMatchObject({ byPair: false, starts: [0, 1, 1, 4], next: [-1, -1, -1, -1] });
  });

  it('count every item once, by item and by pair', () => {
    const sizes = [4, 3, 2];
    const rows = fc.array(fc.option(fc.tuple(...sizes.map((size) => fc.nat(size - 1))), { freq: 6 }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, fc.array(fc.nat(3), { maxLength: 1 }), (made, root) => {
        const source = sourceOf(made, sizes);
        const byItem = mapTiles(source, root);
        const byPair = mapTiles(source, root, 0);
        const whole = sumsOf(source, prefixRange(source.table, source.order, root));
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
        expect(byItem.items.length).toBe(whole.items);
        expect(sum(byPair.items)).toBe(whole.items);
        expect(sum(byPair.interactions)).toBe(sum(byItem.interactions));
        expect(sum(byPair.shared)).toBe(byItem.shared.filter((items) => items > 1).length);
        expect(byPair.starts.length).toBe(sizes[root.length] + 1);
        for (const [code, start] of byItem.starts.slice(0, -1).entries()) {
          const [from, to] = [byPair.starts[code], byPair.starts[code + 1]];
          expect(sum(byPair.items.slice(from, to))).toBe(byItem.starts[code + 1] - start);
        }
      }),
    );
  });
});

describe('what codes tell', () => {
  it('is all of the category where each code has one, and nothing where codes are alike', () => {
    const told = (kinds: number[]) => {
      const { table, popularity, labels } = sourceOf([[0], [0], [1], [1]], [2], kinds);
      return levelUse(table, 0, popularity, labels).told;
    };
    expect(told([0, 0, 1, 1])).toBeCloseTo(1);
    expect(told([0, 1, 0, 1])).toBeCloseTo(0);
    // 1 − (2/3 · H(1/2)) / H(1/3), of the three items whose category is known
    expect(told([0, 1, 1, -1])).toBeCloseTo(1 - (2 / 3) * (Math.LN2 / (Math.log(3) - (2 / 3) * Math.LN2)));
    expect(told([0, 0, 0, 0])).toBeNull();
    expect(told([])).toBeNull();
  });

  it('makes codes of one kind alike, even where their second codes differ', () => {
    const { table, labels } = sourceOf(
      [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
      [3, 2],
      [0, 0, 1],
    );
    const { dim, data } = codeFeatures(table, labels);
    const apart = (one: number, other: number) =>
      Math.hypot(...Array.from({ length: dim }, (_, at) => data[one * dim + at] - data[other * dim + at]));
    expect(apart(0, 1)).toBeLessThan(apart(0, 2));
  });

  it('falls from the most used code to the least', () => {
    expect(useCurve(Int32Array.from([1, 5, 0, 3]))).toEqual([5, 3, 1, 0]);
    expect(
      useCurve(
        Int32Array.from({ length: 1_000 }, (_, code) => code),
        4,
      ),
    ).toEqual([999, 749, 499, 249]);
  });
});
