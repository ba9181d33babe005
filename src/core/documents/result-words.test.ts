import { expect, it } from 'vitest';
import { coverageOf } from './result-words.ts';

it('tells the share of users with a list only where that is not nearly all of them', () => {
  const shares = [0, 1, 2, 200].map((withoutList) => coverageOf({ testUsers: 200, withoutList }));
  expect(shares).toEqual([null, null, 0.99, 0]);
  expect(coverageOf({ testUsers: 0, withoutList: 0 })).toBeNull();
});
