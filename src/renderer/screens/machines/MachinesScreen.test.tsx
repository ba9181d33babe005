import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { type Host, hostSchema } from '../../../core/api/hosts.ts';
import type { QueueState } from '../../../core/api/queue.ts';
import type { SystemInfo } from '../../../core/api/settings.ts';
import { performAction } from '../../actions/registry.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import MachinesScreen from './MachinesScreen.tsx';

const SYSTEM = { threads: 2, memoryBytes: 25.3e9, freeBytes: 1e9 } as SystemInfo;
const EMPTY = {
  running: [],
  waiting: [],
  resumable: [],
  pausedMachines: [],
  evaluations: [],
  slots: {},
  reached: {},
} as unknown as QueueState;
const silentRun = {
  run: { kind: 'own', id: 'a', name: 'hstu-a', model: 'hstu', place: 'lab', config: {} },
  ...{ state: 'unreachable', progress: null, hostedHere: true },
  place: {
    phase: 'unreachable',
    asksUser: true,
    detail: 'lab did not let you in',
    heardAt: 1,
    since: 1,
    job: null,
  },
};

function show(queue: QueueState, check = vi.fn(), hosts: Host[] = []) {
  mount(<MachinesScreen />, {
    hosts: { list: () => hosts, activity: () => ({}) },
    queue: { show: () => queue, check },
    models: { expected: () => ({}) },
    settings: { system: () => SYSTEM },
  });
  return check;
}

const HOSTS = ['lab', 'old'].map((name) => hostSchema.parse({ name }));

/** A link that was clicked before is followed with a delay. */
function goTo(address: string): void {
  location.hash = address;
  useRoute.setState(parseRoute(address));
}

beforeEach(() => goTo('#/machines'));

test('this machine alone is shown with how to add another', async () => {
  show(EMPTY);
  expect(await screen.findByText('This machine is idle')).toBeTruthy();
  expect(screen.getAllByRole('button', { name: 'Add a machine' })).toHaveLength(2);
  expect(screen.getByText(/A workstation or a cluster that your ssh reaches/)).toBeTruthy();
});

test('arrow keys lead through the list, and each row says what its chip means', async () => {
  show({ ...EMPTY, running: [silentRun] } as unknown as QueueState, undefined, HOSTS);
  const here = await screen.findByRole('link', { name: 'This machine' });
  here.focus();
  fireEvent.keyDown(here, { key: 'ArrowDown' });
  const lab = screen.getAllByRole('link', { name: 'lab' })[0];
  expect(document.activeElement).toBe(lab);
  expect(lab.getAttribute('href')).toBe('#/machines/lab');
  expect(lab.getAttribute('aria-description')).toMatch(/^lab did not let you in\. .*nothing is given up/);
  const [chip] = screen.getAllByText('Asks you');
  expect([chip.title, chip.dataset.tone]).toEqual([lab.getAttribute('aria-description'), 'warning']);
  fireEvent.keyDown(lab, { key: 'ArrowUp' });
  expect(document.activeElement).toBe(here);
});

test('a machine is paused from its head, which says so, and runs that wait for it say why', async () => {
  goTo('#/machines/lab');
  const make = vi.fn(() => []);
  const run = { kind: 'own', id: 'w', name: 'sasrec-w', model: 'sasrec', place: 'lab', config: {} };
  const queue = { ...EMPTY, pausedMachines: ['lab'], waiting: [{ run, held: false }] };
  mount(<MachinesScreen />, {
    hosts: { list: () => HOSTS, activity: () => ({}) },
    queue: { show: () => queue as unknown as QueueState },
    models: { expected: () => ({}) },
    settings: { system: () => SYSTEM },
    changes: { make },
  });
  expect(await screen.findByText('lab is paused')).toBeTruthy();
  expect(screen.getByText('Lab is paused')).toBeTruthy();
  expect(screen.getAllByText('Paused')[0].title).toContain('until it is resumed');
  fireEvent.click(screen.getByRole('button', { name: 'Resume machine' }));
  await waitFor(() =>
    expect(make).toHaveBeenCalledWith(
      expect.objectContaining({
        changes: [expect.objectContaining({ of: 'machine', name: 'lab', to: false })],
      }),
    ),
  );
});

test('a run that is paused says so once', async () => {
  goTo('#/machines/lab');
  const run = { kind: 'own', id: 'w', name: 'ease-w', model: 'ease', place: 'lab', config: {} };
  show({ ...EMPTY, waiting: [{ run, held: true }] } as unknown as QueueState, undefined, HOSTS);
  const row = (await screen.findByText('ease-w')).closest('li');
  expect(row?.textContent?.match(/Paused/g)).toHaveLength(1);
});

test('R asks a machine at once how its runs stand', async () => {
  goTo('#/machines/lab');
  const check = show({ ...EMPTY, running: [silentRun] } as unknown as QueueState, undefined, HOSTS);
  expect(await screen.findByText('lab asks you')).toBeTruthy();
  performAction('machine.check');
  await waitFor(() => expect(check).toHaveBeenCalledWith({ run: 'a' }));
});
