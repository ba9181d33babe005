import { expect, it } from 'vitest';
import { orderReadings } from './columns.ts';

it('names the columns that could order the lists where several are called alike, and none where one is', () => {
  const names = (columns: string) =>
    orderReadings(columns.split(' ')).map(({ role, column }) => `${role} ${column}`);
  expect(names('user item score prediction')).toEqual(['score score', 'score prediction']);
  expect(names('userId movieId rank position score')).toEqual(['score score', 'rank rank', 'rank position']);
  // Scores order where ranks stand beside them.
  expect(names('user item score rank')).toEqual([]);
  expect(names('user uid item score prediction')).toEqual([]);
  expect(names('item score prediction')).toEqual([]);
});
