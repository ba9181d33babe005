import { expect, it } from 'vitest';
import type { OwnRun } from '../store/types.ts';
import type { SweepSpec } from './study.ts';
import { sweepResult } from './sweep-result.ts';

interface Told extends Pick<OwnRun, 'status' | 'seconds'> {
  valid: number;
  test: number;
  protocol?: object;
}

const completed = (valid: number, test: number, seconds = 10): Told => ({
  status: 'completed',
  valid,
  test,
  seconds,
});

/** The numbers of the trials in their order; `told` has the runs of each by seed. */
function resultOf(told: Told[][], metric = 'valid/ndcg@10', incomparable: string | null = null) {
  const all = [1, 2, 3];
  const seeds = all.slice(0, Math.min(2, Math.max(...told.map(({ length }) => length))));
  const spec = {
    sizes: told.map((_, at) => ({ label: `trial${at + 1}`, config: { dim: at } })),
    seeds,
    sweep: { metric, incomparable: incomparable ?? undefined },
  } as unknown as SweepSpec;
  const runs = told.flatMap((own, size) =>
    own.map(({ valid, test, protocol = {}, ...run }, at) => ({
      cell: { size, share: 1, seed: all[at] },
      run: {
        ...run,
        id: `${size}-${at}`,
        seed: all[at],
        epochs: 3,
        config: { epochs: 12 },
        message: null,
        protocol,
        metrics: { [metric]: valid, [metric.replace('valid', 'test')]: test },
      } as unknown as OwnRun,
    })),
  );
  const { trials, ...rest } = sweepResult(spec, runs);
  return {
    ...rest,
    trials,
    order: trials.map(({ number }) => number),
    ranks: trials.map(({ rank }) => rank),
  };
}

it('ranks by the mean of the validation metric and never looks at the test', () => {
  const valid = [0.2, 0.3, 0.1];
  const results = [
    [0.9, 0, 1],
    [0, 0, 0.5],
  ].map((tests) => resultOf(valid.map((value, at) => [completed(value, tests[at])])));
  for (const { order, ranks } of results) {
    expect(order).toEqual([2, 1, 3]);
    expect(ranks).toEqual([1, 2, 3]);
  }
  expect(results[0].test).toEqual({ metric: 'test/ndcg@10', mean: 0, std: null });
  expect(JSON.stringify(results[0].trials)).not.toContain('0.9');

  const seeds = resultOf([
    [completed(0.5, 0), completed(0.1, 0)],
    [completed(0.4, 0.1), completed(0.3, 0.3)],
  ]);
  expect(seeds.order).toEqual([2, 1]);
  expect(seeds.trials[0].value).toEqual({ mean: 0.35, std: expect.closeTo(0.0707, 4) as number });
  expect(seeds.test?.mean).toBeCloseTo(0.2);
});

it('lets the smaller loss win, the quicker of equals, and then the first', () => {
  expect(resultOf([[completed(0.4, 0)], [completed(0.2, 0)]], 'valid/logloss').order).toEqual([2, 1]);
  const ties = [completed(0.3, 0, 20), completed(0.3, 0, 10), completed(0.3, 0, 10)];
  expect(resultOf(ties.map((one) => [one])).order).toEqual([2, 3, 1]);
});

it('never lets a trial win that failed, was cancelled, is unfinished, or has no number', () => {
  const failed: Told = { ...completed(0.99, 0.99), status: 'failed' };
  const { order, ranks, trials, test } = resultOf([
    [failed, completed(0.9, 0)],
    [completed(0.9, 0), { ...completed(0.9, 0), status: 'cancelled' }],
    [completed(0.8, 0)],
    [completed(Number.NaN, 0), completed(0.9, 0)],
    [completed(0.1, 0.1), completed(0.1, 0.1)],
  ]);
  expect(order).toEqual([5, 1, 2, 3, 4]);
  expect(ranks).toEqual([1, null, null, null, null]);
  expect(trials.map(({ status }) => status)).toEqual(['completed', 'failed', 'cancelled', null, 'completed']);
  expect(test?.mean).toBeCloseTo(0.1);
});

it('takes a finalist, which has more seeds than the others, for completed once all of them have', () => {
  const { trials } = resultOf([
    [completed(0.3, 0), completed(0.3, 0)],
    [completed(0.2, 0), completed(0.2, 0), completed(0.2, 0)],
    [completed(0.1, 0), completed(0.1, 0), { ...completed(0.1, 0), status: 'running' }],
  ]);
  expect(trials.map(({ status }) => status)).toEqual(['completed', 'completed', 'running']);
});

it('calls none the best where trials were measured by different protocols', () => {
  const { ranks, problem, test } = resultOf([
    [{ ...completed(0.1, 0), protocol: { split: 'a' } }],
    [{ ...completed(0.2, 0), protocol: { split: 'b' } }],
  ]);
  expect(ranks).toEqual([null, null]);
  expect(problem).toContain('different protocols');
  expect(test).toBeNull();
  // As sweeps varied it before such keys were refused.
  const told = [[completed(3, 0)], [completed(2, 0)]];
  const vocabularies = resultOf(told, 'valid/loss', 'vocabulary');
  expect(vocabularies.ranks).toEqual([null, null]);
  expect(vocabularies.problem).toContain('with different values of vocabulary');
  expect(vocabularies.test).toBeNull();
});
