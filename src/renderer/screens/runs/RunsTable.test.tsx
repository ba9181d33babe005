import { act, fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { RunsTable } from './RunsTable.tsx';

const NAMES = ['sasrec', 'popularity', 'itemknn'];
const totals = { runs: NAMES.length, archived: 0, metrics: [], decisive: [] };
const fields = { ...totals, config: [], differing: [], models: [], datasets: [], tags: [], projects: [] };
const noted = { tags: [], notes: '', starred: false, archived: false, project: null };

test('what a filter hides is named, and out of reach of every deed until it is shown again', async () => {
  const asked = vi.fn<(runs: string[]) => void>();
  const found = (search: string) => NAMES.filter((name) => name.includes(search));
  mount(<RunsTable totals={totals} />, {
    runs: {
      table: ({ runs = [], search = '' }) => {
        const outline = runs.length > 0 ? runs : found(search);
        return { total: outline.length, groups: null, rows: [], outline };
      },
      fields: () => fields,
      places: () => ({}),
      annotations: ({ runs }) => Object.fromEntries(runs.map((run) => [run, noted])),
      deletion: ({ runs }) => {
        asked(runs);
        return { seconds: 1e6, dependants: [], comparisons: [] };
      },
    },
    projects: { list: () => [] },
    datasets: { list: () => [] },
    comparisons: { list: () => [] },
    settings: { readView: () => null },
  });
  const bar = () => screen.queryByRole('toolbar', { name: 'Selected runs' })?.textContent ?? '';
  const show = (search: string) =>
    act(() => useRoute.setState(parseRoute(`#/runs?fold=false&groupBy=null&search=${search}`)));
  show('');
  const table = await screen.findByLabelText('Runs', { selector: '.table[aria-busy="false"]' });
  fireEvent.keyDown(table, { key: 'a', ctrlKey: true });
  await expect.poll(bar).toContain('3 selected');

  show('sas');
  await expect.poll(bar).toContain('1 selected, 2 hidden');
  fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(['sasrec']));

  show('nothing of the kind');
  await expect.poll(bar).toBe('');
  show('');
  await expect.poll(bar).toContain('3 selected');
  expect(bar()).not.toContain('hidden');
});
