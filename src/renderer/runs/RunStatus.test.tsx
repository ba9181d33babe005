import { expect, test } from 'vitest';
import type { TrainingProgress } from '../../core/api/runs.ts';
import { rateText } from './RunStatus.tsx';

test('a pace is told by the second, or where that would be nothing by how long one takes', () => {
  const of = (rate: number) =>
    rateText({ done: 2, total: 10, unit: 'passes', rate } as Partial<TrainingProgress> as TrainingProgress);
  expect([310, 2.5, 0.1, 0.04, 0, Number.NaN].map(of)).toEqual([
    '2 of 10 passes, 310 a second',
    '2 of 10 passes, 2.5 a second',
    '2 of 10 passes, 0.1 a second',
    '2 of 10 passes, one in 25 s',
    '2 of 10 passes',
    '2 of 10 passes',
  ]);
});
