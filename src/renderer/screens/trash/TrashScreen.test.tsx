import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { coming } from '../../../core/api/changes.ts';
import { hostSchema } from '../../../core/api/hosts.ts';
import type { SystemInfo } from '../../../core/api/settings.ts';
import type { StrayLook, TrashItem } from '../../../core/api/trash.ts';
import { Confirm } from '../../components/Confirm.tsx';
import { queryClient } from '../../state/api.ts';
import { useDeeds } from '../../state/deeds.ts';
import { TRASH_COLUMNS } from './columns.tsx';
import TrashScreen from './TrashScreen.tsx';

const stray = (id: string, isWhole: boolean): TrashItem => ({
  ...{ kind: 'folder', id, name: id, deletedAt: null, purgedAt: null, bytes: 1e6 },
  stray: {
    ...{ title: isWhole ? 'hstu-club' : id, model: isWhole ? 'hstu' : null, isWhole, at: null },
    ...{
      readable: isWhole ? 'settings and journals whole' : 'run.json: cannot be read',
      from: 'lab',
      state: 'failed',
      trains: false,
      isMeasurable: isWhole,
    },
  },
});
const deleted: TrashItem = {
  ...{ kind: 'run', id: 'a', name: 'own-ids', deletedAt: 1, purgedAt: 2, bytes: 3e6 },
  dependants: 'tiger-a was trained on it',
};

const parts = (
  <>
    <TrashScreen />
    <Confirm />
  </>
);
const agree = async (name: string) =>
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name }));

test('a stray says what it seems to be and is adopted once that was meant, unless nothing of it says what it is', async () => {
  const restore = vi.fn();
  mount(parts, {
    trash: {
      list: () => [deleted, stray('runs/x', true), stray('runs/y', false)],
      restore,
      backups: () => [],
    },
  });
  expect(await screen.findByText('2 strays')).toBeTruthy();
  expect(screen.getByText('run.json: cannot be read').className).toBe('warning');
  const [whole, broken] = ['Adopt hstu-club', 'Adopt runs/y'].map((name) =>
    screen.getByRole('button', { name }),
  );
  expect((broken as HTMLButtonElement).disabled).toBe(true);
  fireEvent.click(whole);
  await screen.findByRole('dialog', { name: 'Adopt hstu-club?' });
  expect(restore).not.toHaveBeenCalled();
  await agree('Adopt');
  await vi.waitFor(() => expect(restore).toHaveBeenCalledWith({ items: [{ kind: 'folder', id: 'runs/x' }] }));
  await vi.waitFor(() => expect(useDeeds.getState().undo.at(-1)?.changes).toEqual([coming('run', ['x'])]));
});

test('a stray is adopted to be measured again, and what trains it is ended there once that was meant', async () => {
  const [end, measure] = [vi.fn(), vi.fn(() => ({ run: 'm' }))];
  const there = { state: 'runs', job: null, model: 'sasrec', dataset: 'beauty', at: 1 } as const;
  const looks: StrayLook[] = [
    {
      on: 'lab',
      problem: null,
      strays: ['x', 'other'].map((id) => ({ ...there, name: `${id}-events-1-1` })),
    },
    { on: 'away', problem: 'away: timed out', strays: [] },
  ];
  mount(parts, {
    trash: {
      list: () => [stray('runs/x', true)],
      backups: () => [],
      lookElsewhere: () => looks,
      end,
      measure,
    },
    hosts: { list: () => ['lab', 'away'].map((name) => hostSchema.parse({ name })) },
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Adopt hstu-club, measure again' }));
  await agree('Adopt, measure again');
  await vi.waitFor(() => expect(measure).toHaveBeenCalledWith({ id: 'runs/x' }));
  fireEvent.click(screen.getByRole('button', { name: 'Look on 2 machines' }));
  expect(await screen.findByText('still running on lab')).toBeTruthy();
  expect(screen.getByText('away: timed out')).toBeTruthy();
  const adopt = screen.getByRole('button', { name: 'Adopt sasrec, beauty' });
  expect((adopt as HTMLButtonElement).disabled).toBe(true);
  fireEvent.click(screen.getByRole('button', { name: 'End hstu-club there' }));
  expect(await screen.findByText(/may be of another data folder that uses lab/)).toBeTruthy();
  expect(end).not.toHaveBeenCalled();
  fireEvent.click(screen.getAllByRole('button', { name: 'End it there' }).at(-1) as HTMLElement);
  await vi.waitFor(() => expect(end).toHaveBeenCalledWith({ id: 'x-events-1-1', on: 'lab' }));
});

test('emptying the trash asks with a count, and deletes what it has counted: no stray, and nothing that comes meanwhile', async () => {
  const purge = vi.fn();
  const two = [deleted, { ...deleted, id: 'b' }];
  const later: TrashItem[] = [];
  const list = () => [...two, ...later, stray('runs/x', true)];
  mount(parts, { trash: { list, purge, backups: () => [] } });
  fireEvent.click(await screen.findByRole('button', { name: 'Empty trash' }));
  expect(await screen.findByRole('dialog', { name: 'Delete 2 items permanently?' })).toBeTruthy();
  later.push({ ...deleted, id: 'c' });
  await queryClient.invalidateQueries();
  await screen.findByText(/^3 items, /);
  expect(purge).not.toHaveBeenCalled();
  fireEvent.click(screen.getAllByRole('button', { name: 'Delete permanently' })[0]);
  const counted = ['a', 'b'].map((id) => ({ kind: 'run', id }));
  await vi.waitFor(() => expect(purge).toHaveBeenCalledExactlyOnceWith({ items: counted }));
});

test('backups are tiles by day, week and month, and one is made at once', async () => {
  const backUp = vi.fn();
  let at = Date.now() - 120_000;
  const one = (of: 'days' | 'weeks' | null) => ({ of, at: at--, bytes: 84e6 });
  mount(<TrashScreen />, {
    trash: { list: () => [], backups: () => [one('days'), one('days'), one('weeks'), one(null)], backUp },
  });
  expect(await screen.findByText('2 days, 1 week, 1 other')).toBeTruthy();
  expect(screen.getByText(/^Newest 2 min ago, 84\.0 MB/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Back up now' }));
  await vi.waitFor(() => expect(backUp).toHaveBeenCalledOnce());
});

test('a row is restored by its own button, and a run has the colour of its model', async () => {
  const make = vi.fn(() => []);
  const row = { ...deleted, model: 'sasrec' };
  mount(
    TRASH_COLUMNS.map(({ id, render }) => <div key={id}>{render?.(row, false)}</div>),
    { changes: { make }, settings: { system: () => ({ homeKey: 'home' }) as SystemInfo } },
  );
  expect(document.querySelectorAll('.run-tile')).toHaveLength(1);
  fireEvent.click(screen.getByRole('button', { name: 'Restore own-ids' }));
  const restored = { of: 'deleted', kind: 'run', ids: ['a'], to: false };
  await vi.waitFor(() =>
    expect(make).toHaveBeenCalledWith({ home: 'home', changes: [expect.objectContaining(restored)] }),
  );
});
