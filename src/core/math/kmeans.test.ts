import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kmeans, kmeansPlusPlus, lloyd } from './kmeans.ts';
import { nearestCentroids, squaredDistance } from './nearest.ts';
import { NearestByBounds } from './nearest-by-bounds.ts';
import { Random } from './random.ts';

const golden = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../../shared/golden');
const fixture = join(golden, 'rqvae-a.json');

interface Tensor {
  shape: number[];
  data: number[];
}
interface Level {
  initial_centroids: Tensor;
  assignment_per_iteration: Tensor[];
  centroids_after: Tensor;
  codes_with_final_centroids: Tensor;
}

test.skipIf(!existsSync(fixture))("Lloyd's iterations agree with the reference, level by level", () => {
  const { config, x, levels } = JSON.parse(readFileSync(fixture, 'utf8')).residual_kmeans as {
    config: { d: number; iters: number };
    x: Tensor;
    levels: Level[];
  };
  const residuals = Float32Array.from(x.data);
  for (const level of levels) {
    const start = Float32Array.from(level.initial_centroids.data);
    const { centroids, assignments, codes } = lloyd(residuals, start, config.d, config.iters);
    expect(assignments.map((codesOf) => [...codesOf])).toEqual(
      level.assignment_per_iteration.map(({ data }) => data),
    );
    expect([...codes]).toEqual(level.codes_with_final_centroids.data);
    const scale = Math.max(...level.centroids_after.data.map(Math.abs));
    centroids.forEach((value, at) => {
      expect(Math.abs(value - level.centroids_after.data[at])).toBeLessThan(1e-6 * scale);
    });
    residuals.forEach((_, at) => {
      residuals[at] -= centroids[codes[Math.floor(at / config.d)] * config.d + (at % config.d)];
    });
  }
});

/** Points on a coarse grid: equal distances and repeated points are common. */
const clouds = fc.record({
  dim: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 40 }),
  k: fc.integer({ min: 1, max: 12 }),
  seed: fc.integer({ min: 0, max: 1000 }),
});

function cloud(rows: number, dim: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: rows * dim }, () => random.below(9) - 4);
}

function cost(points: Float32Array, dim: number, centroids: Float32Array, codes: Int32Array): number {
  let sum = 0;
  for (const [row, code] of codes.entries()) {
    sum += squaredDistance(points, row * dim, centroids, code * dim, dim);
  }
  return sum;
}

describe('k-means', () => {
  test('gives every point its nearest centroid, the first of equally near ones', () => {
    fc.assert(
      fc.property(clouds, ({ dim, rows, k, seed }) => {
        const points = cloud(rows, dim, seed);
        const centroids = cloud(k, dim, seed + 1);
        const codes = new Int32Array(rows);
        const distances = new Float32Array(rows);
        nearestCentroids(points, centroids, dim, codes, distances);
        for (let row = 0; row < rows; row++) {
          const all = Array.from({ length: k }, (_, code) =>
            squaredDistance(points, row * dim, centroids, code * dim, dim),
          );
          expect(codes[row]).toBe(all.indexOf(Math.min(...all)));
          expect(distances[row]).toBe(Math.min(...all));
        }
      }),
    );
  });

  test('never gets worse with more iterations, and uses every code where there are points enough', async () => {
    await fc.assert(
      fc.asyncProperty(clouds, async ({ dim, rows, k, seed }) => {
        const points = cloud(rows, dim, seed);
        const start = kmeansPlusPlus(points, dim, k, new Random(seed));
        const costs = [0, 1, 2, 5].map((iterations) => {
          const { centroids, codes } = lloyd(points, start, dim, iterations);
          return cost(points, dim, centroids, codes);
        });
        costs.slice(1).forEach((value, at) => {
          expect(value).toBeLessThanOrEqual(costs[at] + 1e-3);
        });
        const result = await kmeans(points, dim, { k, iterations: 50, random: new Random(seed) });
        const again = await kmeans(points, dim, { k, iterations: 50, random: new Random(seed) });
        expect(again).toEqual(result);
        const distinct = new Set(
          Array.from({ length: rows }, (_, row) => points.subarray(row * dim, (row + 1) * dim).join()),
        ).size;
        expect(new Set(result.codes).size).toBe(Math.min(k, distinct));
      }),
      { numRuns: 60 },
    );
  });

  test('an empty cluster takes the farthest point', () => {
    const points = Float32Array.from([0, 0.1, 0.2, 9]);
    const { centroids, codes } = lloyd(points, Float32Array.from([1, 100]), 1, 2);
    expect([...codes]).toEqual([0, 0, 0, 1]);
    expect(centroids[1]).toBe(9);
  });

  test('fits the centroids to a sample and codes all points', async () => {
    const points = cloud(500, 3, 4);
    const { centroids, codes } = await kmeans(points, 3, {
      k: 8,
      iterations: 20,
      sample: 60,
      random: new Random(2),
    });
    const expected = new Int32Array(500);
    nearestCentroids(points, centroids, 3, expected);
    expect(codes).toEqual(expected);
  });
});

/** Now and then a value that nobody should have: not a number, infinite, or as large as 32 bits can say. */
const odd = (random: Random, value: number) =>
  random.below(6) === 0
    ? ([Number.NaN, Number.POSITIVE_INFINITY, 3e38, -3e38][random.below(4)] as number)
    : value;

test('bounds spare products, and change no code, tie or distance while centroids move', () => {
  fc.assert(
    fc.property(
      clouds,
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      (shape, moves, isOdd) => {
        const { dim, rows, k, seed } = shape;
        const random = new Random(seed, 0, 'odd');
        const points = cloud(rows, dim, seed).map((value) => (isOdd ? odd(random, value) : value));
        const nearest = new NearestByBounds(points, dim, k);
        const centroids = cloud(k, dim, seed + 1);
        for (const move of moves) {
          const distances = new Float32Array(rows);
          const codes = nearest.next(centroids, distances);
          const plain = { codes: new Int32Array(rows), distances: new Float32Array(rows) };
          nearestCentroids(points, centroids, dim, plain.codes, plain.distances);
          expect([...codes]).toEqual([...plain.codes]);
          expect([...distances]).toEqual([...plain.distances]);
          // Some jump, most stay or move a little.
          const moving = new Random(move);
          centroids.forEach((value, at) => {
            if (moving.below(3) === 0)
              centroids[at] = moving.below(5) === 0 ? moving.below(9) - 4 : value + moving.normal() / 8;
          });
        }
      },
    ),
  );
});
