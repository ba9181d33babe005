import { expect, it } from 'vitest';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { FEWEST_TRIALS } from '../../studies/what-mattered.ts';
import { sweepDocument } from './sweep.ts';

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
