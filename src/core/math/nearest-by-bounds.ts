import { nearestCentroids, scoring, squaredDistance } from './nearest.ts';
import { dot } from './rows.ts';

/** Points × centroids whose bounds are kept, 4 bytes each; above it every distance is computed. */
const MOST_BOUNDS = 2 ** 26;
/** Of the lengths of points and centroids: what rounding can take from a bound in hundreds of iterations. */
const MARGIN = 1e-4;
/** Of what a bound can be. */
const LARGEST = 3e38;

/**
 * The nearest centroid of every point while centroids move, as `nearestCentroids` gives it to the last tie, without most of the products:
 * a centroid that was far away and has moved little is not nearest (Elkan 2003, section 3).
 */
export class NearestByBounds {
  readonly #points: Float32Array;
  readonly #dim: number;
  /** [rows, k]: at most the distance to each centroid, but for `MARGIN`. */
  readonly #lower: Float32Array | null;
  /** Length of each point. */
  readonly #lengths: Float64Array;
  #codes: Int32Array | null = null;
  #centroids: Float32Array;

  /** @param points [rows, dim] */
  constructor(points: Float32Array, dim: number, k: number) {
    this.#points = points;
    this.#dim = dim;
    const rows = points.length / dim;
    this.#lower = rows * k <= MOST_BOUNDS ? new Float32Array(rows * k) : null;
    this.#lengths = lengthsOf(points, dim);
    this.#centroids = new Float32Array(k * dim);
  }

  /**
   * @param centroids [k, dim]
   * @param distances [rows] squared distances, written
   * @returns codes [rows]
   */
  next(centroids: Float32Array, distances: Float32Array): Int32Array {
    const codes = new Int32Array(distances.length);
    const before = this.#codes;
    if (before && this.#lower) {
      this.#loosen(this.#lower, centroids);
      this.#improve(before, this.#lower, centroids, codes, distances);
    } else nearestCentroids(this.#points, centroids, this.#dim, codes, distances);
    this.#codes = codes;
    this.#centroids = centroids.slice();
    return codes;
  }

  /** Every bound falls by as much as its centroid has moved. */
  #loosen(lower: Float32Array, centroids: Float32Array): void {
    const dim = this.#dim;
    const k = centroids.length / dim;
    const moved = Float64Array.from({ length: k }, (_, code) =>
      Math.sqrt(squaredDistance(this.#centroids, code * dim, centroids, code * dim, dim)),
    );
    for (let at = 0; at < lower.length; at += k)
      for (let code = 0; code < k; code++) lower[at + code] -= moved[code];
  }

  #improve(
    before: Int32Array,
    lower: Float32Array,
    centroids: Float32Array,
    codes: Int32Array,
    distances: Float32Array,
  ): void {
    const [points, dim] = [this.#points, this.#dim];
    const k = centroids.length / dim;
    const scoreOf = scoring(points, centroids, dim);
    const longest = lengthsOf(centroids, dim).reduce((most, one) => Math.max(most, one), 0);
    for (let row = 0, at = 0; row < codes.length; row++, at += dim) {
      const length = this.#lengths[row];
      const margin = MARGIN * (length + longest);
      let [best, bestScore] = [0, Number.NEGATIVE_INFINITY];
      distances[row] = squaredDistance(points, at, centroids, before[row] * dim, dim);
      let reach = Math.sqrt(distances[row]) + margin;
      for (let code = 0, bound = row * k; code < k; code++, bound++) {
        if (lower[bound] > reach && code !== before[row]) continue;
        const score = scoreOf(at, code);
        const distance = Math.sqrt(Math.max(0, length * length - 2 * score));
        // One that is no number, or too large for 32 bits, says nothing.
        lower[bound] = distance < LARGEST ? distance : 0;
        if (!(score > bestScore)) continue;
        [best, bestScore] = [code, score];
        reach = Math.min(reach, distance + margin);
      }
      codes[row] = best;
      if (best !== before[row]) distances[row] = squaredDistance(points, at, centroids, best * dim, dim);
    }
  }
}

/** Of each row. */
function lengthsOf(values: Float32Array, dim: number): Float64Array {
  return Float64Array.from({ length: values.length / dim }, (_, row) =>
    Math.sqrt(dot(values, row * dim, values, row * dim, dim)),
  );
}
