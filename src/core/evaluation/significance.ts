import { UserError } from '../errors.ts';
import { normalSurvival, studentQuantile, studentTwoSided } from './distributions.ts';
import { deviationSums, mean } from './metrics.ts';
import { countsIn, isTally, type Sample, sizeOf, type Tally, valuesIn } from './tally.ts';

/** Over fewer users, a t interval of metrics that are mostly zeros covers far less than it says. */
export const FEWEST_USERS = 100;

/** Part of the largest value below which a difference is the rounding of sums, such as means over seeds. */
const ROUNDING = 2 ** -46;

/**
 * y - x, pair by pair, rounded so that means of the same values in another order are equal, and differences that are
 * equal but for their last bits are tied. Throws UserError when the lengths differ.
 */
export function pairedDifferences(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  if (x.length !== y.length) {
    throw new UserError(
      `paired samples have ${x.length} and ${y.length} values; pair them user by user first`,
    );
  }
  let largest = 0;
  for (let index = 0; index < x.length; index++) {
    const size = Math.max(Math.abs(x[index]), Math.abs(y[index]));
    if (size > largest && Number.isFinite(size)) largest = size;
  }
  const unit = largest === 0 ? 1 : ROUNDING * 2 ** Math.ceil(Math.log2(largest));
  // A plain loop: from() with a callback takes several times as long over many users.
  const differences = new Float64Array(x.length);
  for (let index = 0; index < x.length; index++) {
    const difference = y[index] - x[index];
    // Sizes are rounded, so that exchanging x and y changes nothing but signs; adding 0 makes -0 a 0.
    differences[index] = Math.sign(difference) * Math.round(Math.abs(difference) / unit) * unit + 0;
  }
  return differences;
}

/** Standard deviation with n - 1 in the denominator; NaN for fewer than two values. */
export function standardDeviation(sample: Sample): number {
  const size = sizeOf(sample);
  return size < 2 ? Number.NaN : Math.sqrt(deviationSums(sample).squares / (size - 1));
}

export interface PairedT {
  t: number;
  df: number;
  /** Two-sided. */
  p: number;
}

/** Student's paired t-test of differences y - x. With no variance p is 1 when nothing differs and 0 otherwise. */
export function pairedT(differences: Sample): PairedT {
  const df = sizeOf(differences) - 1;
  if (df < 1) return { t: Number.NaN, df, p: Number.NaN };
  const difference = mean(differences);
  const error = standardDeviation(differences) / Math.sqrt(df + 1);
  const t = difference === 0 ? 0 : difference / error;
  return { t, df, p: studentTwoSided(t, df) };
}

/** Welch's t-test of two samples that are not paired, as values of different seeds. NaN where one has fewer than two values. */
export function welchT(x: ArrayLike<number>, y: ArrayLike<number>): PairedT {
  const [a, b] = [x, y].map((values) => standardDeviation(values) ** 2 / values.length);
  const difference = mean(y) - mean(x);
  if (a + b === 0) return { t: Number.NaN, df: Number.NaN, p: difference === 0 ? 1 : 0 };
  const df = (a + b) ** 2 / (a ** 2 / (x.length - 1) + b ** 2 / (y.length - 1));
  const t = difference / Math.sqrt(a + b);
  return { t, df, p: studentTwoSided(t, df) };
}

/** 95 % interval of the mean of differences y - x by Student's t: it leaves out 0 where the paired t-test has p < 0.05. */
export function studentInterval(differences: ArrayLike<number>): [number, number] {
  const difference = mean(differences);
  const error = standardDeviation(differences) / Math.sqrt(differences.length);
  const reach = studentQuantile(0.05, differences.length - 1) * error;
  return [difference - reach, difference + reach];
}

/** Up to so many non-zero differences Wilcoxon's p is exact; beyond, the normal approximation serves. */
export const MAX_EXACT = 20;

export interface Wilcoxon {
  /** The smaller of the two rank sums. */
  statistic: number;
  /** Two-sided. */
  p: number;
  method: 'exact' | 'normal';
}

/**
 * Wilcoxon's signed-rank test, two-sided; zero differences are dropped, ties have their mean rank. `exact` counts over all
 * sign assignments of the ranks as they are, ties included; `normal` is the approximation with correction for ties and
 * none for continuity. Default: exact up to MAX_EXACT non-zero differences. p is 1 when every difference is zero, and
 * NaN when one is not a number.
 */
export function wilcoxon(differences: Sample, method?: Wilcoxon['method']): Wilcoxon {
  const { count, isKnown } = nonZeros(differences);
  const chosen = method ?? (count <= MAX_EXACT ? 'exact' : 'normal');
  if (!isKnown) return { statistic: Number.NaN, p: Number.NaN, method: chosen };
  const groups = isTally(differences)
    ? talliedSizes(differences)
    : (tiedSizes(differences) ?? sortedSizes(differences));
  const { counts, positives } = groups;
  let [positive, before] = [0, 0];
  for (let at = 0; at < counts.length; at++) {
    positive += positives[at] * (before + (counts[at] + 1) / 2);
    before += counts[at];
  }
  const statistic = Math.min(positive, (count * (count + 1)) / 2 - positive);
  const p =
    chosen === 'exact' ? exactP(ranksOf(groups, count), statistic) : normalP(count, groups, statistic);
  return { statistic, p, method: chosen };
}

function nonZeros(differences: Sample): { count: number; isKnown: boolean } {
  const [values, counts] = [valuesIn(differences), countsIn(differences)];
  let [count, isKnown] = [0, true];
  for (let at = 0; at < values.length; at++) {
    if (values[at] !== 0) count += counts === null ? 1 : counts[at];
    if (Number.isNaN(values[at])) isKnown = false;
  }
  return { count, isKnown };
}

/** By size other than 0, the smallest first: how many differences have it, and how many of them are positive. */
interface Tied {
  counts: ArrayLike<number>;
  positives: ArrayLike<number>;
}

/** Metrics of the first few places differ by few sizes, however many users there are. */
const FEW_SIZES = 4096;

/** Null if there are many sizes. Counting takes a fraction of the time that sorting does. */
function tiedSizes(differences: ArrayLike<number>): Tied | null {
  const bySize = new Map<number, { count: number; positive: number }>();
  for (let at = 0; at < differences.length; at++) {
    const difference = differences[at];
    if (difference === 0) continue;
    const size = Math.abs(difference);
    let tied = bySize.get(size);
    if (tied === undefined) {
      if (bySize.size === FEW_SIZES) return null;
      tied = { count: 0, positive: 0 };
      bySize.set(size, tied);
    }
    tied.count++;
    if (difference > 0) tied.positive++;
  }
  const groups = [...bySize].sort(([one], [other]) => one - other);
  return {
    counts: groups.map(([, { count }]) => count),
    positives: groups.map(([, { positive }]) => positive),
  };
}

/** The same of many sizes: both sides sorted, and merged. */
function sortedSizes(differences: ArrayLike<number>): Tied {
  const side = (sign: 1 | -1) => {
    let count = 0;
    for (let at = 0; at < differences.length; at++) if (sign * differences[at] > 0) count++;
    const sizes = new Float64Array(count);
    for (let at = 0, next = 0; at < differences.length; at++)
      if (sign * differences[at] > 0) sizes[next++] = sign * differences[at];
    return sizes.sort();
  };
  const [above, below] = [side(1), side(-1)];
  const [counts, positives]: [number[], number[]] = [[], []];
  for (let [a, b] = [0, 0]; a < above.length || b < below.length; ) {
    const size = Math.min(above[a] ?? Number.POSITIVE_INFINITY, below[b] ?? Number.POSITIVE_INFINITY);
    const [fromAbove, fromBelow] = [a, b];
    while (above[a] === size) a++;
    while (below[b] === size) b++;
    counts.push(a - fromAbove + b - fromBelow);
    positives.push(a - fromAbove);
  }
  return { counts, positives };
}

/** The same of a tally: from 0 on to both sides at once. */
function talliedSizes({ values, counts }: Tally): Tied {
  const tied = { counts: new Float64Array(values.length), positives: new Float64Array(values.length) };
  let above = values.findIndex((value) => value > 0);
  if (above < 0) above = values.length;
  let below = above - 1;
  if (values[below] === 0) below--;
  let size = 0;
  for (; above < values.length || below >= 0; size++) {
    const positive = above < values.length ? values[above] : Number.POSITIVE_INFINITY;
    const negative = below >= 0 ? -values[below] : Number.POSITIVE_INFINITY;
    if (positive <= negative) tied.positives[size] = counts[above++];
    tied.counts[size] = tied.positives[size] + (negative <= positive ? counts[below--] : 0);
  }
  return { counts: tied.counts.subarray(0, size), positives: tied.positives.subarray(0, size) };
}

/** Of each difference its rank among the sizes, ascending; ties share their mean rank. */
function ranksOf({ counts }: Tied, count: number): Float64Array {
  const ranks = new Float64Array(count);
  let start = 0;
  for (let at = 0; at < counts.length; at++) {
    ranks.fill(start + (counts[at] + 1) / 2, start, start + counts[at]);
    start += counts[at];
  }
  return ranks;
}

/** Twice the share of sign assignments whose sum of positive ranks is at most the statistic. */
function exactP(ranks: Float64Array, statistic: number): number {
  // Doubled ranks are whole numbers even where ties share a mean rank.
  const total = ranks.length * (ranks.length + 1);
  const shares = new Float64Array(total + 1);
  shares[0] = 1;
  for (const rank of ranks) {
    const step = Math.round(2 * rank);
    for (let sum = total; sum >= 0; sum--) {
      shares[sum] = (shares[sum] + (sum >= step ? shares[sum - step] : 0)) / 2;
    }
  }
  const tail = shares.subarray(0, Math.round(2 * statistic) + 1).reduce((sum, share) => sum + share, 0);
  return Math.min(1, 2 * tail);
}

function normalP(count: number, { counts }: Tied, statistic: number): number {
  let ties = 0;
  for (let at = 0; at < counts.length; at++) ties += (counts[at] ** 3 - counts[at]) / 2;
  const variance = (count * (count + 1) * (2 * count + 1) - ties) / 24;
  if (variance <= 0) return 1;
  const z = ((count * (count + 1)) / 4 - statistic) / Math.sqrt(variance);
  return Math.min(1, 2 * normalSurvival(z));
}

export interface MeanTest {
  /** Of the test that decides. */
  p: number;
  /** Whether that is Wilcoxon's exact test. */
  exact: boolean;
  t: PairedT;
  wilcoxon: Wilcoxon;
}

/** Student's test of differences y - x decides; where at most MAX_EXACT differ, Wilcoxon's exact one: a t-test of so few is none. */
export function meanTest(differences: Sample): MeanTest {
  const [t, ranked] = [pairedT(differences), wilcoxon(differences)];
  const exact = ranked.method === 'exact';
  return { p: exact ? ranked.p : t.p, exact, t, wilcoxon: ranked };
}

export interface EffectSize {
  /** Mean difference divided by the standard deviation of the differences; NaN where nothing differs. */
  cohenDz: number;
  wins: number;
  ties: number;
  losses: number;
}

/** How large paired differences y - x are, a win being a larger y. */
export function effectSize(differences: Sample): EffectSize {
  const [values, counts] = [valuesIn(differences), countsIn(differences)];
  let [wins, losses] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const times = counts === null ? 1 : counts[at];
    if (values[at] > 0) wins += times;
    else if (values[at] < 0) losses += times;
  }
  return {
    cohenDz: mean(differences) / standardDeviation(differences),
    wins,
    ties: sizeOf(differences) - wins - losses,
    losses,
  };
}

/** Whether all that differ do so by as much: the ranks of their signs are then equal. */
export function haveOneSize(differences: Sample): boolean {
  const values = valuesIn(differences);
  let size = 0;
  for (let at = 0; at < values.length; at++) {
    if (values[at] === 0) continue;
    if (size === 0) size = Math.abs(values[at]);
    else if (Math.abs(values[at]) !== size) return false;
  }
  return size > 0;
}

/** p-values adjusted after Holm (1979) for being one of several, in the order given. NaN entries stay NaN and do not count. */
export function holm(p: ArrayLike<number>): Float64Array {
  const order = Array.from(p, (_, index) => index)
    .filter((index) => !Number.isNaN(p[index]))
    .sort((a, b) => p[a] - p[b]);
  const adjusted = new Float64Array(p.length).fill(Number.NaN);
  let bound = 0;
  order.forEach((index, rank) => {
    bound = Math.max(bound, Math.min(1, p[index] * (order.length - rank)));
    adjusted[index] = bound;
  });
  return adjusted;
}
