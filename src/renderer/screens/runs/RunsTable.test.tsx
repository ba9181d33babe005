import { act, fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { settingTitle } from '../../../core/api/models.ts';
import { wholeRows } from '../../runs/table/use-cells.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { ColumnsDialog } from './ColumnsDialog.tsx';
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

const MANY = Array.from({ length: 12_000 }, (_, at) => `key${at}`);

/** A list draws what is in sight of it, and here nothing has a size. */
const giveHeight = () => vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400);

test('of very many columns no question takes more than a procedure gives, and a copy has all of them', async () => {
  giveHeight();
  const asked: number[] = [];
  const label = { title: 'SASRec', detail: '' };
  const row = {
    id: 'sasrec',
    name: 'sasrec',
    model: 'sasrec',
    label,
    runs: [{ id: 'sasrec', name: 'sasrec', seed: 1 }],
    tags: [],
  };
  const columns = ['name', ...MANY.map((key) => `config:${key}`)];
  const query = new URLSearchParams({ fold: 'false', groupBy: 'null', columns: JSON.stringify(columns) });
  act(() => useRoute.setState(parseRoute(`#/runs?${query}`)));
  mount(<RunsTable totals={totals} />, {
    runs: {
      table: ({ config = [], metrics = [] }) => {
        asked.push(config.length + metrics.length);
        const values = Object.fromEntries(config.map((key) => [key, `value of ${key}`]));
        return {
          total: 1,
          groups: null,
          rows: [{ ...row, config: values, metrics: {} }],
          outline: ['sasrec'],
        } as never;
      },
      fields: () => ({ ...fields, config: MANY }),
      places: () => ({}),
      annotations: () => ({}),
    },
    projects: { list: () => [] },
    datasets: { list: () => [] },
    comparisons: { list: () => [] },
    settings: { readView: () => null },
  });
  await screen.findByLabelText('Runs', { selector: '.table[aria-busy="false"]' });
  expect(Math.max(...asked)).toBeLessThanOrEqual(100);

  fireEvent.click(screen.getByRole('button', { name: 'Columns' }));
  const boxes = () => screen.getAllByRole('checkbox', { hidden: true });
  const box = (name: string) => boxes().find((one) => one.getAttribute('aria-label') === name);
  expect(box('All of Run')).toBeTruthy();
  expect(boxes().length).toBeLessThan(100);

  const [copied] = await wholeRows(columns, { sort: [] });
  expect(copied.config).toEqual(Object.fromEntries(MANY.map((key) => [key, `value of ${key}`])));
  expect(Math.max(...asked)).toBeLessThanOrEqual(500);
});

test('a group of fields is chosen as a whole, and its list is moved in by keys', async () => {
  giveHeight();
  const chosen = vi.fn<(columns: string[] | null) => void>();
  render(
    <ColumnsDialog
      columns={['name']}
      fields={{ ...fields, config: MANY }}
      onChange={chosen}
      onClose={() => {}}
    />,
  );
  const all = screen.getByRole('checkbox', { name: 'All of Run' });
  const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
  act(() => all.focus());
  press('End');
  expect(document.activeElement?.closest('label')?.textContent).toBe(settingTitle('key11999'));
  press('ArrowDown');
  press('Home');
  expect(document.activeElement).toBe(screen.getByRole('checkbox', { name: 'All of Run' }));
  press('ArrowDown');
  expect(document.activeElement?.closest('label')?.textContent).toBe('Run');
  // One stop of the tab key.
  const list = document.querySelector('.columns-list');
  expect(list?.querySelectorAll('input:not([tabindex="-1"])')).toHaveLength(1);

  const search = screen.getByRole('searchbox');
  fireEvent.change(search, { target: { value: '1199' } });
  fireEvent.click(await screen.findByRole('checkbox', { name: 'All of Config' }));
  expect(chosen.mock.lastCall?.[0]).toHaveLength(1 + 12);
});
