/** k-means on row-major float32 points, on the host: k-means++ and Lloyd's iterations. */
import { throwIfCancelled } from '../errors.ts';
import { nearestCentroids, squaredDistance } from './nearest.ts';
import { NearestByBounds } from './nearest-by-bounds.ts';
import type { Random } from './random.ts';
import { rowsAt } from './rows.ts';

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
  const nearest = new NearestByBounds(fitted, dim, k);
  let codes: Int32Array = new Int32Array(rows);
  let iterations = 0;
  for (let changed = true; changed && iterations < options.iterations; ) {
    throwIfCancelled(signal);
    const next = nearest.next(centroids, distances);
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
