import { expect, it } from 'vitest';
import { metricLayout, metricsBeside } from './metric-layout.ts';

it('gives a wide window to the forest, and what that does not take to further metrics', () => {
  const beside = (width: number, least = 1) => metricsBeside(width, { least, all: 4, rows: 8 });
  expect([1232, 1766, 1996, 2226, 4000].map((width) => beside(width))).toEqual([1, 1, 2, 3, 4]);
  expect(beside(900, 3)).toBe(3);
  expect(metricLayout(2226, 3, 8)).toMatchObject({ forest: 720, total: 2226 });
});
