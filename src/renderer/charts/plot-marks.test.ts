import { expect, test } from 'vitest';
import { wholeTicks } from './plot-marks.ts';

test('axes of whole numbers have no ticks in between, others are left as they are', () => {
  const { tickFormat } = wholeTicks([10, 1500]);
  expect([12.5, 1000].map((value) => tickFormat?.(value))).toEqual(['', '1,000']);
  expect(wholeTicks([1, 2.5])).toEqual({});
});
