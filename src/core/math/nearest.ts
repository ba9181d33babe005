import { dot } from './rows.ts';

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

/** x·c - |c|²/2 of the point that begins at a place and a centroid, with the sums of `nearestCentroids` in its order. */
export function scoring(
  points: Float32Array,
  centroids: Float32Array,
  dim: number,
): (at: number, code: number) => number {
  const half = halfNorms(centroids, dim);
  const alone = half.length - (half.length % 4);
  return (at, code) => {
    if (code >= alone) return dot(points, at, centroids, code * dim, dim) - half[code];
    let sum = -half[code];
    for (let axis = 0, from = code * dim; axis < dim; axis++)
      sum += points[at + axis] * centroids[from + axis];
    return sum;
  };
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
