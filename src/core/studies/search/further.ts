/** Whether more trials are worth their time, from the order of those that there are. */

export interface Further {
  /** That the best of all will be among the further ones. */
  chance: number;
  /** By how much it is then better, at the median; never negative. */
  gain: number;
}

/** Fewer trials say nothing about further ones. */
export const FEWEST_KNOWN = 10;

/**
 * What `more` trials like the known ones bring: `losses` has one value a trial, the smaller being better. Trials that could as well have come in any
 * order have their best among the last k of n + k with probability k / (n + k), whatever their values. The gain is that of the same share
 * of the known trials: with the best among the last k' of n, the best of the first m = n - k' is the j-th of all or a better one with probability
 * 1 - C(n - j, m) / C(n - 1, m), and its median is taken. Null for fewer than `FEWEST_KNOWN`.
 */
export function furtherTrials(losses: readonly number[], more: number): Further | null {
  const n = losses.length;
  if (n < FEWEST_KNOWN || more < 1) return null;
  const chance = more / (n + more);
  const last = Math.min(n - 1, Math.max(1, Math.round(chance * n)));
  const sorted = losses.toSorted((a, b) => a - b);
  const m = n - last;
  // C(n - j, m) / C(n - 1, m), from j = 2 on, where nothing is left out yet.
  let beyond = 1;
  for (let j = 2; j <= n; j++) {
    beyond *= (n - j - m + 1) / (n - j + 1);
    if (beyond <= 0.5) return { chance, gain: sorted[j - 1] - sorted[0] };
  }
  return { chance, gain: sorted[n - 1] - sorted[0] };
}
