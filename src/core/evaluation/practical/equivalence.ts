/** Whether a mean difference lies within bounds that nobody minds. */
import { studentQuantile, studentTwoSided } from '../distributions.ts';
import { mean } from '../metrics.ts';
import { standardDeviation } from '../significance.ts';
import { type Sample, sizeOf } from '../tally.ts';

export interface Equivalence {
  /** The larger of both one-sided p: below 0.05 the mean difference is within the bounds. */
  p: number;
  /** Whose 90 % interval then lies within them. */
  interval: [number, number];
}

/**
 * Two one-sided paired t-tests (Schuirmann 1987) of differences against −bound and +bound. Without any spread p is 0 where the
 * mean is within the bounds, else 1. NaN for fewer than two values, or one that is not a number.
 */
export function equivalence(differences: Sample, bound: number): Equivalence {
  const df = sizeOf(differences) - 1;
  const centre = mean(differences);
  const error = standardDeviation(differences) / Math.sqrt(df + 1);
  if (!Number.isFinite(error)) return { p: Number.NaN, interval: [Number.NaN, Number.NaN] };
  if (error === 0) return { p: Math.abs(centre) < bound ? 0 : 1, interval: [centre, centre] };
  const reach = studentQuantile(0.1, df) * error;
  return {
    p: Math.max(above((centre + bound) / error, df), above((bound - centre) / error, df)),
    interval: [centre - reach, centre + reach],
  };
}

/** Chance of a larger t. */
function above(t: number, df: number): number {
  const tail = studentTwoSided(t, df) / 2;
  return t > 0 ? tail : 1 - tail;
}
