/** Semantic IDs without a network: k-means of the vectors, then of what is left of them, level by level. */
import { z } from 'zod';
import { contentFields } from '../../../content/config.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { kmeans } from '../../../math/kmeans.ts';
import { nearestCentroids, squaredDistance } from '../../../math/nearest.ts';
import { Random } from '../../../math/random.ts';
import { rowsAt, unitRows } from '../../../math/rows.ts';
import { codesOfPlan, type SinkhornOptions, sinkhornPlan } from '../../../math/sinkhorn.ts';
import { field } from '../../../training/config.ts';
import { type FittedIds, type TokeniserFit, tokeniser } from '../tokeniser.ts';

export const residualKmeansSchema = z.object({
  ...contentFields,
  levels: field.positiveInt('Codes of an ID').default(3),
  codes: field.positiveInt('Codes to choose from on each level').default(256),
  iterations: field
    .positiveInt('Most iterations of k-means on a level; it stops when nothing changes')
    .default(50),
  sample: field
    .nonNegativeInt('Items that the centroids of a level are fitted to, drawn at random; 0 takes all')
    .default(100_000),
  unitResiduals: z
    .boolean()
    .describe('Cluster residuals by direction, at length 1, so that small ones count as much as large ones')
    .default(true),
  balance: z
    .enum(['none', 'last', 'all'])
    .describe('Levels whose codes are balanced by Sinkhorn, so that all are used alike')
    .default('none'),
  sinkhornEpsilon: field.positive('Entropy weight of the balancing').default(0.003),
  sinkhornIterations: field.positiveInt('Iterations of the balancing').default(50),
});

type ResidualKmeansConfig = Omit<z.output<typeof residualKmeansSchema>, keyof typeof contentFields>;

/** Items balanced together; the plan of a block is [block, codes]. */
const BALANCE_BLOCK = 4096;

/**
 * Residual k-means: level l clusters x less the vectors of the codes above (Chen, Guan and Wang 2010, section II; as the
 * tokeniser of GRID, Ju et al. 2025). Deterministic for a seed.
 */
export async function fitLevels(
  config: ResidualKmeansConfig,
  { content, seed, signal, onProgress }: Pick<TokeniserFit, 'content' | 'seed' | 'signal' | 'onProgress'>,
): Promise<FittedIds> {
  if (!content) throw new Error('residual k-means clusters content');
  const { items, dim, data } = content;
  const { levels, codes: k, iterations, sample, unitResiduals, balance } = config;
  const report = (done: number) => onProgress(done, levels * iterations, 'iterations');
  const balancing = { epsilon: config.sinkhornEpsilon, iterations: config.sinkhornIterations, signal };
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
      onIteration: (done) => report(level * iterations + done),
    });
    const balanced = balance === 'all' || (balance === 'last' && level === levels - 1);
    const levelCodes = balanced ? await balancedCodes(points, centroids, dim, random, balancing) : nearest;
    const codebook = unitResiduals ? meansByCode(residuals, dim, levelCodes, k) : centroids;
    for (let item = 0; item < items; item++) {
      codes[item * levels + level] = levelCodes[item];
      for (let axis = 0; axis < dim; axis++)
        residuals[item * dim + axis] -= codebook[levelCodes[item] * dim + axis];
    }
    codebooks.push(codebook);
    report((level + 1) * iterations);
  }
  return { codebookSizes: Array<number>(levels).fill(k), codes, codebooks };
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

export const residualKmeans = tokeniser({
  id: 'residual-kmeans',
  title: 'Residual k-means',
  summary: 'K-means of item content, level by level.',
  group: 'tokeniser',
  paper: {
    title: 'Generative Recommendation with Semantic IDs: A Practitioner’s Handbook',
    authors: 'Ju, Collins, Neves, Kumar, Wang, Zhao and Shah',
    year: 2025,
    where: 'CIKM 2025, arXiv:2507.22224',
  },
  essentials: ['levels', 'codes', 'content'],
  configSchema: residualKmeansSchema,
  readsContent: () => true,
  sources: { vectorsFrom: 'optional' },
  build: (config) => ({ training: 'fit', fit: (context) => fitLevels(config, context) }),
});
