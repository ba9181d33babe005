import { screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { MeasuredRun, RunPage, RunsPage } from '../../../core/api/runs.ts';
import { RecommendationsTab } from './RecommendationsTab.tsx';

vi.mock('../../runs/recommendations/RecommendationsView.tsx', () => ({
  RecommendationsView: ({ children }: { children: ReactNode }) => children,
}));

test('a run that is behind the newest of its data set is compared with them all the same', async () => {
  const row = (id: string) => ({
    ...{ id, runs: [{ id }], comparisonKey: 'alike', model: 'sasrec', config: {} },
    label: { title: id, detail: '' },
  });
  const run = {
    ...{
      id: 'old',
      name: 'old',
      kind: 'own',
      model: 'sasrec',
      config: {},
      dataset: { id: 'd', name: 'films' },
    },
  } as unknown as MeasuredRun;
  const table = ({ runs }: { runs?: string[] }) =>
    ({ rows: [row(runs === undefined ? 'newer' : runs[0])] }) as unknown as RunsPage;
  mount(<RecommendationsTab run={run} checkpoints={[{}] as RunPage['checkpoints']} />, {
    runs: { table },
  });
  expect(await screen.findByRole('button', { name: 'Compare with' })).toBeTruthy();
});
