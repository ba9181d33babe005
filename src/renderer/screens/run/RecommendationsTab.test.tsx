import { screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { MeasuredRun, RunPage, RunsPage } from '../../../core/api/runs.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { RecommendationsTab } from './RecommendationsTab.tsx';

interface ViewProps {
  children: ReactNode;
  trie?(user: string): ReactNode;
  onLook(changes: Record<string, string>): void;
}

const views: ViewProps[] = [];
vi.mock('../../runs/recommendations/RecommendationsView.tsx', () => ({
  RecommendationsView: (props: ViewProps) => {
    views.push(props);
    return (
      <>
        {props.children}
        {props.trie?.('7')}
      </>
    );
  },
}));

test('a list that is written code by code is shown along the trie, too, and leads to the codebooks', async () => {
  const dataset = { id: 'd', name: 'films' };
  const run = { ...{ id: 'r', name: 'r', kind: 'own', model: 'tiger', config: { tokeniser: 't' } }, dataset };
  const tree = vi.fn(() => new Promise<never>(() => undefined));
  const generators = vi.fn(() => [{ run: 'r', title: 'r' }]);
  useRoute.setState(parseRoute('#/run/r/recommendations?user=7'));
  mount(
    <RecommendationsTab run={run as unknown as MeasuredRun} checkpoints={[{}] as RunPage['checkpoints']} />,
    {
      runs: { table: () => ({ rows: [] }) as unknown as RunsPage },
      codebooks: { generators },
      recommend: { tree },
    },
  );
  const link = await screen.findByRole('link', { name: 'With other beams, in the codebooks' });
  expect(link.getAttribute('href')).toBe('#/codebooks/t/beam?model=r&user=7');
  expect(generators).toHaveBeenCalledExactlyOnceWith({ run: 't' });
  expect(tree).toHaveBeenCalledExactlyOnceWith({ run: 'r', user: '7', beams: 20 });
});

test('a user who is found late changes neither what was chosen meanwhile nor another page', async () => {
  const run = {
    id: 'r',
    name: 'r',
    kind: 'own',
    model: 'ease',
    config: {},
    dataset: { id: 'd', name: 'films' },
  };
  useRoute.setState(parseRoute('#/run/r/recommendations?user=7'));
  views.length = 0;
  mount(
    <RecommendationsTab run={run as unknown as MeasuredRun} checkpoints={[{}] as RunPage['checkpoints']} />,
    { runs: { table: () => ({ rows: [] }) as unknown as RunsPage } },
  );
  const [{ onLook }] = views;
  const query = () => Object.fromEntries(useRoute.getState().query);
  useRoute.setState(parseRoute('#/run/r/recommendations?user=7&list=next'));
  onLook({ user: '8' });
  expect(query()).toEqual({ user: '8', list: 'next' });
  useRoute.setState(parseRoute('#/codebooks/t'));
  onLook({ user: '9' });
  expect(query()).toEqual({});
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
