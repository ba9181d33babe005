/** Ranks and quantiles of numbers. */

/** Ranks from 1 with the mean rank for ties, and the sizes of the groups of ties (ones included). */
export function midranks(values: ArrayLike<number>): { ranks: Float64Array; groups: number[] } {
  const order = Uint32Array.from(values, (_, index) => index).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  const groups: number[] = [];
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let place = start; place < end; place++) ranks[order[place]] = (start + 1 + end) / 2;
    groups.push(end - start);
  }
  return { ranks, groups };
}

/** Quantile of sorted values with linear interpolation between neighbours (type 7). */
export function sortedQuantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
