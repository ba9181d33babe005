import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { DrawnGroup, KeptGroups } from '../../../core/api/drawn-groups.ts';
import type { OwnRun } from '../../../core/api/runs.ts';
import { replaceQuery } from '../../state/navigation.ts';
import { DrawnGroups } from './DrawnGroups.tsx';

const run = (changes: Partial<OwnRun> = {}) =>
  ({ id: 'r', status: 'completed', selectedEpoch: 2, place: null, ...changes }) as OwnRun;
const id = (codes: number[], title: string, isNext = false) => ({
  ...{ codes, collisionToken: 0, item: { item: 1, id: title, title }, others: 0, probability: 0.25, isNext },
  ...{ reward: isNext ? 1 : -0.5, advantage: isNext ? 1.9 : -0.6 },
});
const group = (user: string, isHit: boolean): DrawnGroup => ({
  user,
  next: id([7, 9], 'Amber Mist'),
  ids: [id([1, 2], 'Rose Dew'), id([7, 9], 'Amber Mist', isHit)],
});
const kept = (epoch: number): KeptGroups => ({
  epochs: [1, 2, 3],
  shown: { epoch, step: 40 * epoch, groupsDrawn: 64, groups: [group('u1', false), group('u2', true)] },
});

test('the tested epoch comes first, with a group in which the next item is; the reader picks others', async () => {
  const groups = vi.fn(({ epoch }: { epoch?: number | null }) => kept(epoch ?? 3));
  mount(<DrawnGroups run={run()} />, { recommend: { groups } });
  expect(await screen.findByText('step 80')).toBeTruthy();
  const rows = within(screen.getByRole('list', { name: 'IDs' })).getAllByRole('listitem');
  expect(rows.map(({ dataset }) => dataset.next)).toEqual([undefined, 'true']);
  expect(rows[1].textContent).toContain('1.00+1.9');
  expect(screen.getByText(/Kept are 2 of the 64 groups of that step/)).toBeTruthy();
  replaceQuery({ drawn: '1', of: 'u1' });
  expect(await screen.findByText('step 40')).toBeTruthy();
  expect(screen.getByText(/nothing is learnt from this group/)).toBeTruthy();
  expect(groups).toHaveBeenLastCalledWith({ run: 'r', epoch: 1 });
});

test('every group stands there with the place of the item that came next, and one is chosen by it', async () => {
  replaceQuery({});
  mount(<DrawnGroups run={run()} />, { recommend: { groups: () => kept(2) } });
  const lines = within(await screen.findByRole('list', { name: 'Groups' })).getAllByRole('button');
  expect(lines.map(({ textContent }) => textContent)).toEqual(['User u1not drawn', 'User u2place 2']);
  expect(lines.map((line) => line.getAttribute('aria-pressed'))).toEqual(['false', 'true']);
  fireEvent.click(lines[0]);
  expect(await screen.findByText(/nothing is learnt from this group/)).toBeTruthy();
});

test('while a run trains the newest groups are followed until an epoch is chosen, and again when asked to', async () => {
  replaceQuery({});
  const groups = vi.fn(({ epoch }: { epoch?: number | null }) => kept(epoch ?? 3));
  const { unmount } = mount(<DrawnGroups run={run({ status: 'running' })} />, { recommend: { groups } });
  const follow = await screen.findByRole('button', { name: 'Follow', pressed: true });
  expect(groups.mock.lastCall).toEqual([{ run: 'r', epoch: null }]);
  fireEvent.click(follow);
  await screen.findByRole('button', { name: 'Follow', pressed: false });
  expect(groups.mock.lastCall).toEqual([{ run: 'r', epoch: 3 }]);
  replaceQuery({ drawn: '1' });
  expect(await screen.findByText('step 40')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Follow' }));
  expect(await screen.findByText('step 120')).toBeTruthy();
  unmount();
  mount(<DrawnGroups run={run()} />, { recommend: { groups } });
  expect(await screen.findByText('step 80')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Follow' })).toBeNull();
});

test('an address that names no epoch shows the tested one', async () => {
  replaceQuery({});
  const groups = vi.fn(({ epoch }: { epoch?: number | null }) => kept(epoch ?? 3));
  mount(<DrawnGroups run={run()} />, { recommend: { groups } });
  for (const drawn of ['abc', '-1', '1.5', '1e400', '9'.repeat(30), '']) {
    replaceQuery({ drawn });
    expect(await screen.findByText('step 80'), drawn).toBeTruthy();
  }
  expect(groups.mock.calls).toEqual([[{ run: 'r', epoch: 2 }]]);
});

test('of a large group the likeliest are listed, and what came next wherever it stands', async () => {
  replaceQuery({});
  const large = {
    ...group('u1', true),
    ids: Array.from({ length: 30 }, (_, at) => id([at], `Item ${at}`, at === 25)),
  };
  const groups = () => ({ epochs: [3], shown: { epoch: 3, step: 9, groupsDrawn: 1, groups: [large] } });
  mount(<DrawnGroups run={run()} />, { recommend: { groups } });
  const rows = within(await screen.findByRole('list', { name: 'IDs' })).getAllByRole('listitem');
  expect(rows).toHaveLength(17);
  expect(rows[16].textContent).toMatch(/^26.*Item 25/);
  expect(screen.getByText('13 less likely ones are not listed.')).toBeTruthy();
});

test('where nothing was kept it says so, and when some will be', async () => {
  replaceQuery({});
  const groups = () => ({ epochs: [], shown: null });
  const { unmount } = mount(<DrawnGroups run={run()} />, { recommend: { groups } });
  expect(await screen.findByText('None was kept.')).toBeTruthy();
  unmount();
  mount(<DrawnGroups run={run({ status: 'running', selectedEpoch: null })} />, { recommend: { groups } });
  expect(await screen.findByText('Some are kept at every validation.')).toBeTruthy();
});
