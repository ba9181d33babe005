import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  beyondAccuracy,
  beyondAccuracyMetrics,
  categoryEntropy,
  categoryMetrics,
  diversity,
} from './beyond-accuracy.ts';
import { coldMetrics } from './cold-items.ts';
import { metricsOfRanks } from './metrics.ts';
import { itemSlices } from './slices.ts';

// Items 0 to 3 are of category 0, items 4 and 5 of 1, item 6 of 2, item 7 of none.
const labels = [0, 0, 0, 0, 1, 1, 2, -1];

test('the entropy of categories is in bits, a mean over lists, of the items that have a category', () => {
  const of = (list: number[]) => categoryEntropy({ lists: list, length: 4, cutoff: 4 }, labels);
  expect(of([0, 1, 2, 3])).toBe(0);
  expect(of([0, 1, 4, 5])).toBeCloseTo(1, 12);
  expect(of([0, 1, 4, 6])).toBeCloseTo(1.5, 12);
  expect(of([0, 4, 7, 7])).toBeCloseTo(1, 12);
  expect(of([0, 1, 2, 3, 0, 1, 4, 6])).toBeCloseTo(0.75, 12);
});

test('lists that are too short, or of no category, do not count', () => {
  const lists = [...[0, 4, -1, -1], ...[0, 1, 4, 6], ...[7, 7, 7, 7]];
  expect(categoryEntropy({ lists, length: 4, cutoff: 4 }, labels)).toBeCloseTo(1.5, 12);
  expect(categoryEntropy({ lists, length: 4, cutoff: 2 }, labels)).toBeCloseTo((1 + 0) / 2, 12);
  expect(categoryMetrics({ lists, length: 4 }, labels, 'test')).toEqual({});
});

const ITEMS = 12;
const TERMS = 4;

/** Lists of distinct items, shorter than their places where candidates run out, some of them empty. */
const lists = fc.integer({ min: 1, max: 8 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    cutoff: fc.integer({ min: 1, max: length }),
    rows: fc.array(fc.uniqueArray(fc.nat({ max: ITEMS - 1 }), { maxLength: length }), {
      minLength: 1,
      maxLength: 8,
    }),
    popularity: fc.array(fc.nat({ max: 20 }), { minLength: ITEMS, maxLength: ITEMS }),
    content: fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: TERMS, maxLength: TERMS }), {
      minLength: ITEMS,
      maxLength: ITEMS,
    }),
  }),
);

const flat = (rows: readonly number[][], length: number) =>
  rows.flatMap((row) => [...row, ...Array<number>(length - row.length).fill(-1)]);
/** That value up to rounding; not a number where it is none. */
const near = (value: number) => (Number.isNaN(value) ? value : expect.closeTo(value, 10));
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

test('metrics of lists are those of their definitions, empty places left out', () => {
  fc.assert(
    fc.property(lists, ({ length, cutoff, rows, popularity }) => {
      const shown = rows.flatMap((row) => row.slice(0, cutoff));
      const found = beyondAccuracy({ lists: flat(rows, length), length, cutoff, popularity });
      const counts = popularity.map((_, item) => shown.filter((other) => other === item).length);
      expect(found.coverage).toEqual(near(new Set(shown).size / ITEMS));
      const apart = sumOf(counts.flatMap((a) => counts.map((b) => Math.abs(a - b))));
      expect(found.gini).toEqual(near(apart / (2 * ITEMS * shown.length)));
      const shares = counts.filter((count) => count > 0).map((count) => count / shown.length);
      expect(found.entropy).toEqual(near(-sumOf(shares.map((share) => share * Math.log(share)))));
      const interactions = sumOf(popularity);
      const bits = shown.map((item) => Math.log2((interactions + ITEMS) / (popularity[item] + 1)));
      expect(found.novelty).toEqual(near(meanOf(bits)));
      expect(found.averagePopularity).toEqual(near(meanOf(shown.map((item) => popularity[item]))));
      // An item is in the head where those before it hold less than 80 %.
      const before = (item: number) =>
        sumOf(
          popularity.filter(
            (count, other) => count > popularity[item] || (count === popularity[item] && other < item),
          ),
        );
      const tail = shown.filter((item) => before(item) >= 0.8 * interactions);
      expect(found.longTailShare).toEqual(near(tail.length / shown.length));
    }),
  );
});

test('diversity is the mean over lists of the mean distance of two items with content', () => {
  fc.assert(
    fc.property(lists, ({ length, cutoff, rows, content }) => {
      const kept = content.map((row) =>
        row.flatMap((value, column) => (value > 0 ? [{ value, column }] : [])),
      );
      const sparse = {
        rows: ITEMS,
        width: TERMS,
        offsets: Int32Array.from([0, ...kept.map((_, item) => kept.slice(0, item + 1).flat().length)]),
        columns: Int32Array.from(kept.flat(), ({ column }) => column),
        values: Float32Array.from(kept.flat(), ({ value }) => value),
      };
      const product = (a: number[], b: number[]) => sumOf(a.map((value, at) => value * b[at]));
      const distances = rows.flatMap((row) => {
        const own = row
          .slice(0, cutoff)
          .map((item) => content[item])
          .filter((vector) => product(vector, vector) > 0);
        const pairs = own.flatMap((a, i) =>
          own.slice(i + 1).map((b) => 1 - product(a, b) / Math.sqrt(product(a, a) * product(b, b))),
        );
        return pairs.length > 0 ? [meanOf(pairs)] : [];
      });
      expect(diversity({ lists: flat(rows, length), length, cutoff }, sparse)).toEqual(
        near(meanOf(distances)),
      );
    }),
  );
});

test('a run has no metric of lists that is no number', () => {
  const empty = { lists: Array<number>(20).fill(-1), length: 10, cutoff: 10, popularity: [3, 2, 1] };
  expect(beyondAccuracyMetrics(empty, 'test')).toEqual({ 'test/coverage@10': 0, 'test/entropy@10': 0 });
});

test('hidden items have the metrics of their users, and their share of the places', () => {
  fc.assert(
    fc.property(lists, fc.array(fc.boolean(), { minLength: ITEMS, maxLength: ITEMS }), ({ rows }, cold) => {
      const users = rows.map((row, user) => ({ row, target: user % ITEMS, rank: 1 + ((user * 7) % 60) }));
      const none = new Int32Array(rows.length);
      const found = coldMetrics(
        {
          split: 'test',
          candidates: ITEMS,
          users: none,
          historyLengths: none,
          targets: Int32Array.from(users, ({ target }) => target),
          ranks: Int32Array.from(users, ({ rank }) => rank),
          topK: 10,
          topItems: Int32Array.from(flat(rows, 10)),
        },
        Uint8Array.from(cold, Number),
      );
      const own = users.filter(({ target }) => cold[target]).map(({ rank }) => rank);
      expect(found['test/cold-users']).toBe(own.length);
      const expected = own.length > 0 ? metricsOfRanks({ ranks: own }) : {};
      for (const name of ['hr@10', 'ndcg@50', 'mrr', 'mean-rank']) {
        expect(found[`test/cold-${name}`]).toBe(expected[name]);
      }
      const shown = rows.flat();
      const share = shown.length === 0 ? 0 : shown.filter((item) => cold[item]).length / shown.length;
      expect(found['test/cold-share@10']).toBeCloseTo(share, 12);
    }),
  );
});

test('items are sliced by what the more popular ones hold', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 20 }), (popularity) => {
      const total = sumOf(popularity);
      const slices = popularity.map((count, item) => {
        const before = popularity.filter((other, at) => other > count || (other === count && at < item));
        if (count < 5) return 'cold';
        if (sumOf(before) < 0.5 * total) return 'head';
        return sumOf(before) < 0.8 * total ? 'torso' : 'tail';
      });
      expect(itemSlices(popularity)).toEqual(slices);
    }),
  );
});
