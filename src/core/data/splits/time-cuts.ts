/**
 * The times from which on interactions are for validation and for the test, so that these have the given shares of all of them, the
 * last ones in time. Equal times stay in one part, which is therefore larger where many are.
 */
export function timeCuts(
  times: Float64Array,
  { valid, test }: { valid: number; test: number },
): { validFrom: number; testFrom: number } {
  const cut = cutBefore(times);
  return { validFrom: cut(test + valid), testFrom: cut(test) };
}

/** The time from which on a share of the interactions takes place, the last ones. */
export function cutBefore(times: Float64Array): (share: number) => number {
  const sorted = times.slice().sort();
  return (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - share)))];
}
