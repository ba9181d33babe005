import { screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { MeasuredRun, RunPage, RunsPage } from '../../../core/api/runs.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { RecommendationsTab } from './RecommendationsTab.tsx';

vi.mock('../../runs/recommendations/RecommendationsView.tsx', () => ({
  RecommendationsView: ({ children }: { children: ReactNode }) => children,
}));

test('a list that is written code by code leads to how that was done, for the same user', async () => {
  const dataset = { id: 'd', name: 'films' };
  const run = { ...{ id: 'r', name: 'r', kind: 'own', model: 'tiger', config: { tokeniser: 't' } }, dataset };
  const generators = vi.fn(() => [{ run: 'r', title: 'r' }]);
  useRoute.setState(parseRoute('#/run/r/recommendations?user=7'));
  mount(
    <RecommendationsTab run={run as unknown as MeasuredRun} checkpoints={[{}] as RunPage['checkpoints']} />,
    { runs: { table: () => ({ rows: [] }) as unknown as RunsPage }, codebooks: { generators } },
  );
  const link = await screen.findByRole('link', { name: 'Decode along the trie' });
  expect(link.getAttribute('href')).toBe('#/codebooks/t/beam?model=r&user=7');
  expect(generators).toHaveBeenCalledExactlyOnceWith({ run: 't' });
});

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
