import { expect, it } from 'vitest';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { FEWEST_TRIALS } from '../../studies/what-mattered.ts';
import { sweepDocument } from './sweep.ts';
import { settingAxes, settingFigure } from './sweep-figures.ts';

const trials = Array.from(
  { length: FEWEST_TRIALS },
  (_, at): SweepTrial => ({
    ...{ number: at + 1, settings: { dim: at }, runs: [], status: 'completed', message: null },
    ...{ value: { mean: at, std: null }, rungs: [], rank: null, epochs: 1, seconds: 1, plannedEpochs: 1 },
  }),
);
const spec = {
  ...{ model: 'sasrec', overrides: {}, sizes: [], seeds: [1], dataset: { name: 'beauty' } },
  sweep: { search: 'grid', metric: 'valid/ndcg@10', vary: [{ key: 'dim', values: '0..9' }] },
} as unknown as SweepSpec;

it('says what mattered of trials that can be compared, and of no others', () => {
  const titles = (problem: string | null) =>
    sweepDocument({ name: 'a', spec, trials, test: null, problem }).sections.map(({ title }) => title);
  expect(titles(null)).toContain('What mattered');
  expect(titles('The trials were measured by different protocols.')).not.toContain('What mattered');
});

it('draws failed trials as crosses below all values, and none of those that are still to come', () => {
  const without = (status: 'failed' | 'queued', at: number): SweepTrial => ({
    ...{ ...trials[0], number: 90 + at, status, value: null, settings: { dim: 3 } },
  });
  const [axis] = settingAxes(spec);
  const { series, description } = settingFigure(
    axis,
    [...trials, without('failed', 1), without('queued', 2)],
    { metric: 'valid/ndcg@10' },
    0,
  );
  const [results, failed] = series;
  expect(results.points.map(({ y }) => y)).toEqual(trials.map((_, at) => at).reverse());
  expect(failed.marks).toBe('cross');
  expect(failed.points.map(({ x, tip }) => [x, tip?.split('\n')[0]])).toEqual([[3, 'Trial 91: failed']]);
  expect(failed.points[0].y).toBeLessThan(0);
  expect(description).toContain(`${trials.length} trials, 1 failed`);
  expect(settingFigure(axis, trials, { metric: 'valid/ndcg@10' }, 0).series).toHaveLength(1);
});
