import { expect, test } from 'vitest';
import { Random } from '../math/random.ts';
import { drawnUsers } from './samples.ts';

const users = Int32Array.from({ length: 30 }, (_, at) => 3 * at + 1);

test('draws the users that runs of earlier versions were tested and validated on', () => {
  const tested = [1, 4, 11].map((most) => [...drawnUsers(users, most)]);
  expect(tested).toEqual([[79], [61, 64, 73, 79], [1, 4, 16, 19, 61, 64, 67, 70, 73, 79, 82]]);
  const validated = (
    [
      [1, 1],
      [1, 4],
      [7, 4],
      [7, 11],
    ] as const
  ).map(([seed, most]) => [...drawnUsers(users, most, new Random(seed, 0, 'validation-users'))]);
  expect(validated).toEqual([
    [19],
    [1, 7, 19, 40],
    [16, 19, 46, 82],
    [4, 7, 16, 19, 22, 25, 46, 76, 82, 85, 88],
  ]);
});

test('takes all users where as many are asked for, or 0', () => {
  for (const most of [0, 30, 31]) expect(drawnUsers(users, most)).toEqual(users);
  expect([...drawnUsers(users, 29, new Random(2 ** 40 + 5, 0, 'validation-users'))]).toEqual(
    [...users].filter((user) => user !== 10),
  );
});
