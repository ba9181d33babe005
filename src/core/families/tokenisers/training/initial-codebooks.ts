import type { HostArrays } from '../../../engine/index.ts';
import { kmeans } from '../../../math/kmeans.ts';
import { Random } from '../../../math/random.ts';
import { rowsAt } from '../../../math/rows.ts';
import type { ItemMatrix } from '../../../semantic-ids/types.ts';
import type { Codebooks } from '../tokeniser.ts';

export interface InitialCodebookOptions {
  seed: number;
  /** Items to start from, drawn at random; 0 takes all. */
  rows: number;
  iterations: number;
  signal?: AbortSignal;
  onProgress(done: number, total: number): void;
}

/**
 * Initialises codebooks by k-means, each level on the residuals of the levels before (as TIGER does with the first
 * batch: Rajput et al. 2023, section 3.1). Returns the parameters that hold them.
 */
export async function initialCodebooks(
  {
    codebookSizes,
    codebooks: { parameters, isUnit },
  }: { codebookSizes: readonly number[]; codebooks: Codebooks },
  latents: ItemMatrix,
  options: InitialCodebookOptions,
): Promise<HostArrays> {
  const { seed, iterations, signal, onProgress } = options;
  const { dim } = latents;
  const residuals = sampleRows(latents, options.rows, new Random(seed, 0, 'init/rows'));
  const total = codebookSizes.length * iterations;
  const codebooks: HostArrays = {};
  for (const [level, k] of codebookSizes.entries()) {
    const random = new Random(seed, 0, `init/codebook/${level}`);
    const onIteration = (done: number) => onProgress(level * iterations + done, total);
    const { centroids, codes } = await kmeans(residuals, dim, { k, iterations, random, signal, onIteration });
    if (isUnit(level)) normaliseRows(centroids, dim);
    codebooks[parameters[level]] = centroids;
    for (const [row, code] of codes.entries()) {
      for (let axis = 0; axis < dim; axis++) residuals[row * dim + axis] -= centroids[code * dim + axis];
    }
  }
  onProgress(total, total);
  return codebooks;
}

/** A copy of `count` rows without repetition, or of all. */
function sampleRows({ items, dim, data }: ItemMatrix, count: number, random: Random): Float32Array {
  if (count === 0 || count >= items) return data.slice();
  return rowsAt(data, dim, random.order(items).subarray(0, count));
}

function normaliseRows(rows: Float32Array, dim: number): void {
  for (let from = 0; from < rows.length; from += dim) {
    const row = rows.subarray(from, from + dim);
    const length = Math.hypot(...row);
    if (length > 0) for (let axis = 0; axis < dim; axis++) row[axis] /= length;
  }
}
