import { expect, it } from 'vitest';
import { protocol, someRun } from '../../../../../test/reports/runs.ts';
import { compareRuns } from '../comparison.ts';
import { doubts } from './doubts.ts';

const of = (model: string, seed: number, changes: Parameters<typeof someRun>[4] = {}) =>
  someRun(`${model}-${seed}`, model, seed, 1, changes);
const doubtsOf = (runs: ReturnType<typeof someRun>[]) =>
  doubts(compareRuns(runs, { metrics: ['ndcg@10'], resamples: 100 }));

it('says of one seed each that nobody knows what another would change, and of simple baselines nothing', () => {
  expect(doubtsOf([of('sasrec', 1), of('hstu', 1), of('popularity', 1)])[0]).toBe(
    'One seed each: how much another seed changes is not known.',
  );
  expect(doubtsOf([of('popularity', 1), of('ease', 1)]).join()).not.toContain('seed');
});

it('names who has one seed where others have several, with what theirs differ by', () => {
  expect(doubtsOf([of('sasrec', 1), of('hstu', 1), of('hstu', 2)])[0]).toMatch(
    /^One seed of sasrec-1: seeds of others differ by up to 0\.\d{4} in NDCG@10\.$/,
  );
});

it('puts a selection on the test items first, and says at most four things', () => {
  const selected = of('hstu', 1, { protocol: { ...protocol, selection: 'test' } });
  const all = doubtsOf([selected, of('sasrec', 1)]);
  expect(all[0]).toBe('The checkpoint of hstu-1 was chosen on the test items: its numbers are optimistic.');
  expect(all.length).toBeLessThanOrEqual(4);
  expect(all.join(' ')).toContain('Leave-last-out trains on what others did later');
});
