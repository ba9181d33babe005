import { UserError } from '../errors.ts';
import { sortedQuantile } from '../math/ranks.ts';
import { normalCdf, normalQuantile } from './distributions.ts';
import { mean } from './metrics.ts';
import { standardDeviation } from './significance.ts';

/** A stream of uniform 32-bit integers from a seed (Chris Doty-Humphrey's sfc32). */
function randomStream(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 15; warmUp++) next();
  return next;
}

/**
 * Means of bootstrap resamples of several samples of the same users, [samples][resamples]. Every resample draws its
 * users once and uses them for all samples, which keeps metrics of one pair of runs comparable and saves the draws.
 */
export function resampleMeans(
  samples: readonly ArrayLike<number>[],
  options: { resamples: number; seed: number },
): Float64Array[] {
  const users = samples[0]?.length ?? 0;
  if (users === 0 || samples.some((sample) => sample.length !== users)) {
    throw new UserError('a bootstrap needs samples of the same users, at least one user');
  }
  const columns = samples.map((sample) => Float64Array.from(sample));
  const means = samples.map(() => new Float64Array(options.resamples));
  const next = randomStream(options.seed);
  const drawn = new Int32Array(users);
  for (let resample = 0; resample < options.resamples; resample++) {
    // Scaling a 32-bit draw is biased by at most users / 2^32, far below the error of the bootstrap itself.
    for (let place = 0; place < users; place++) drawn[place] = Math.floor((next() / 4294967296) * users);
    columns.forEach((column, sample) => {
      let sum = 0;
      for (let place = 0; place < users; place++) sum += column[drawn[place]];
      means[sample][resample] = sum / users;
    });
  }
  return means;
}

export interface BootstrapResult {
  /** Mean of the sample itself. */
  difference: number;
  percentile: [number, number];
  basic: [number, number];
  /** Bias-corrected and accelerated; equal to `percentile` where every resample has the same mean. */
  bca: [number, number];
  bias: number;
  acceleration: number;
  /** Standard deviation of the resampled means. */
  standardError: number;
  /** Twice the smaller share of resamples on either side of zero, at most 1. */
  p: number;
}

/** Skewness of the jackknife means over six (Efron 1987, equation 6.6); for a mean it has this closed form. */
function jackknifeAcceleration(sample: ArrayLike<number>): number {
  const centre = mean(sample);
  let [squares, cubes] = [0, 0];
  for (let index = 0; index < sample.length; index++) {
    const distance = sample[index] - centre;
    squares += distance ** 2;
    cubes += distance ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** Intervals (default: 95 %) of a mean from the means of its resamples; percentile, basic and BCa (Efron 1987). */
export function bootstrapIntervals(
  sample: ArrayLike<number>,
  means: ArrayLike<number>,
  level = 0.95,
): BootstrapResult {
  const sorted = Float64Array.from(means).sort();
  const difference = mean(sample);
  const share = (test: (value: number) => boolean) => sorted.filter(test).length / sorted.length;
  const tail = (1 - level) / 2;
  const percentile: [number, number] = [sortedQuantile(sorted, tail), sortedQuantile(sorted, 1 - tail)];
  const bias = normalQuantile(share((value) => value < difference));
  const acceleration = jackknifeAcceleration(sample);
  const corrected = (at: number): number => {
    const shifted = bias + normalQuantile(at);
    return sortedQuantile(sorted, normalCdf(bias + shifted / (1 - acceleration * shifted)));
  };
  return {
    difference,
    percentile,
    basic: [2 * difference - percentile[1], 2 * difference - percentile[0]],
    bca: Number.isFinite(bias) ? [corrected(tail), corrected(1 - tail)] : percentile,
    bias,
    acceleration,
    standardError: standardDeviation(sorted),
    p: Math.min(
      1,
      2 *
        Math.min(
          share((value) => value <= 0),
          share((value) => value >= 0),
        ),
    ),
  };
}

/** Paired bootstrap over users of the mean of y - x; the same seed gives the same interval. */
export function pairedBootstrap(
  differences: ArrayLike<number>,
  options: { resamples?: number; seed?: number; level?: number } = {},
): BootstrapResult {
  const { resamples = 2000, seed = 1, level } = options;
  const [means] = resampleMeans([differences], { resamples, seed });
  return bootstrapIntervals(differences, means, level);
}
