import { expect, it } from 'vitest';
import { drawBinomial } from './binomial.ts';
import { Random } from './random.ts';

/** Probabilities of 0 to n successes. */
function probabilities(n: number, p: number): number[] {
  const all = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) all.push((all[k - 1] * (n - k + 1) * p) / (k * (1 - p)));
  return all;
}

it('draws as often as the probabilities say, by both ways and from both ends', () => {
  const DRAWS = 40_000;
  for (const [n, p] of [
    [5, 0.3],
    [30, 0.4],
    [60, 0.25],
    [60, 0.8],
    [200, 0.01],
  ]) {
    const random = new Random(n, Math.round(100 * p));
    const found = new Map<number, number>();
    for (let draw = 0; draw < DRAWS; draw++) {
      const k = drawBinomial(random, n, p);
      found.set(k, (found.get(k) ?? 0) + 1);
    }
    let [chi, cells] = [0, -1];
    for (const [k, share] of probabilities(n, p).entries()) {
      if (share * DRAWS < 5) continue;
      chi += ((found.get(k) ?? 0) - share * DRAWS) ** 2 / (share * DRAWS);
      cells++;
    }
    // Five standard deviations of a chi-squared number above its mean.
    expect([n, p, chi < cells + 5 * Math.sqrt(2 * cells)]).toEqual([n, p, true]);
  }
});

it('has mean and variance of many trials, and nothing beyond the ends', () => {
  const random = new Random(3);
  const [n, p] = [1_000_000, 0.137];
  const draws = Array.from({ length: 4_000 }, () => drawBinomial(random, n, p));
  const mean = draws.reduce((sum, k) => sum + k, 0) / draws.length;
  const variance = draws.reduce((sum, k) => sum + (k - mean) ** 2, 0) / (draws.length - 1);
  expect(Math.abs(mean - n * p)).toBeLessThan(5 * Math.sqrt((n * p * (1 - p)) / draws.length));
  expect(variance / (n * p * (1 - p))).toBeGreaterThan(0.88);
  expect(variance / (n * p * (1 - p))).toBeLessThan(1.12);
  expect([drawBinomial(random, 7, 0), drawBinomial(random, 7, 1), drawBinomial(random, 0, 0.5)]).toEqual([
    0, 7, 0,
  ]);
});
