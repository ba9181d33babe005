import { expect, test } from 'vitest';
import { categoryEntropy, categoryMetrics } from './beyond-accuracy.ts';

// Items 0 to 3 are of category 0, items 4 and 5 of 1, item 6 of 2, item 7 of none.
const labels = [0, 0, 0, 0, 1, 1, 2, -1];

test('the entropy of categories is in bits, a mean over lists, of the items that have a category', () => {
  const of = (list: number[]) => categoryEntropy({ lists: list, length: 4, cutoff: 4 }, labels);
  expect(of([0, 1, 2, 3])).toBe(0);
  expect(of([0, 1, 4, 5])).toBeCloseTo(1, 12);
  expect(of([0, 1, 4, 6])).toBeCloseTo(1.5, 12);
  expect(of([0, 4, 7, 7])).toBeCloseTo(1, 12);
  expect(of([0, 1, 2, 3, 0, 1, 4, 6])).toBeCloseTo(0.75, 12);
});

test('lists that are too short, or of no category, do not count', () => {
  const lists = [...[0, 4, -1, -1], ...[0, 1, 4, 6], ...[7, 7, 7, 7]];
  expect(categoryEntropy({ lists, length: 4, cutoff: 4 }, labels)).toBeCloseTo(1.5, 12);
  expect(categoryEntropy({ lists, length: 4, cutoff: 2 }, labels)).toBeCloseTo((1 + 0) / 2, 12);
  expect(categoryMetrics({ lists, length: 4 }, labels, 'test')).toEqual({});
});
