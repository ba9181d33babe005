/** How many users or seeds a difference needs to be found. */
import { normalQuantile } from '../distributions.ts';

/** Two-sided. */
export const LEVEL = 0.05;

/**
 * How many paired values, or values of each of two samples, find a mean difference of that size at level 0.05 (two-sided) with this power:
 * ((z₁₋α⸝₂ + z_power) / effect)², `effect` being the difference over the standard deviation of one value's difference. The normal approximation,
 * which for fewer than some twenty asks for one or two too few; at least 2. Infinity where there is no difference, NaN where no spread is known.
 */
export function neededValues(difference: number, deviation: number, power: number): number {
  if (difference === 0) return Number.POSITIVE_INFINITY;
  const z = normalQuantile(1 - LEVEL / 2) + normalQuantile(power);
  const values = Math.ceil(((z * deviation) / difference) ** 2);
  return Number.isNaN(values) ? values : Math.max(2, values);
}
