import { expect, test } from 'vitest';
import { costAt, fitGrowth } from '../../bench/growth/fit.ts';

const sizes = [1e3, 1e4, 1e5, 1e6];
const of = (cost: (size: number) => number) => sizes.map((size) => ({ size, value: cost(size) }));

test('the power of a cost with a base is found, and carried on', () => {
  const growth = fitGrowth(of((n) => 5 + 2e-6 * n ** 1.5));
  if (!growth) throw new Error('no growth');
  expect(growth.exponent).toBeCloseTo(1.5, 6);
  const { value, low, high } = costAt(growth, 1e8);
  expect(value / (5 + 2e-6 * 1e12)).toBeCloseTo(1, 3);
  expect(low / value).toBeCloseTo(1, 3);
  expect(high / value).toBeCloseTo(1, 3);
});

test('noise widens the interval, the more so the further it is carried on', () => {
  const noisy = of((n) => n * (n === 1e5 ? 1.2 : 1));
  const growth = fitGrowth(noisy);
  if (!growth) throw new Error('no growth');
  const { low, high } = growth.exponentInterval;
  expect(low).toBeLessThan(1);
  expect(high).toBeGreaterThan(1);
  // Student's t of one degree of freedom, for one more measurement in the middle of three.
  const middle = costAt(growth, Math.exp(growth.center));
  const grown = middle.value - growth.base;
  const expected = 12.7062 * growth.deviation * Math.sqrt(1 + 1 / 3);
  expect(Math.log((middle.high - growth.base) / grown)).toBeCloseTo(expected, 3);
  const reach = (size: number) => costAt(growth, size).high / costAt(growth, size).value;
  expect(reach(1e5)).toBeGreaterThan(1);
  expect(reach(1e8)).toBeGreaterThan(reach(1e6));
});

test('what does not grow has no power', () => {
  expect(fitGrowth(of(() => 3))).toBeNull();
  expect(fitGrowth(of((n) => 3 + n / 1e7))).toBeNull();
  // Noise that could as well fall.
  expect(fitGrowth(of((n) => (n === 1e5 ? 9 : n === 1e4 ? 1.1 : n === 1e6 ? 1.5 : 1)))).toBeNull();
  // Two points beyond the base say nothing of noise.
  expect(fitGrowth(of((n) => n).slice(0, 3))).toBeNull();
});
