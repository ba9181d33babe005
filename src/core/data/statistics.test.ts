import { expect, test } from 'vitest';
import { datasetStatistics } from './statistics.ts';

test('the density is a number where there are no users, no items, or neither', () => {
  const density = (users: number[], items: number[]) =>
    datasetStatistics({
      userCounts: Int32Array.from(users),
      itemCounts: Int32Array.from(items),
      catalogueItems: items.length,
      timeSpan: null,
      hasRatings: false,
      hasTitles: false,
    }).density;
  expect(density([2, 1], [1, 1, 1])).toBe(0.5);
  expect(density([], [])).toBe(0);
  expect(density([2, 1], [])).toBe(0);
  expect(density([], [1])).toBe(0);
});
