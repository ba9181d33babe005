import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { AddedStage, LanguageLadder } from '../../../core/api/language.ts';
import { useNewRun } from '../../new-run/new-run.ts';
import { StagesPage } from './StagesPage.tsx';

const METRIC = 'test/ndcg@10';
const run = (id: string, place: number | null, from: string | null) => ({
  ...{ id, name: id, model: 'lc-rec', title: `Stage ${id}`, from, place },
  ...{ epochs: 1, seconds: 60, status: 'completed' as const },
});
const tested = (difference: number) => ({
  ...{ test: 'student' as const, unit: 'users' as const, count: 80, difference, p: 0.01, exact: false },
  ...{
    interval: [difference - 0.001, difference + 0.001] as [number, number],
    holm: 0.02,
    significant: true,
  },
  ...{ wins: 3, ties: 1, losses: 1 },
});
const toBefore = {
  ...{ ...tested(0.0022), test: 't' as const, bootstrapP: 0.01, t: { p: 0.01, holm: 0.02 }, cohenDz: 0.1 },
  wilcoxon: { method: 'normal' as const, isSignTest: false, p: 0.01, holm: 0.02 },
};
const row = (id: string, value: number, before: string | null) => ({
  ...{ run: id, value, before, interval: [value - 0.001, value + 0.001] as [number, number] },
  ...{ toBefore: before === null ? null : toBefore, toTarget: null },
});
const ladder = (next: AddedStage[]): LanguageLadder => ({
  ...{ dataset: 'club', pretrained: [], next, runs: [run('a', 1, null), run('b', 2, 'a')] },
  questions: [
    {
      ...{ question: 'next', metric: METRIC, label: 'NDCG@10', decimals: 4, target: 'b' },
      ...{
        unit: 'users',
        count: 90,
        leftOut: 0,
        absent: [],
        rows: [row('a', 0.011, null), row('b', 0.0132, 'a')],
      },
    },
  ],
});
const slices = vi.fn(() => [
  { id: 'a', slices: [] },
  {
    id: 'b',
    slices: [
      {
        ...{ by: 'seen in training' as const, slice: 'pair unseen', description: 'targets', users: 90 },
        ...{ metrics: { [METRIC]: 0.0131 }, differences: { [METRIC]: tested(0.0022) } },
      },
    ],
  },
]);

test('a step says where it gains, and leads to all slices of its two runs', async () => {
  mount(<StagesPage run="b" />, { language: { ladder: () => ladder([]) }, compare: { slices } });
  const steps = await screen.findByRole('table', { name: 'Steps of NDCG@10' });
  const where = await within(steps).findByRole('link', { name: /pair unseen: 0\.0109 to 0\.0131/ });
  expect(where.getAttribute('href')).toBe('#/compare?runs=a%2Cb&baseline=a&view=slices');
  expect(slices).toHaveBeenCalledExactlyOnceWith({ runs: ['a', 'b'], baseline: 'a' });
  expect(within(steps).getByText('Better')).toBeTruthy();
  expect((screen.getByRole('button', { name: 'Add a stage' }) as HTMLButtonElement).disabled).toBe(true);
});

test('a model that is fitted in one go had no epochs', async () => {
  const [asked] = ladder([]).questions;
  const beside = { ...run('popular', null, null), model: 'popularity', seconds: 0.01 };
  const all = {
    ...ladder([]),
    runs: [...ladder([]).runs, beside],
    questions: [{ ...asked, rows: [...asked.rows, row('popular', 0.004, null)] }],
  };
  mount(<StagesPage run="b" />, { language: { ladder: () => all }, compare: { slices } });
  const table = await screen.findByRole('table', { name: 'NDCG@10 by stage' });
  const line = within(table).getByRole('row', { name: /Stage popular/ });
  expect(within(line).getByText('fitted in one go')).toBeTruthy();
  expect(within(table).getAllByText(/^1 epoch/)).toHaveLength(2);
});

test('a stage that may follow opens the form of a new run with what it begins with', async () => {
  const next = [{ title: 'Rewarded, GRPO', model: 'rewarded' as const, overrides: { policy: 'b' } }];
  mount(<StagesPage run="b" />, { language: { ladder: () => ladder(next) }, compare: { slices } });
  fireEvent.keyDown(await screen.findByRole('button', { name: 'Add a stage' }), { key: 'Enter' });
  fireEvent.click(await screen.findByRole('menuitem', { name: 'Rewarded, GRPO' }));
  await vi.waitFor(() =>
    expect(useNewRun.getState().template).toEqual({
      ...{ dataset: 'club', model: 'rewarded', overrides: { policy: 'b' } },
    }),
  );
});
