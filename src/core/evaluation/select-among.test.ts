import { expect, test } from 'vitest';
import { Random } from '../math/random.ts';
import { selectAmong } from './ranking.ts';

test('the best of some columns are those that sorting finds, equal scores by lower column', () => {
  const random = new Random(4);
  for (let round = 0; round < 200; round++) {
    const scores = Float64Array.from({ length: 40 }, () => random.below(6));
    const columns = Int32Array.from(random.order(40)).subarray(0, random.below(40));
    const k = random.below(45);
    const sorted = [...columns].sort((a, b) => scores[b] - scores[a] || a - b).slice(0, k);
    expect([...selectAmong(scores, columns, k)]).toEqual(sorted);
  }
});
