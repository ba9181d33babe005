import { expect, it } from 'vitest';
import { randomBaseline, randomTrials } from './random-baseline.ts';

const trials = (count: number, value = (at: number) => at) =>
  Array.from({ length: count }, (_, at) => ({ epochs: 2, value: value(at) }));

it('grows towards the best of the random trials, and ends with what they have trained', () => {
  const expected = randomBaseline(trials(60), 1) ?? [];
  expect(expected).toHaveLength(10);
  const medians = expected.map(({ median }) => median);
  expect(medians).toEqual(medians.toSorted((a, b) => a - b));
  // One of ten trials: the middle of them.
  expect(medians[0]).toBeGreaterThan(2);
  expect(medians[0]).toBeLessThan(7);
  expect(expected[9].high).toBe(9);
  for (const { median, low, high } of expected) expect(low <= median && median <= high).toBe(true);
});

it('says nothing of a search that has proposed no trial yet, and of trials that never trained', () => {
  expect(randomBaseline(trials(10), 1)).toBeNull();
  expect(randomTrials(trials(10))).toEqual([]);
  expect(
    randomBaseline(
      trials(12).map((one) => ({ ...one, epochs: 0 })),
      1,
    ),
  ).toBeNull();
});
