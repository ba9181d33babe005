/** Ranks and quantiles of numbers. */

/** Ranks from 1 with the mean rank for ties, and the sizes of the groups of ties (ones included). */
export function midranks(values: ArrayLike<number>): { ranks: Float64Array; groups: number[] } {
  // Numbers by themselves sort ten times as fast as places by their numbers.
  const sorted = Float64Array.from(values).sort();
  const [rankOf, groups] = [new Map<number, number>(), [] as number[]];
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && Object.is(sorted[end] + 0, sorted[start] + 0)) end++;
    rankOf.set(sorted[start], (start + 1 + end) / 2);
    groups.push(end - start);
  }
  const ranks = new Float64Array(sorted.length);
  for (let at = 0; at < ranks.length; at++) ranks[at] = rankOf.get(values[at]) ?? Number.NaN;
  return { ranks, groups };
}

/** Quantile of sorted values with linear interpolation between neighbours (type 7). */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
