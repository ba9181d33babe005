import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { categoriesOf } from '../../content/categories.ts';
import {
  adjustedInformation,
  contingency,
  entropyOf,
  expectedInformation,
  normalisedInformation,
} from '../../math/information.ts';
import { spearman } from '../../math/spearman.ts';
import type { SemanticIds } from '../types.ts';
import { collisionTokens } from '../types.ts';
import { compareTokenisers, measureTokeniser, metricsOf } from './index.ts';

function idsOf(codes: number[][], codebookSizes: number[]): SemanticIds {
  const flat = Int32Array.from(codes.flat());
  const levels = codebookSizes.length;
  return {
    levels,
    codebookSizes,
    items: codes.length,
    codes: flat,
    collisionTokens: collisionTokens(flat, levels),
  };
}

/** Every order of the values, repeats included. */
function permutations(values: number[]): number[][] {
  if (values.length <= 1) return [values];
  return values.flatMap((value, at) =>
    permutations([...values.slice(0, at), ...values.slice(at + 1)]).map((rest) => [value, ...rest]),
  );
}

describe('mutual information', () => {
  test('expected by chance is its mean over all orders of the labels', () => {
    const labels = fc.array(fc.nat(2), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        const n = Math.min(a.length, b.length);
        const left = Int32Array.from(a.slice(0, n));
        const all = permutations(b.slice(0, n)).map(
          (order) => contingency(left, Int32Array.from(order)).information,
        );
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        expect(expectedInformation(contingency(left, Int32Array.from(b.slice(0, n))))).toBeCloseTo(mean, 9);
      }),
      { numRuns: 40 },
    );
  });

  test('is the joint entropy less than the sum, the same both ways, and 1 for equal labellings when adjusted', () => {
    const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { minLength: 3, maxLength: 80 });
    fc.assert(
      fc.property(pairs, (labels) => {
        const a = Int32Array.from(labels, ([x]) => x);
        const b = Int32Array.from(labels, ([, y]) => y);
        const table = contingency(a, b);
        const joint = entropyOf(table.pairs);
        expect(table.information).toBeCloseTo(entropyOf(table.left) + entropyOf(table.right) - joint, 9);
        const other = contingency(b, a);
        expect(adjustedInformation(other)).toBeCloseTo(adjustedInformation(table), 9);
        expect(normalisedInformation(table)).toBeLessThanOrEqual(1 + 1e-9);
        const renamed = a.map((label) => 7 - label);
        expect(adjustedInformation(contingency(a, renamed))).toBeCloseTo(1, 9);
        expect(normalisedInformation(contingency(a, renamed))).toBeCloseTo(1, 9);
      }),
    );
  });

  test('adjusted, agrees with scikit-learn on the example of its guide', () => {
    const guide = contingency(Int32Array.from([0, 0, 0, 1, 1, 1]), Int32Array.from([0, 0, 1, 1, 2, 2]));
    expect(adjustedInformation(guide)).toBeCloseTo(0.2987924, 6);
    const independent = contingency(Int32Array.from([0, 0, 1, 1]), Int32Array.from([0, 1, 0, 1]));
    expect(independent.information).toBeCloseTo(0, 12);
    expect(adjustedInformation(independent)).toBeLessThan(0);
  });
});

describe('a small tokeniser', () => {
  // Two levels of 4 and 2 codes; items 0 and 1 collide, item 5 has no ID.
  const ids = idsOf(
    [
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
      [3, 0],
      [-1, -1],
    ],
    [4, 2],
  );
  const vectors = { items: 6, dim: 1, data: Float32Array.from([0, 0.2, 1, 4, 9, 50]) };
  const codebooks = [Float32Array.from([0, 3, 0, 9]), Float32Array.from([0, 1])];
  // Users 0 and 1 in training: 0 1 2 | 3 3 4; the rest is held out.
  const training = {
    interactions: {
      users: 2,
      offsets: Int32Array.from([0, 5, 10]),
      itemIds: Int32Array.from([0, 1, 2, 4, 4, 3, 3, 4, 0, 0]),
    },
    trainEnd: Int32Array.from([3, 8]),
  };
  const categories = categoriesOf([
    { name: 'kind', values: ['a|x', 'a|x', 'a|y', 'a|y', 'a|y', ''] },
    { name: 'brand', values: ['m', 'n', 'm', 'n', 'm', 'n'] },
  ]);
  const measures = measureTokeniser({
    snapshot: { ids, codebooks },
    space: { vectors, latents: null },
    categories,
    training,
    seed: 1,
  });
  const metrics = metricsOf(measures);

  test('has the counts, entropies and tree worked out by hand', () => {
    const [h1, h2] = [entropyOf([3, 1, 1]), entropyOf([2, 1, 1, 1])];
    const expected: Record<string, number> = {
      'ids/items': 5,
      'ids/missing-items': 1,
      'ids/collision-rate': 1 - 4 / 5,
      'ids/items-in-collisions': 2,
      'ids/largest-bucket': 2,
      'ids/expected-bucket': (4 + 1 + 1 + 1) / 5,
      'ids/capacity-ratio': 8 / 5,
      'ids/effective-capacity': Math.exp(h2) / 5,
      'ids/usage@1': 3 / 4,
      'ids/usage@2': 1,
      'ids/dead-codes@1': 1,
      'ids/perplexity@1': Math.exp(h1),
      'ids/perplexity-share@1': Math.exp(h1) / 4,
      'ids/max-share@1': 3 / 5,
      // Sorted counts 0 1 1 3: Σ (2i - 5) x_i / (4 · 5)
      'ids/gini@1': (-1 * 1 + 1 * 1 + 3 * 3) / 20,
      'ids/conditional-entropy@1': h1 / Math.LN2,
      'ids/conditional-entropy@2': (h2 - h1) / Math.LN2,
      'ids/redundancy@2': (h1 + entropyOf([3, 2]) - h2) / Math.LN2,
      'ids/prefixes@1': 3,
      'ids/prefixes@2': 4,
      'ids/mean-children@2': 4 / 3,
    };
    for (const [name, value] of Object.entries(expected)) expect(metrics[name], name).toBeCloseTo(value, 9);
    expect(measures.levels[0].dead).toEqual([2]);
    expect([...measures.depths[1].sizes]).toEqual([2, 1, 1, 1]);
  });

  test('says what categories, vectors and users have to do with its codes', () => {
    expect(categories).toMatchObject({ column: 'kind', names: ['x', 'y'] });
    const table = contingency(Int32Array.from([0, 0, 0, 1, 2]), Int32Array.from([0, 0, 1, 1, 1]));
    expect(metrics['ids/category-information@1']).toBeCloseTo(table.information / Math.LN2, 9);
    expect(metrics['ids/category-ami@1']).toBeCloseTo(adjustedInformation(table), 9);
    // Left after depth 1: 0, 0.2, 1, 1, 0; after depth 2: 0, 0.2, 0, 0, 0.
    expect(metrics['ids/residual-norm@1']).toBeCloseTo(2.2 / 5, 6);
    expect(metrics['ids/reconstruction-mse@1']).toBeCloseTo((0.04 + 1 + 1) / 5, 6);
    expect(metrics['ids/reconstruction-mse@2']).toBeCloseTo(0.04 / 5, 6);
    const mean = 14.2 / 5;
    const total = [0, 0.2, 1, 4, 9].reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const left = [0, 0.2, 1].reduce((sum, x) => sum + (x - 0.4) ** 2, 0);
    expect(metrics['ids/content-spread@1']).toBeCloseTo(left / total, 6);
    expect(metrics['ids/content-spread@2']).toBeCloseTo(0.02 / total, 6);
    // All four others are neighbours of each of five items; 6 and 2 of the 20 share depth 1 and 2.
    expect(measures.neighbours).toMatchObject({ anchors: 5, neighbours: 4 });
    expect(metrics['ids/neighbour-recall@1']).toBeCloseTo(6 / 20, 9);
    expect(metrics['ids/neighbour-recall@2']).toBeCloseTo(2 / 20, 9);
    expect(metrics['ids/tree-correlation']).toBeGreaterThan(0.3);
    // Successive pairs 0-1, 1-2, 3-4: two share the first code. Popularity 1 1 1 2 1.
    const chance = (9 + 4 + 1 - (1 + 1 + 1 + 4 + 1)) / (36 - 8);
    expect(metrics['ids/collaborative-lift@1']).toBeCloseTo(2 / 3 / chance, 9);
    expect(metrics['ids/collaborative-lift@2']).toBeCloseTo(1 / 3 / ((4 + 1 + 4 + 1 - 8) / 28), 9);
    expect(metrics['ids/max-interaction-share@1']).toBeCloseTo(3 / 6, 9);
    expect([...measures.popularity[0].meanPopularity]).toEqual([1, 2, 0, 1]);
    expect([...measures.popularity[0].coldItems]).toEqual([3, 1, 0, 1]);
  });
});

test('usage, perplexity and collisions stay in their bounds, and renamed codes measure alike', () => {
  const arbitrary = fc.array(fc.tuple(fc.nat(3), fc.nat(4)), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(arbitrary, (codes) => {
      const training = {
        interactions: { users: 0, offsets: Int32Array.of(0), itemIds: new Int32Array() },
        trainEnd: new Int32Array(),
      };
      const measure = (rows: number[][]) =>
        metricsOf(
          measureTokeniser({
            snapshot: { ids: idsOf(rows, [4, 5]), codebooks: [] },
            space: null,
            categories: null,
            training,
            seed: 1,
          }),
        );
      const metrics = measure(codes);
      const renamed = measure(codes.map(([a, b]) => [3 - a, (b + 2) % 5]));
      for (const [name, value] of Object.entries(metrics)) expect(renamed[name], name).toBeCloseTo(value, 9);
      expect(metrics['ids/perplexity@1']).toBeLessThanOrEqual(4 * metrics['ids/usage@1'] + 1e-9);
      expect(metrics['ids/collision-rate']).toBeCloseTo(
        1 - new Set(codes.map(String)).size / codes.length,
        9,
      );
      expect(metrics['ids/effective-capacity']).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
});

test('two tokenisers that group items alike are one whatever their codes are called', () => {
  const a = idsOf(
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 0],
      [2, 1],
      [-1, -1],
    ],
    [3, 2],
  );
  const renamed = idsOf(
    [
      [2, 1],
      [2, 0],
      [0, 1],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    [3, 2],
  );
  expect(compareTokenisers(a, renamed)).toEqual({
    items: 5,
    ami: [expect.closeTo(1, 9), expect.closeTo(1, 9)],
    kept: [0, 0],
    together: [1, 1],
  });
  const moved = idsOf(
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [0, 0],
      [2, 1],
      [0, 0],
    ],
    [3, 2],
  );
  expect(compareTokenisers(a, moved)).toMatchObject({ kept: [0.8, 0.8], together: [0.8, 0.8] });
  expect(() => compareTokenisers(a, idsOf([[0]], [1]))).toThrow(/6 and of 1 item/);
});

test("Spearman's correlation takes mean ranks of ties", () => {
  expect(spearman([1, 2, 3, 4], [10, 20, 30, 40])).toBeCloseTo(1, 12);
  expect(spearman([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  // Ranks 1 2 3 4 and 1.5 1.5 3 4: covariance 4.5, variances 5 and 4.5.
  expect(spearman([1, 2, 3, 4], [5, 5, 6, 7])).toBeCloseTo(4.5 / Math.sqrt(5 * 4.5), 12);
  expect(spearman([1, 2], [3, 3])).toBe(0);
});
