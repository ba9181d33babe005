/** Semantic IDs without a network: k-means of the vectors, then of what is left of them, level by level. */
import { throwIfCancelled } from '../../errors.ts';
import { kmeans, nearestCentroids, squaredDistance } from '../../math/kmeans.ts';
import { Random } from '../../math/random.ts';
import { rowsAt, unitRows } from '../../math/rows.ts';
import type { SinkhornOptions } from '../../math/sinkhorn.ts';
import { codesOfPlan, sinkhornPlan } from '../../math/sinkhorn.ts';
import type { ItemMatrix } from '../../semantic-ids/types.ts';

export interface ResidualKmeansOptions {
  levels: number;
  /** Codes of a level. */
  codes: number;
  /** Most Lloyd's iterations of a level. */
  iterations: number;
  /** Most items that a level's centroids are fitted to; 0 takes all. */
  sample: number;
  /** Cluster by direction: residuals at length 1. A code's vector is then the mean of its residuals as they are. */
  unitResiduals: boolean;
  /** Balancing of a level (from 0), or null for nearest codes. */
  balance(level: number): SinkhornOptions | null;
  seed: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface ResidualKmeans {
  /** [items, levels] */
  codes: Int32Array;
  /** Vectors whose sum is the reconstruction, one [codes, dim] a level. */
  codebooks: Float32Array[];
}

/** Items balanced together; the plan of a block is [block, codes]. */
const BALANCE_BLOCK = 4096;

/**
 * Residual k-means: level l clusters x less the vectors of the codes above (Chen, Guan and Wang 2010, section II; as the
 * tokeniser of GRID, Ju et al. 2025). Deterministic for a seed.
 */
export async function residualKmeans(
  content: ItemMatrix,
  options: ResidualKmeansOptions,
): Promise<ResidualKmeans> {
  const { items, dim, data } = content;
  const { levels, codes: k, iterations, sample, unitResiduals, seed, signal, onProgress } = options;
  const residuals = data.slice();
  const codes = new Int32Array(items * levels);
  const codebooks: Float32Array[] = [];
  for (let level = 0; level < levels; level++) {
    const points = unitResiduals ? unitRows(residuals, dim) : residuals;
    const random = new Random(seed, level, 'residual-kmeans');
    const { centroids, codes: nearest } = await kmeans(points, dim, {
      k,
      iterations,
      random,
      signal,
      ...(sample > 0 ? { sample } : {}),
      onIteration: (done) => onProgress?.(level * iterations + done, levels * iterations),
    });
    const balance = options.balance(level);
    const levelCodes = balance
      ? await balancedCodes(points, centroids, dim, random, { ...balance, signal })
      : nearest;
    const codebook = unitResiduals ? meansByCode(residuals, dim, levelCodes, k) : centroids;
    for (let item = 0; item < items; item++) {
      codes[item * levels + level] = levelCodes[item];
      for (let axis = 0; axis < dim; axis++)
        residuals[item * dim + axis] -= codebook[levelCodes[item] * dim + axis];
    }
    codebooks.push(codebook);
    onProgress?.((level + 1) * iterations, levels * iterations);
  }
  return { codes, codebooks };
}

/** Mean of the rows of each code, [k, dim]; zeros for codes without rows. */
function meansByCode(points: Float32Array, dim: number, codes: Int32Array, k: number): Float32Array {
  const sums = new Float64Array(k * dim);
  const counts = new Int32Array(k);
  for (const [row, code] of codes.entries()) {
    counts[code]++;
    for (let axis = 0; axis < dim; axis++) sums[code * dim + axis] += points[row * dim + axis];
  }
  return Float32Array.from(sums, (sum, at) => sum / Math.max(counts[Math.floor(at / dim)], 1));
}

/** Codes of balanced blocks of random rows. */
async function balancedCodes(
  points: Float32Array,
  centroids: Float32Array,
  dim: number,
  random: Random,
  { signal, ...options }: SinkhornOptions & { signal?: AbortSignal },
): Promise<Int32Array> {
  const k = centroids.length / dim;
  const codes = new Int32Array(points.length / dim);
  const order = random.order(codes.length);
  for (let start = 0; start < order.length; start += BALANCE_BLOCK) {
    throwIfCancelled(signal);
    const block = order.subarray(start, start + BALANCE_BLOCK);
    // A short last block would force as many codes on few items; they take the nearest.
    if (block.length < BALANCE_BLOCK && start > 0) {
      const nearest = new Int32Array(block.length);
      nearestCentroids(rowsAt(points, dim, block), centroids, dim, nearest);
      for (const [place, item] of block.entries()) codes[item] = nearest[place];
      break;
    }
    const distances = new Float32Array(block.length * k);
    for (const [place, item] of block.entries()) {
      for (let code = 0; code < k; code++) {
        distances[place * k + code] = squaredDistance(points, item * dim, centroids, code * dim, dim);
      }
    }
    const balanced = codesOfPlan(sinkhornPlan(distances, k, options), k);
    for (const [place, item] of block.entries()) codes[item] = balanced[place];
    await new Promise((resolve) => setImmediate(resolve));
  }
  return codes;
}
