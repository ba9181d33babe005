import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { RemakePlan, ReproducedRun, Statement } from '../../../core/api/reproduce.ts';
import { shell } from '../../shell/window-shell.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import ReproduceScreen from './ReproduceScreen.tsx';

const at = (hash: string) => useRoute.setState(parseRoute(hash));
beforeEach(() => at('#/reproduce/run/r1'));

const condition = (what: string, mark: 'same' | 'may' | 'cannot') => ({
  ...{ what, mark, earlier: `${what} then`, now: `${what} now`, means: '' },
});

const plan = (changes: Partial<RemakePlan> = {}): RemakePlan => ({
  ...{ title: 'sasrec-s1', version: '0.1.0', others: [], missing: [], notEvaluated: null },
  expected: { degree: 'close', text: 'Close, not bit for bit: Processor' },
  conditions: [condition('Data', 'same'), condition('Processor', 'may')],
  runs: [{ id: 'r1', name: 'sasrec-s1', model: 'sasrec', seed: 1, seconds: 1140, endedAt: 0 }],
  ...changes,
});

const parts = { work: { list: () => [] } };

test('what to expect stands before, and both ways put runs into the queue', async () => {
  const start = vi.fn(() => ({ id: 'w' }));
  mount(<ReproduceScreen />, { reproduce: { look: () => plan() }, work: { ...parts.work, start } });
  expect(await screen.findByText('Close, not bit for bit')).toBeTruthy();
  expect(screen.getByText(/1 of 2 conditions are the same/)).toBeTruthy();
  expect(within(screen.getByRole('table', { name: 'Conditions' })).getByText('Processor now').className).toBe(
    'warning',
  );
  fireEvent.click(screen.getByRole('button', { name: 'Train again, 19 min' }));
  const of = { kind: 'run', run: 'r1' };
  await vi.waitFor(() =>
    expect(start).toHaveBeenCalledWith({
      of: 'reproduction',
      input: { of, data: [], how: 'train', anyway: false },
    }),
  );
  fireEvent.click(screen.getByRole('button', { name: 'Only evaluate again' }));
  await vi.waitFor(() =>
    expect(start).toHaveBeenLastCalledWith({
      of: 'reproduction',
      input: { of, data: [], how: 'evaluate', anyway: false },
    }),
  );
});

test('without its data nothing can be trained, and without its checkpoint nothing evaluated', async () => {
  at('#/reproduce/file/paper.zip?data=a.csv');
  const look = vi.fn(() =>
    plan({
      missing: ['The data set films is missing: name its file (ratings.csv)'],
      expected: { degree: 'missing', text: 'Missing here: ratings.csv' },
      notEvaluated: 'its checkpoint is not here',
    }),
  );
  mount(<ReproduceScreen />, { reproduce: { look }, ...parts });
  expect(await screen.findByText(/The data set films is missing/)).toBeTruthy();
  expect(look).toHaveBeenCalledWith({ of: { kind: 'file', path: 'paper.zip' }, data: ['a.csv'] });
  for (const name of ['Train again, 19 min', 'Only evaluate again'])
    expect((screen.getByRole('button', { name }) as HTMLButtonElement).disabled).toBe(true);
  expect(screen.getByRole('button', { name: 'Choose the files' })).toBeTruthy();
});

test('files that are chosen one after the other all stand in the address, and none once another run is looked at', async () => {
  const waiting: ((paths: string[]) => void)[] = [];
  const take = vi
    .spyOn(shell, 'takeFiles')
    .mockImplementation(() => new Promise((resolve) => waiting.push(resolve)));
  mount(<ReproduceScreen />, {
    reproduce: { look: () => plan({ missing: ['Data are missing'] }) },
    ...parts,
  });
  const choose = async () => {
    const input = screen.getAllByLabelText('Choose the files').find(({ tagName }) => tagName === 'INPUT');
    fireEvent.change(input as HTMLElement, { target: { files: [new File([], 'a')] } });
    await vi.waitFor(() => expect(take).toHaveBeenCalled());
  };
  await screen.findByText(/Data are missing/);
  for (const _ of [1, 2, 3]) await choose();
  const data = () => useRoute.getState().query.get('data');
  waiting[1](['b.csv']);
  await vi.waitFor(() => expect(data()).toBe('b.csv'));
  waiting[0](['a.csv', 'c.csv']);
  await vi.waitFor(() => expect(data()).toBe('b.csv\na.csv\nc.csv'));
  at('#/reproduce/run/r2');
  waiting[2](['late.csv']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(data()).toBeNull();
  take.mockRestore();
});

const outcome = (name: string, changes: Partial<ReproducedRun>): ReproducedRun => ({
  run: { id: `${name}-2`, name: `${name}-2`, model: 'sasrec', seed: 1, status: 'completed' },
  ...{ how: 'train', source: 'paper.zip', together: [], metric: 'test/ndcg@10', p: null, ranks: null },
  earlier: { id: name, name, isHere: true },
  ...{ before: 0.05, after: 0.05, degree: 'exact', causes: [] },
  agreement: { metrics: 1, different: [], ranks: [], epochs: { earlier: 3, now: 3 }, isExact: true },
  ...changes,
});

const differing = {
  ...{ metrics: 1, ranks: [], epochs: { earlier: 3, now: 4 }, isExact: false },
  different: [{ name: 'test/mrr', earlier: 0.25, now: null }],
};

test('then and now stand beside each other, what has not ended by its state', async () => {
  at('#/reproduce/done?runs=a-2,b-2,c-2');
  const outcomes = vi.fn(() => [
    outcome('a', { ranks: { equal: 9, users: 9 } }),
    outcome('b', {
      after: 0.043,
      degree: 'apart',
      causes: [condition('Threads', 'may'), condition('Seed', 'same')],
      earlier: { id: 'b', name: 'b', isHere: false },
      p: 0.0001,
      ranks: { equal: 5, users: 9 },
      agreement: differing,
    }),
    outcome('c', {
      after: null,
      degree: null,
      agreement: null,
      run: { id: 'c-2', name: 'c-2', model: 'hstu', seed: 1, status: 'queued' },
    }),
  ]);
  const statements = (): Statement[] => [
    { above: 'a', below: 'b', metric: 'test/ndcg@10', before: 0.01, after: -0.02, p: 0.001, state: 'fails' },
  ];
  mount(<ReproduceScreen />, { reproduce: { outcomes, statements } });
  expect(await screen.findByText('1 of 2 agree')).toBeTruthy();
  const causes = within(screen.getByRole('region', { name: 'Why b differs' }));
  expect(causes.getAllByRole('listitem')).toHaveLength(1);
  expect(causes.getByText('Threads: Threads then then, Threads now now')).toBeTruthy();
  expect(causes.getByText('Ruled out: Seed.')).toBeTruthy();
  expect(causes.getByText(/not in this data folder/)).toBeTruthy();
  expect(await screen.findByText(/−0\.0200 now, p 0\.001: it is below/)).toBeTruthy();
  expect(outcomes).toHaveBeenCalledWith({ runs: ['a-2', 'b-2', 'c-2'] });
  const table = within(screen.getByRole('table', { name: 'Then and now' }));
  expect(table.getByText('all 9 users have the same rank')).toBeTruthy();
  expect(table.getByText(/^Told apart, p/).className).toContain('bad');
  expect(table.getByText(/trains again$/)).toBeTruthy();
  expect(table.getByText('Bit for bit')).toBeTruthy();
  expect(table.getByText('3 → 4')).toBeTruthy();
  const numbers = within(screen.getByRole('table', { name: 'What differs most' }));
  expect(
    numbers
      .getAllByRole('row')
      .map((row) => row.textContent)
      .at(-1),
  ).toMatch(/^bMRR0\.250000––$/);
});

test('an address of nothing says what to do', async () => {
  at('#/reproduce/done');
  mount(<ReproduceScreen />, {});
  expect(await screen.findByText('Nothing was made again')).toBeTruthy();
});
