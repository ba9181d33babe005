import { UserError } from '../errors.ts';
import { midranks } from '../math/ranks.ts';
import { normalSurvival, studentQuantile, studentTwoSided } from './distributions.ts';
import { mean } from './metrics.ts';

/** y - x, pair by pair. Throws UserError when the lengths differ. */
export function pairedDifferences(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  if (x.length !== y.length) {
    throw new UserError(
      `paired samples have ${x.length} and ${y.length} values; pair them user by user first`,
    );
  }
  return Float64Array.from(y, (value, index) => value - x[index]);
}

/** Standard deviation with n - 1 in the denominator; NaN for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += (values[index] - centre) ** 2;
  return values.length < 2 ? Number.NaN : Math.sqrt(squares / (values.length - 1));
}

export interface PairedT {
  t: number;
  df: number;
  /** Two-sided. */
  p: number;
  /** Mean of y - x. */
  difference: number;
  /** 95 % confidence interval of the difference. */
  interval: [number, number];
}

/** Student's paired t-test of differences y - x. With no variance p is 1 when nothing differs and 0 otherwise. */
export function pairedT(differences: ArrayLike<number>): PairedT {
  const df = differences.length - 1;
  const difference = mean(differences);
  if (df < 1) {
    return { t: Number.NaN, df, p: Number.NaN, difference, interval: [Number.NaN, Number.NaN] };
  }
  const error = standardDeviation(differences) / Math.sqrt(differences.length);
  const t = difference === 0 ? 0 : difference / error;
  const half = studentQuantile(0.975, df) * error;
  return { t, df, p: studentTwoSided(t, df), difference, interval: [difference - half, difference + half] };
}

export type ZeroMethod = 'wilcox' | 'pratt' | 'zsplit';

export interface Wilcoxon {
  /** The smaller of the two rank sums. */
  statistic: number;
  /** The smaller rank sum, standardised, so never positive; NaN for the exact test. */
  z: number;
  /** Two-sided. */
  p: number;
}

interface SignedRanks {
  positive: number;
  negative: number;
  zeros: number;
  /** Non-zero differences under "wilcox", all of them otherwise. */
  count: number;
  ranks: Float64Array;
  groups: number[];
}

function signedRanks(differences: ArrayLike<number>, zeroMethod: ZeroMethod): SignedRanks {
  const all = Array.from(differences);
  const kept = zeroMethod === 'wilcox' ? all.filter((difference) => difference !== 0) : all;
  const { ranks, groups } = midranks(kept.map(Math.abs));
  let [positive, negative, zeroRanks, zeros] = [0, 0, 0, 0];
  kept.forEach((difference, index) => {
    if (difference > 0) positive += ranks[index];
    else if (difference < 0) negative += ranks[index];
    else {
      zeroRanks += ranks[index];
      zeros++;
    }
  });
  if (zeroMethod === 'zsplit') {
    positive += zeroRanks / 2;
    negative += zeroRanks / 2;
  }
  // Under Pratt's rule the zeros, which are the first group, take ranks but do not count as ties.
  const ties = zeroMethod === 'pratt' && zeros > 0 ? groups.slice(1) : groups;
  return { positive, negative, zeros, count: kept.length, ranks, groups: ties };
}

/**
 * Wilcoxon's signed-rank test with the normal approximation, corrected for ties; two-sided.
 * Zeros are dropped (wilcox), ranked and then dropped (pratt; Cureton 1967), or split between the sums (zsplit).
 * p is 1 when every difference is zero.
 */
export function wilcoxon(
  differences: ArrayLike<number>,
  options: { zeroMethod?: ZeroMethod; continuity?: boolean } = {},
): Wilcoxon {
  const zeroMethod = options.zeroMethod ?? 'wilcox';
  const { positive, negative, zeros, count, groups } = signedRanks(differences, zeroMethod);
  let expected = (count * (count + 1)) / 4;
  let variance = count * (count + 1) * (2 * count + 1);
  if (zeroMethod === 'pratt') {
    expected -= (zeros * (zeros + 1)) / 4;
    variance -= zeros * (zeros + 1) * (2 * zeros + 1);
  }
  for (const size of groups) variance -= (size ** 3 - size) / 2;
  const statistic = Math.min(positive, negative);
  if (variance <= 0) return { statistic, z: 0, p: 1 };
  const error = Math.sqrt(variance / 24);
  const distance = positive - expected;
  const correction = options.continuity ? Math.sign(distance) * 0.5 : 0;
  const z = Math.abs((distance - correction) / error);
  return { statistic, z: -z, p: Math.min(1, 2 * normalSurvival(z)) };
}

/**
 * Wilcoxon's signed-rank test from the exact distribution of the rank sum over all sign assignments, two-sided.
 * Zeros are dropped; ties keep their mean ranks, so the distribution is conditional on them.
 * Throws UserError past 200 non-zero differences, where the normal approximation serves.
 */
export function wilcoxonExact(differences: ArrayLike<number>): Wilcoxon {
  const { positive, negative, ranks, count } = signedRanks(differences, 'wilcox');
  if (count > 200) throw new UserError(`the exact Wilcoxon test takes at most 200 differences, not ${count}`);
  // Doubled ranks are whole numbers even where ties share a mean rank.
  const total = count * (count + 1);
  const shares = new Float64Array(total + 1);
  shares[0] = 1;
  for (const rank of ranks) {
    const step = Math.round(2 * rank);
    for (let sum = total; sum >= 0; sum--) {
      shares[sum] = (shares[sum] + (sum >= step ? shares[sum - step] : 0)) / 2;
    }
  }
  const statistic = Math.min(positive, negative);
  const tail = shares.subarray(0, Math.round(2 * statistic) + 1).reduce((sum, share) => sum + share, 0);
  return { statistic, z: Number.NaN, p: Math.min(1, 2 * tail) };
}

/**
 * Exact two-sided sign-flip (permutation) test of the mean difference: the share of all 2^n sign assignments whose
 * absolute sum is at least the observed one. Throws UserError past 24 pairs.
 */
export function signFlipExact(differences: ArrayLike<number>): number {
  const sizes = Array.from(differences, Math.abs).filter((size) => size > 0);
  if (sizes.length > 24) {
    throw new UserError(
      `the exact sign-flip test takes at most 24 non-zero differences, not ${sizes.length}`,
    );
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const observed = Math.abs(Array.from(differences).reduce((sum, difference) => sum + difference, 0));
  const threshold = observed - 1e-12 * total;
  const countFrom = (index: number, sum: number): number => {
    if (index === sizes.length) return Math.abs(sum) >= threshold ? 1 : 0;
    return countFrom(index + 1, sum + sizes[index]) + countFrom(index + 1, sum - sizes[index]);
  };
  return countFrom(0, 0) / 2 ** sizes.length;
}

export interface EffectSize {
  /** Mean difference divided by the standard deviation of the differences. */
  cohenDz: number;
  /** mean(y) / mean(x) - 1. */
  relativeGain: number;
  wins: number;
  ties: number;
  losses: number;
}

/** How large the difference between paired samples is: y against x. */
export function effectSize(x: ArrayLike<number>, y: ArrayLike<number>): EffectSize {
  const differences = pairedDifferences(x, y);
  const wins = differences.filter((difference) => difference > 0).length;
  const losses = differences.filter((difference) => difference < 0).length;
  return {
    cohenDz: mean(differences) / standardDeviation(differences),
    relativeGain: mean(y) / mean(x) - 1,
    wins,
    ties: differences.length - wins - losses,
    losses,
  };
}

export type Correction = 'holm' | 'benjamini-hochberg' | 'bonferroni' | 'benjamini-yekutieli';

/**
 * p-values adjusted for multiple comparisons, in the order given. NaN entries stay NaN and do not count.
 * Holm and Bonferroni bound the family-wise error; BH and BY (any dependence) the false discovery rate.
 */
export function adjustPValues(p: ArrayLike<number>, method: Correction): Float64Array {
  const values = Array.from(p);
  const order = values
    .map((_, index) => index)
    .filter((index) => !Number.isNaN(values[index]))
    .sort((a, b) => values[a] - values[b]);
  const count = order.length;
  const adjusted = new Float64Array(values.length).fill(Number.NaN);
  const harmonic =
    method === 'benjamini-yekutieli' ? order.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0) : 1;
  let bound = method === 'holm' || method === 'bonferroni' ? 0 : 1;
  for (let step = 0; step < count; step++) {
    // Step-down methods walk from the smallest p-value and never fall, step-up ones from the largest and never rise.
    const rank = method === 'holm' || method === 'bonferroni' ? step : count - 1 - step;
    const raw = values[order[rank]];
    if (method === 'bonferroni') bound = raw * count;
    else if (method === 'holm') bound = Math.max(bound, raw * (count - rank));
    else bound = Math.min(bound, (raw * count * harmonic) / (rank + 1));
    adjusted[order[rank]] = Math.min(1, bound);
  }
  return adjusted;
}
