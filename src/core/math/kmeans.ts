/** k-means on row-major float32 points, on the host: k-means++, Lloyd's iterations, nearest centroids. */
import { throwIfCancelled } from '../errors.ts';
import type { Random } from './random.ts';
import { dot, rowsAt } from './rows.ts';

/**
 * The nearest centroid of every point by squared Euclidean distance, the lower index where two are equally near.
 * argmin |x - c|² = argmax x·c - |c|²/2, and four centroids share one pass over a point.
 * @param points [rows, dim]
 * @param centroids [k, dim]
 * @param codes [rows], written
 * @param distances [rows] squared distances, written where given
 */
export function nearestCentroids(
  points: Float32Array,
  centroids: Float32Array,
  dim: number,
  codes: Int32Array,
  distances?: Float32Array,
): void {
  const k = centroids.length / dim;
  const half = halfNorms(centroids, dim);
  for (let row = 0, at = 0; row < codes.length; row++, at += dim) {
    let best = 0;
    let bestScore = Number.NEGATIVE_INFINITY;
    let code = 0;
    for (; code + 4 <= k; code += 4) {
      const a = code * dim;
      const [b, c, d] = [a + dim, a + 2 * dim, a + 3 * dim];
      let [s0, s1, s2, s3] = [-half[code], -half[code + 1], -half[code + 2], -half[code + 3]];
      for (let axis = 0; axis < dim; axis++) {
        const value = points[at + axis];
        s0 += value * centroids[a + axis];
        s1 += value * centroids[b + axis];
        s2 += value * centroids[c + axis];
        s3 += value * centroids[d + axis];
      }
      if (s0 > bestScore) [bestScore, best] = [s0, code];
      if (s1 > bestScore) [bestScore, best] = [s1, code + 1];
      if (s2 > bestScore) [bestScore, best] = [s2, code + 2];
      if (s3 > bestScore) [bestScore, best] = [s3, code + 3];
    }
    for (; code < k; code++) {
      const score = dot(points, at, centroids, code * dim, dim) - half[code];
      if (score > bestScore) [bestScore, best] = [score, code];
    }
    codes[row] = best;
    if (distances) distances[row] = squaredDistance(points, at, centroids, best * dim, dim);
  }
}

function halfNorms(centroids: Float32Array, dim: number): Float64Array {
  return Float64Array.from(
    { length: centroids.length / dim },
    (_, code) => dot(centroids, code * dim, centroids, code * dim, dim) / 2,
  );
}

export function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, dim: number): number {
  let sum = 0;
  for (let axis = 0; axis < dim; axis++) {
    const difference = a[i + axis] - b[j + axis];
    sum += difference * difference;
  }
  return sum;
}

/**
 * The mean of each cluster's points, written into `centroids`. An empty cluster takes the point that is farthest from
 * its centroid (each such cluster the next farthest), as long as that point is not on its centroid.
 */
function updateCentroids(
  points: Float32Array,
  centroids: Float32Array,
  dim: number,
  codes: Int32Array,
  distances: Float32Array,
): void {
  const k = centroids.length / dim;
  const sums = new Float64Array(centroids.length);
  const counts = new Int32Array(k);
  for (let row = 0; row < codes.length; row++) {
    counts[codes[row]]++;
    const [from, to] = [row * dim, codes[row] * dim];
    for (let axis = 0; axis < dim; axis++) sums[to + axis] += points[from + axis];
  }
  const empty: number[] = [];
  for (let code = 0; code < k; code++) {
    if (counts[code] === 0) empty.push(code);
    else
      for (let axis = 0; axis < dim; axis++)
        centroids[code * dim + axis] = sums[code * dim + axis] / counts[code];
  }
  if (empty.length === 0) return;
  const farthest = Array.from(distances.keys()).sort((a, b) => distances[b] - distances[a] || a - b);
  for (const [place, code] of empty.entries()) {
    const row = farthest[place];
    if (row === undefined || !(distances[row] > 0)) break;
    centroids.set(points.subarray(row * dim, (row + 1) * dim), code * dim);
  }
}

export interface LloydResult {
  /** [k, dim] after the last update. */
  centroids: Float32Array;
  /** The codes before each update, one [rows] an iteration. */
  assignments: Int32Array[];
  /** [rows] codes by the last centroids. */
  codes: Int32Array;
}

/**
 * A fixed number of Lloyd's iterations (assign, then take means) from given centroids.
 * @param points [rows, dim]
 * @param centroids [k, dim], left as they are
 */
export function lloyd(
  points: Float32Array,
  centroids: Float32Array,
  dim: number,
  iterations: number,
): LloydResult {
  const rows = points.length / dim;
  const current = centroids.slice();
  const distances = new Float32Array(rows);
  const assignments: Int32Array[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const codes = new Int32Array(rows);
    nearestCentroids(points, current, dim, codes, distances);
    assignments.push(codes);
    updateCentroids(points, current, dim, codes, distances);
  }
  const codes = new Int32Array(rows);
  nearestCentroids(points, current, dim, codes);
  return { centroids: current, assignments, codes };
}

/**
 * k-means++ (Arthur and Vassilvitskii 2007): the first centroid is a random point, every other one a point drawn with
 * probability proportional to its squared distance from the nearest centroid so far. Where all points are centroids
 * already, points are repeated.
 * @param points [rows, dim], at least one row
 * @returns [k, dim]
 */
export function kmeansPlusPlus(points: Float32Array, dim: number, k: number, random: Random): Float32Array {
  const rows = points.length / dim;
  const centroids = new Float32Array(k * dim);
  const distances = new Float32Array(rows).fill(Number.POSITIVE_INFINITY);
  let chosen = random.below(rows);
  for (let code = 0; ; ) {
    const from = chosen * dim;
    centroids.set(points.subarray(from, from + dim), code * dim);
    if (++code === k) return centroids;
    let total = 0;
    for (let row = 0; row < rows; row++) {
      const distance = squaredDistance(points, row * dim, points, from, dim);
      if (distance < distances[row]) distances[row] = distance;
      total += distances[row];
    }
    chosen = total > 0 ? drawByWeight(distances, random.uniform() * total) : random.below(rows);
  }
}

/** The first index at which the running sum of weights passes `target`; never one of weight 0. */
function drawByWeight(weights: Float32Array, target: number): number {
  let sum = 0;
  let last = 0;
  for (let index = 0; index < weights.length; index++) {
    if (weights[index] === 0) continue;
    sum += weights[index];
    last = index;
    if (sum > target) return index;
  }
  return last;
}

export interface KmeansOptions {
  k: number;
  /** Most Lloyd's iterations; it stops before when no code changes. */
  iterations: number;
  random: Random;
  /** Most points that the centroids are fitted to, drawn at random; all points then get codes. */
  sample?: number;
  signal?: AbortSignal;
  /** Iterations done so far. */
  onIteration?: (done: number) => void;
}

export interface KmeansResult {
  /** [k, dim] */
  centroids: Float32Array;
  /** [rows] the nearest centroid. */
  codes: Int32Array;
  /** Iterations until nothing changed, or all. */
  iterations: number;
}

/**
 * k-means from a k-means++ start, until nothing changes or the iterations are done. It gives way to other work between
 * iterations. Deterministic: the same points and random state give the same bits.
 * @param points [rows, dim], at least one row
 */
export async function kmeans(
  points: Float32Array,
  dim: number,
  options: KmeansOptions,
): Promise<KmeansResult> {
  const { k, random, signal, onIteration } = options;
  const fitted = samplePoints(points, dim, options.sample ?? Number.POSITIVE_INFINITY, random);
  const rows = fitted.length / dim;
  const centroids = kmeansPlusPlus(fitted, dim, k, random);
  const distances = new Float32Array(rows);
  let codes = new Int32Array(rows);
  let iterations = 0;
  for (let changed = true; changed && iterations < options.iterations; ) {
    throwIfCancelled(signal);
    const next = new Int32Array(rows);
    nearestCentroids(fitted, centroids, dim, next, distances);
    changed = iterations === 0 || next.some((code, row) => code !== codes[row]);
    codes = next;
    if (changed) updateCentroids(fitted, centroids, dim, codes, distances);
    iterations++;
    onIteration?.(iterations);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const all = new Int32Array(points.length / dim);
  nearestCentroids(points, centroids, dim, all);
  return { centroids, codes: all, iterations };
}

/** `count` rows without repetition in their own order, or all of them. */
function samplePoints(points: Float32Array, dim: number, count: number, random: Random): Float32Array {
  const rows = points.length / dim;
  if (rows <= count) return points;
  return rowsAt(points, dim, random.order(rows).slice(0, count).sort());
}
