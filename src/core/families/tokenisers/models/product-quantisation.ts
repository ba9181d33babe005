/** Semantic IDs whose codes are of parts of the vector side by side, after a rotation that suits the parts. */
import { EVD, Matrix, SVD } from 'ml-matrix';
import { z } from 'zod';
import { contentFields } from '../../../content/config.ts';
import { throwIfCancelled, UserError } from '../../../errors.ts';
import { kmeans, lloyd } from '../../../math/kmeans.ts';
import { nearestCentroids } from '../../../math/nearest.ts';
import { Random } from '../../../math/random.ts';
import { rowsAt } from '../../../math/rows.ts';
import type { ItemMatrix } from '../../../semantic-ids/types.ts';
import { field } from '../../../training/config.ts';
import { type FittedIds, type TokeniserFit, tokeniser } from '../tokeniser.ts';

const schema = z.object({
  ...contentFields,
  levels: field.positiveInt('Parts of the vector, each of which has a code').default(4),
  codes: field.positiveInt('Codes to choose from for each part').default(256),
  startIterations: field.positiveInt('Most iterations of k-means that a part starts with').default(10),
  rotations: field
    .nonNegativeInt(
      'Times that the codebooks and then the rotation are improved; 0 leaves the axes as they are',
    )
    .default(20),
  sample: field
    .nonNegativeInt('Items that rotation and centroids are fitted to, drawn at random; 0 takes all')
    .default(20_000),
});

type PartsFit = Pick<TokeniserFit, 'content' | 'seed' | 'signal' | 'onProgress'>;
type PartsConfig = Omit<z.output<typeof schema>, keyof typeof contentFields>;

/** Rotation [dim, dim], by columns, and the centroids [codes, width] of each part of the rotated vector. */
export interface ProductQuantiser {
  rotation: Float64Array;
  centroids: Float32Array[];
}

/** Widths of the parts, which differ by one at most, and where they begin. */
export function partsOf(dim: number, levels: number): { from: number; width: number }[] {
  return Array.from({ length: levels }, (_, level) => {
    const from = Math.floor((level * dim) / levels);
    return { from, width: Math.floor(((level + 1) * dim) / levels) - from };
  });
}

/**
 * Optimised product quantisation (Ge, He, Ke and Sun 2013): from the parametric start (section 3.2), which gives each part
 * principal axes of an equal product of variances, codebooks and rotation in turn (section 3.1, non-parametric). Without
 * rotations product quantisation as it is (Jegou, Douze and Schmid 2011). Deterministic for a seed.
 * The vectors of an item's codes, [codes, dim] a level, sum up to its reconstruction.
 */
export async function fitParts(config: PartsConfig, fit: PartsFit): Promise<FittedIds> {
  const { content, signal } = fit;
  if (!content) throw new Error('product quantisation splits content');
  const { items, dim, data } = content;
  const { levels, codes: k, rotations } = config;
  if (levels > dim) {
    throw new UserError(
      `${levels} codes an ID are of as many parts of a vector, and these have ${dim} numbers`,
    );
  }
  const fitted = sampleRows(content, config.sample, fit.seed);
  const rotation = rotations > 0 ? parametricStart(fitted, dim, levels) : identity(dim);
  const quantiser = { rotation, centroids: await firstCentroids(fitted, dim, rotation, config, fit) };
  for (let done = 0; done < rotations; done++) {
    throwIfCancelled(signal);
    fit.onProgress(done, rotations, 'rotations');
    alternate(fitted, dim, quantiser);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const rotated = multiply(data, quantiser.rotation, dim);
  const codes = new Int32Array(items * levels);
  for (const [level, { from, width }] of partsOf(dim, levels).entries()) {
    const levelCodes = new Int32Array(items);
    nearestCentroids(columns(rotated, dim, from, width), quantiser.centroids[level], width, levelCodes);
    for (let item = 0; item < items; item++) codes[item * levels + level] = levelCodes[item];
  }
  const codebooks = quantiser.centroids.map((_, level) => turnedBack(quantiser, dim, level));
  return { codebookSizes: Array<number>(levels).fill(k), codes, codebooks };
}

/**
 * One iteration: an assignment to the codebooks and their means, then the rotation that brings `points` [rows, dim]
 * nearest to what they are quantised to, U V^T of X^T Y = U S V^T (the orthogonal Procrustes problem). Written into the
 * quantiser.
 */
export function alternate(points: Float32Array, dim: number, quantiser: ProductQuantiser): void {
  const { rotation, centroids } = quantiser;
  const rotated = multiply(points, rotation, dim);
  const quantised = new Float32Array(points.length);
  for (const [level, { from, width }] of partsOf(dim, centroids.length).entries()) {
    const part = columns(rotated, dim, from, width);
    const next = lloyd(part, centroids[level], width, 1);
    centroids[level] = next.centroids;
    for (const [row, code] of next.codes.entries()) {
      const vector = next.centroids.subarray(code * width, (code + 1) * width);
      quantised.set(vector, row * dim + from);
    }
  }
  quantiser.rotation = orthogonalFactor(crossProduct(points, quantised, dim), dim);
}

function sampleRows({ items, dim, data }: ItemMatrix, sample: number, seed: number): Float32Array {
  if (sample === 0 || sample >= items) return data;
  const order = new Random(seed, 0, 'product-quantisation-sample').order(items);
  return rowsAt(data, dim, order.subarray(0, sample));
}

function identity(dim: number): Float64Array {
  return Float64Array.from({ length: dim * dim }, (_, at) => (at % (dim + 1) === 0 ? 1 : 0));
}

/** Principal axes, the largest first, each to the part whose product of variances is smallest and that has room. */
function parametricStart(points: Float32Array, dim: number, levels: number): Float64Array {
  const axes = new EVD(Matrix.from1DArray(dim, dim, covariance(points, dim)), { assumeSymmetric: true });
  const variances = axes.realEigenvalues;
  const parts = partsOf(dim, levels).map((part) => ({ ...part, taken: 0, logVariance: 0 }));
  const rotation = new Float64Array(dim * dim);
  const smallest = Math.max(variances[dim - 1], 1e-30) * 1e-12;
  for (let axis = dim - 1; axis >= 0; axis--) {
    const [part] = parts
      .filter(({ taken, width }) => taken < width)
      .sort((a, b) => a.logVariance - b.logVariance);
    const column = part.from + part.taken++;
    // Relative to the smallest, so that no logarithm is negative and a product only grows.
    part.logVariance += Math.log(Math.max(variances[axis] / smallest, 1));
    for (let i = 0; i < dim; i++) rotation[i * dim + column] = axes.eigenvectorMatrix.get(i, axis);
  }
  return rotation;
}

function covariance(points: Float32Array, dim: number): Float64Array {
  const rows = points.length / dim;
  const mean = new Float64Array(dim);
  points.forEach((value, at) => {
    mean[at % dim] += value / rows;
  });
  const centred = points.map((value, at) => value - mean[at % dim]);
  return crossProduct(centred, centred, dim);
}

async function firstCentroids(
  points: Float32Array,
  dim: number,
  rotation: Float64Array,
  { levels, codes, startIterations }: PartsConfig,
  { seed, signal }: PartsFit,
): Promise<Float32Array[]> {
  const rotated = multiply(points, rotation, dim);
  const all: Float32Array[] = [];
  for (const [level, { from, width }] of partsOf(dim, levels).entries()) {
    const random = new Random(seed, level, 'product-quantisation');
    const options = { k: codes, iterations: startIterations, random, signal };
    all.push((await kmeans(columns(rotated, dim, from, width), width, options)).centroids);
  }
  return all;
}

/** The part of every row from a column on: [rows, width] */
function columns(rows: Float32Array, dim: number, from: number, width: number): Float32Array {
  const part = new Float32Array((rows.length / dim) * width);
  for (let at = 0, row = 0; at < part.length; at += width, row += dim) {
    part.set(rows.subarray(row + from, row + from + width), at);
  }
  return part;
}

/** [rows, dim] times [dim, dim]. */
function multiply(rows: Float32Array, matrix: Float64Array, dim: number): Float32Array {
  const result = new Float32Array(rows.length);
  const sums = new Float64Array(dim);
  for (let row = 0; row < rows.length; row += dim) {
    sums.fill(0);
    for (let i = 0; i < dim; i++) {
      const value = rows[row + i];
      for (let j = 0; j < dim; j++) sums[j] += value * matrix[i * dim + j];
    }
    result.set(sums, row);
  }
  return result;
}

/** X^T Y of two [rows, dim]. */
function crossProduct(x: Float32Array, y: Float32Array, dim: number): Float64Array {
  const result = new Float64Array(dim * dim);
  for (let row = 0; row < x.length; row += dim) {
    for (let i = 0; i < dim; i++) {
      const value = x[row + i];
      for (let j = 0; j < dim; j++) result[i * dim + j] += value * y[row + j];
    }
  }
  return result;
}

/** U V^T of M = U S V^T; directions that M loses become any that are orthogonal to the rest. */
function orthogonalFactor(m: Float64Array, dim: number): Float64Array {
  const { leftSingularVectors, rightSingularVectors } = new SVD(Matrix.from1DArray(dim, dim, m));
  return Float64Array.from(leftSingularVectors.mmul(rightSingularVectors.transpose()).to1DArray());
}

/** A part's centroids in the space of the content, [codes, dim]. */
function turnedBack({ rotation, centroids }: ProductQuantiser, dim: number, level: number): Float32Array {
  const { from, width } = partsOf(dim, centroids.length)[level];
  const codebook = centroids[level];
  const codes = codebook.length / width;
  return Float32Array.from({ length: codes * dim }, (_, at) => {
    const [code, i] = [Math.floor(at / dim), at % dim];
    let sum = 0;
    for (let axis = 0; axis < width; axis++)
      sum += codebook[code * width + axis] * rotation[i * dim + from + axis];
    return sum;
  });
}

export const productQuantisation = tokeniser({
  id: 'opq',
  title: 'Product quantisation',
  summary: 'Parts of the content, with codes each.',
  group: 'tokeniser',
  paper: {
    title: 'Optimized Product Quantization for Approximate Nearest Neighbor Search',
    authors: 'Tiezheng Ge, Kaiming He, Qifa Ke, Jian Sun',
    year: 2013,
    where: 'CVPR 2013',
  },
  essentials: ['levels', 'codes', 'content'],
  configSchema: schema,
  readsContent: () => true,
  sources: { vectorsFrom: 'optional' },
  build: (config) => ({ training: 'fit', fit: (context) => fitParts(config, context) }),
});
