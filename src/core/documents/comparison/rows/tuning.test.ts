import { expect, it } from 'vitest';
import type { Tuning } from '../../../store/table/sweeps.ts';
import type { ComparedRun } from '../../types.ts';
import { compareRuns } from '../comparison.ts';
import { resultSection } from '../comparison-document.ts';

const run = (model: string, tuning: Partial<Tuning> | null): ComparedRun => ({
  ...{ id: model, name: model, model, metrics: { 'test/ndcg@10': 0.1 } },
  tuning: tuning && { sweep: 's', trials: 40, epochs: 402, seconds: 9660, ...tuning },
});

it('says where rows were tuned with different budgets, and marks those with less than half of another', () => {
  const comparison = compareRuns(
    [
      run('sasrec', {}),
      run('hstu', { trials: 16, epochs: null }),
      run('tiger', { trials: 20 }),
      run('bpr', null),
    ],
    { baseline: null },
  );
  expect(comparison.footnotes).toEqual(['tuned with 16 trials, less than half of the 40 of sasrec.']);
  expect(comparison.rows.map(({ notes }) => notes)).toEqual([[], [0], [], []]);
  const { notes, table } = resultSection(comparison, ['trials', 'tuning-epochs', 'tuning-time']);
  expect(notes).toContain(
    'Tuned with different budgets: sasrec: 40 trials, 402 epochs, 2 h 41 min; hstu: 16 trials, 2 h 41 min; tiger: 20 trials, 402 epochs, 2 h 41 min. No sweep chose the settings of bpr.',
  );
  expect(table?.lines[0].slice(1, 4)).toEqual(['40', '402', '2 h 41 min']);
  expect(table?.lines[3].slice(1, 4)).toEqual(['–', '–', '–']);
});

it('says nothing where all were tuned alike, or none was', () => {
  for (const tuning of [{}, null]) {
    const comparison = compareRuns([run('sasrec', tuning), run('hstu', tuning)], { baseline: null });
    expect(comparison.footnotes).toEqual([]);
    expect((resultSection(comparison, []).notes ?? []).join()).not.toContain('Tuned');
  }
});
