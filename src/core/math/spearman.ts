/** Ranks from 1, equal values getting the mean of theirs. */
function meanRanks(values: readonly number[]): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let at = start; at < end; at++) ranks[order[at]] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Spearman's rank correlation, ties by mean ranks; 0 where one side is constant or there are no pairs. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [meanRanks(a), meanRanks(b)];
  const mean = (a.length + 1) / 2;
  let [product, left, right] = [0, 0, 0];
  for (let at = 0; at < x.length; at++) {
    product += (x[at] - mean) * (y[at] - mean);
    left += (x[at] - mean) ** 2;
    right += (y[at] - mean) ** 2;
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0;
}
