import fc from 'fast-check';
import { expect, test } from 'vitest';
import { midranks, sortedQuantile } from './ranks.ts';
import { spearman } from './spearman.ts';

/** Ties, infinities and ordinary numbers. */
const value = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(-Infinity, Infinity),
  fc.double({ noNaN: true }),
);

test('a midrank is one more than the smaller values, and half the others that are equal', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 25 }), (values) => {
      const { ranks, groups } = midranks(values);
      const count = (test: (other: number) => boolean) => values.filter(test).length;
      expect([...ranks]).toEqual(
        values.map((own) => 1 + count((other) => other < own) + (count((other) => other === own) - 1) / 2),
      );
      const distinct = [...new Set(values.map((own) => own + 0))].sort((a, b) => (a < b ? -1 : 1));
      expect(groups).toEqual(distinct.map((own) => count((other) => other === own)));
    }),
  );
});

test('a quantile lies between its neighbours in proportion', () => {
  expect([0, 0.25, 0.5, 5 / 6, 1].map((share) => sortedQuantile([1, 2, 4, 8], share))).toEqual([
    1, 1.75, 3, 6, 8,
  ]);
  expect([0, 0.3, 1].map((share) => sortedQuantile([5], share))).toEqual([5, 5, 5]);
});

test("Spearman's correlation is Pearson's of the midranks, and 0 where one side is constant", () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(pairs, (both) => {
      const sides = [0, 1].map((side) => {
        const { ranks } = midranks(both.map((pair) => pair[side]));
        const mean = ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
        return Array.from(ranks, (rank) => rank - mean);
      });
      const product = (a: number[], b: number[]) => a.reduce((sum, own, at) => sum + own * b[at], 0);
      const [a, b] = sides;
      const size = Math.sqrt(product(a, a) * product(b, b));
      const found = spearman(
        both.map(([x]) => x),
        both.map(([, y]) => y),
      );
      expect(found).toBeCloseTo(size > 0 ? product(a, b) / size : 0, 10);
    }),
  );
});
