import { expect, it } from 'vitest';
import { furtherTrials } from './further.ts';

/** By counting: all ways in which the last three of ten hold the best, and how much better it is than the best before. */
function counted(losses: readonly number[]): number {
  const best = Math.min(...losses);
  const others = losses.filter((loss) => loss !== best);
  const gains = others.flatMap((_, a) =>
    others.slice(a + 1).map((_, b) => {
      const first = others.filter((_, at) => at !== a && at !== a + 1 + b);
      return Math.min(...first) - best;
    }),
  );
  return gains.sort((x, y) => x - y)[Math.ceil(gains.length / 2) - 1];
}

it('gives the chance of any order, and the gain that counting all orders gives', () => {
  const losses = [9, 3, 1, 4, 15, 92, 6, 53, 58, 97];
  expect(furtherTrials(losses, 5)).toEqual({ chance: 1 / 3, gain: counted(losses) });
  expect(furtherTrials(losses, 1000)).toEqual({ chance: 1000 / 1010, gain: 14 });
  expect(furtherTrials(losses.slice(1), 5)).toBeNull();
  expect(furtherTrials(losses, 0)).toBeNull();
});
