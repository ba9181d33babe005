import { midranks } from './ranks.ts';

/** Spearman's rank correlation, ties by mean ranks; 0 where one side is constant or there are no pairs. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [midranks(a).ranks, midranks(b).ranks];
  const mean = (a.length + 1) / 2;
  let [product, left, right] = [0, 0, 0];
  for (let at = 0; at < x.length; at++) {
    product += (x[at] - mean) * (y[at] - mean);
    left += (x[at] - mean) ** 2;
    right += (y[at] - mean) ** 2;
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0;
}
