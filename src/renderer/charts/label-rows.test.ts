import { expect, test } from 'vitest';
import { labelRows } from './label-rows.ts';

test('labels that would print over each other stand in several rows', () => {
  expect(labelRows([50, 150, 250], [60, 80, 40])).toEqual([0, 0, 0]);
  expect(labelRows([64, 119, 174, 229], [32, 66, 58, 32])).toEqual([0, 1, 0, 0]);
  expect(labelRows([50, 60, 70], [90, 90, 90])).toEqual([0, 1, 2]);
  expect(labelRows([], [])).toEqual([]);
});
