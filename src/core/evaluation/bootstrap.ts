import { UserError } from '../errors.ts';
import { drawBinomial } from '../math/binomial.ts';
import { Random } from '../math/random.ts';
import { sortedQuantile } from '../math/ranks.ts';
import { normalCdf, normalQuantile } from './distributions.ts';
import { deviationSums, deviations, mean } from './metrics.ts';
import { countsIn, isTally, type Sample, sizeOf, valuesIn } from './tally.ts';

/** Draws from which on a resample is drawn as how often each value is in it, not user by user. */
const MANY_DRAWS = 2e8;

/** Whether resamples of so many users read no more than a tally of their values. */
export const drawCounts = (users: number, resamples: number): boolean => users * resamples > MANY_DRAWS;

/**
 * Means of bootstrap resamples of several samples of the same users, [samples][resamples]. Every resample draws its
 * users once and uses them for all samples, which saves draws; with very many users each sample has resamples of its own.
 */
export function resampleMeans(
  samples: readonly Sample[],
  options: { resamples: number; seed: number },
): Float64Array[] {
  const sizes = samples.map(sizeOf);
  const [users = 0] = sizes;
  if (users === 0 || sizes.some((size) => size !== users)) {
    throw new UserError('a bootstrap needs samples of the same users, at least one user');
  }
  const each = samples.filter((sample): sample is ArrayLike<number> => !isTally(sample));
  if (drawCounts(users, options.resamples) || each.length < samples.length)
    return samples.map((sample, at) => resampledCounts(binsOf(sample), options, at));
  const columns = each.map(withoutZeros);
  if (users * options.resamples <= KEPT_DRAWS) {
    const times = keptDraws(users, options);
    return columns.map((column) => meansOfDraws(column, times, users, options.resamples));
  }
  const means = samples.map(() => new Float64Array(options.resamples));
  let resample = 0;
  for (const times of timesDrawn(users, options)) {
    columns.forEach(({ places, values }, sample) => {
      let sum = 0;
      for (let at = 0; at < places.length; at++) sum += times[places[at]] * values[at];
      means[sample][resample] = sum / users;
    });
    resample++;
  }
  return means;
}

/** The values of a sample that are not 0, as most differences of a metric are, and where they stand. */
function withoutZeros(sample: ArrayLike<number>): { places: Int32Array; values: Float64Array } {
  const places = Int32Array.from(sample, (_, at) => at).filter((at) => sample[at] !== 0);
  return { places, values: Float64Array.from(places, (at) => sample[at]) };
}

/** So few draws are kept for the next pair of as many users, as of the other rows of a comparison. */
const KEPT_DRAWS = 8e6;
let kept: { of: string; times: Uint16Array } | null = null;

/** [users][resamples] How often each user is drawn: user by user, so that all resamples of one are read in one go. */
function keptDraws(users: number, options: { resamples: number; seed: number }): Uint16Array {
  const { resamples, seed } = options;
  const of = `${users} ${resamples} ${seed}`;
  if (kept?.of === of) return kept.times;
  const times = new Uint16Array(users * resamples);
  let resample = 0;
  for (const drawn of resamplesOf(users, options)) {
    for (let place = 0; place < users; place++) times[drawn[place] * resamples + resample]++;
    resample++;
  }
  kept = { of, times };
  return times;
}

/** In the order of the users, as a sum resample by resample has it. */
function meansOfDraws(
  { places, values }: ReturnType<typeof withoutZeros>,
  times: Uint16Array,
  users: number,
  resamples: number,
): Float64Array {
  const sums = new Float64Array(resamples);
  let at = 0;
  // Four users at once, one after the other: a sum is read and written once for all of them.
  for (; at + 4 <= places.length; at += 4) {
    const [a, b, c, d] = [values[at], values[at + 1], values[at + 2], values[at + 3]];
    const [i, j] = [places[at] * resamples, places[at + 1] * resamples];
    const [k, l] = [places[at + 2] * resamples, places[at + 3] * resamples];
    for (let resample = 0; resample < resamples; resample++)
      sums[resample] =
        sums[resample] +
        times[i + resample] * a +
        times[j + resample] * b +
        times[k + resample] * c +
        times[l + resample] * d;
  }
  for (; at < places.length; at++) {
    const [value, first] = [values[at], places[at] * resamples];
    for (let resample = 0; resample < resamples; resample++)
      sums[resample] += times[first + resample] * value;
  }
  for (let resample = 0; resample < resamples; resample++) sums[resample] /= users;
  return sums;
}

/** The users of each resample; the array is good until the next. */
function* resamplesOf(users: number, { resamples, seed }: { resamples: number; seed: number }) {
  const random = new Random(seed, 0, 'bootstrap');
  const drawn = new Int32Array(users);
  for (let resample = 0; resample < resamples; resample++) {
    random.fillIntegers(drawn, 0, users);
    yield drawn;
  }
}

/** How often each user is drawn, resample by resample; the array is good until the next. */
function* timesDrawn(users: number, options: { resamples: number; seed: number }) {
  const times = new Int32Array(users);
  for (const drawn of resamplesOf(users, options)) {
    times.fill(0);
    for (let place = 0; place < users; place++) times[drawn[place]]++;
    yield times;
  }
}

interface Bins {
  /** Values in each, and their mean. */
  counts: Float64Array;
  means: Float64Array;
}

/** On either side of 0: what they leave of a deviation's square is thousands of times below what 2,000 resamples leave of it. */
const BINS = 128;

/** The values of a sample in bins of equal width that have some, the fullest first; those of a negated sample are the same negated. */
function binsOf(sample: Sample): Bins {
  const [values, known] = [valuesIn(sample), countsIn(sample)];
  const times = (at: number) => (known === null ? 1 : known[at]);
  let [largest, sum] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    largest = Math.max(largest, Math.abs(values[at]));
    sum += times(at) * values[at];
  }
  const scale = largest > 0 ? BINS / largest : 0;
  const [counts, sums] = [new Float64Array(2 * BINS + 1), new Float64Array(2 * BINS + 1)];
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    const bin = BINS + (Math.sign(value) * Math.round(Math.abs(value) * scale) || 0);
    counts[bin] += times(at);
    sums[bin] += times(at) * value;
  }
  const side = sum < 0 ? -1 : 1;
  const distance = (bin: number) => 2 * Math.abs(bin - BINS) + (side * (bin - BINS) < 0 ? 1 : 0);
  const filled = Array.from(counts.keys()).filter((bin) => counts[bin] > 0);
  filled.sort((a, b) => counts[b] - counts[a] || distance(a) - distance(b));
  return {
    counts: Float64Array.from(filled, (bin) => counts[bin]),
    means: Float64Array.from(filled, (bin) => sums[bin] / counts[bin]),
  };
}

/**
 * Means of resamples by how many of each bin are drawn, which is multinomial: what a draw user by user has, but for the differences within
 * a bin.
 */
function resampledCounts(
  { counts, means }: Bins,
  { resamples, seed }: { resamples: number; seed: number },
  sample: number,
): Float64Array {
  const users = counts.reduce((sum, count) => sum + count, 0);
  const random = new Random(seed, sample, 'bootstrap of counts');
  return Float64Array.from({ length: resamples }, () => {
    let [drawn, rest, sum] = [users, users, 0];
    for (let bin = 0; bin < counts.length && drawn > 0; bin++) {
      const some = drawBinomial(random, drawn, counts[bin] / rest);
      sum += some * means[bin];
      drawn -= some;
      rest -= counts[bin];
    }
    return sum / users;
  });
}

/** Means of both rows of a pair with each of their seeds. */
export interface SeedMeans {
  baseline: readonly number[];
  row: readonly number[];
}

/**
 * Resamples of users that draw seeds, too: adds to the mean difference of each what as many seeds of both rows, drawn with
 * replacement, change in it. Seeds deviate by √(n / (n − 1)) as much, for resamples of few vary too little; a single seed
 * is not drawn.
 */
export function drawSeeds(means: Float64Array, { baseline, row }: SeedMeans, seed: number): Float64Array {
  const random = new Random(seed, 0, 'bootstrap of seeds');
  const sides = [baseline, row].map((side) =>
    deviations(side).map((one) => one * Math.sqrt(side.length / (side.length - 1))),
  );
  const shift = (side: Float64Array) =>
    side.length < 2 ? 0 : mean(side.map(() => side[random.below(side.length)]));
  return means.map((value) => {
    const [ofBaseline, ofRow] = sides.map(shift);
    return value + ofRow - ofBaseline;
  });
}

export interface BootstrapResult {
  /** Bias-corrected and accelerated; that of the plain quantiles where every resample lies on one side of the mean. */
  bca: [number, number];
  bias: number;
  acceleration: number;
  /** Twice the smaller share of resamples on either side of zero, the sample itself counted as one; at most 1. */
  p: number;
}

/** Skewness of the jackknife means over six (Efron 1987, equation 6.6); for a mean it has this closed form. */
function jackknifeAcceleration(sample: Sample): number {
  const { squares, cubes } = deviationSums(sample);
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** 95 % BCa interval of the mean of a sample, from resamples of its own. */
export function meanInterval(sample: Float64Array, resamples: number): [number, number] {
  const [means] = resampleMeans([sample], { resamples, seed: 1 });
  return bootstrapIntervals(sample, means).bca;
}

/** How many of ascending values come first, which `isBefore` says. */
function placeIn(sorted: Float64Array, isBefore: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isBefore(sorted[middle])) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Part of the largest value below which two means of resamples differ by the rounding of their sums. */
const ROUNDING = 2 ** -40;

/**
 * BCa interval (Efron 1987; default: 95 %) of a mean from the means of its resamples, and its p. The bias is that of the
 * share of resamples below the mean plus half of those equal to it, as SciPy has it: means of few different values are
 * often equal. Negating the sample mirrors the interval. NaN where the sample is not finite.
 */
export function bootstrapIntervals(sample: Sample, means: ArrayLike<number>, level = 0.95): BootstrapResult {
  const sorted = Float64Array.from(means).sort();
  const centre = mean(sample);
  if (!Number.isFinite(centre)) {
    return { bca: [Number.NaN, Number.NaN], bias: Number.NaN, acceleration: Number.NaN, p: Number.NaN };
  }
  const values = valuesIn(sample);
  let largest = 0;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]));
  const count = (bar: number) => ({
    below: placeIn(sorted, (value) => value < bar - ROUNDING * largest),
    above: sorted.length - placeIn(sorted, (value) => value <= bar + ROUNDING * largest),
  });
  const { below, above } = count(centre);
  const bias = normalQuantile((below + (sorted.length - above)) / (2 * sorted.length));
  const acceleration = jackknifeAcceleration(sample);
  const quantile = (at: number): number => {
    if (!Number.isFinite(bias)) return sortedQuantile(sorted, at);
    const shifted = bias + normalQuantile(at);
    return sortedQuantile(sorted, normalCdf(bias + shifted / (1 - acceleration * shifted)));
  };
  const tail = (1 - level) / 2;
  const zero = count(0);
  const smaller = sorted.length - Math.max(zero.below, zero.above);
  return {
    bca: [quantile(tail), quantile(1 - tail)],
    bias,
    acceleration,
    p: Math.min(1, (2 * (smaller + 1)) / (sorted.length + 1)),
  };
}
