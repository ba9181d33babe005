import { expect, it } from 'vitest';
import { randomBaseline } from './random-baseline.ts';

const trials = (count: number, value = (at: number) => at) =>
  Array.from({ length: count }, (_, at) => ({ epochs: 2, value: value(at) }));

it('grows with the epochs towards the best of the random trials, and never beyond', () => {
  const expected = randomBaseline(trials(60), 1) ?? [];
  expect(expected).toHaveLength(60);
  const medians = expected.map(({ median }) => median);
  expect(medians).toEqual(medians.toSorted((a, b) => a - b));
  // One of ten trials: the middle of them; of sixty draws the best is among them for nearly all.
  expect(medians[0]).toBeGreaterThan(2);
  expect(medians[0]).toBeLessThan(7);
  expect(expected[59]).toEqual({ median: 9, low: 9, high: 9 });
  for (const { median, low, high } of expected) expect(low <= median && median <= high).toBe(true);
});

it('says nothing of a search that has proposed no trial yet, and of trials that never trained', () => {
  expect(randomBaseline(trials(10), 1)).toBeNull();
  expect(
    randomBaseline(
      trials(12).map((one) => ({ ...one, epochs: 0 })),
      1,
    ),
  ).toBeNull();
});
