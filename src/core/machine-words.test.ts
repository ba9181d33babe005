import { expect, test } from 'vitest';
import { hostSchema } from './api/hosts.ts';
import type { ActiveRunState, PlaceState, QueueState } from './api/queue.ts';
import { pendingWords } from './away-words.ts';
import { dayTiles, machineStatement, machinesOf, stateOf } from './machine-words.ts';

const NOW = new Date(2026, 4, 6, 17, 0).getTime();
const MINUTE = 60_000;

function active(place: string | null, at: Partial<PlaceState> | null, state = 'training') {
  const run = { kind: 'own', id: `${place} ${state}`, place, config: {} };
  return { run, state, place: at && { phase: 'running', since: NOW, ...at } } as unknown as ActiveRunState;
}

function machines(running: ActiveRunState[], rest: Partial<QueueState> = {}) {
  const hosts = ['cluster', 'lab'].map((name) => hostSchema.parse({ name }));
  const queue = { running, waiting: [], resumable: [], pausedMachines: [], ...rest } as unknown as QueueState;
  return machinesOf(hosts, queue, {}, NOW);
}

test('a machine is said in words to ask its user, to be out of contact, to train or to be unchecked', () => {
  const silent = { phase: 'unreachable', heardAt: NOW - 120 * MINUTE } as const;
  const [here, cluster, lab] = machines([
    active(null, null),
    active('cluster', { ...silent, asksUser: true, detail: 'cluster did not let you in' }),
    active('lab', { ...silent, detail: 'lab does not answer' }),
  ]);
  const words = [here, cluster, lab].map((one) => stateOf(one, NOW).words);
  expect(words).toEqual(['1 running', 'Asks you', 'No contact 2 h']);
  expect(stateOf(cluster, NOW).meaning).toBe(
    'cluster did not let you in. It is tried again at least every 10 minutes, and nothing is given up.',
  );
  expect(stateOf(lab, NOW).meaning).toContain('What trains there may continue; nothing is lost.');
  expect(machineStatement(cluster, NOW)).toEqual(['cluster asks you', '1 run may continue there']);
  expect(machineStatement(lab, NOW)[0]).toBe('No contact with lab for 2 h');
  expect(machines([]).map((one) => stateOf(one, NOW).words)).toEqual(['Idle', 'Not checked', 'Not checked']);
});

test('a request is pending until another machine has obeyed it, and on this one it never is', () => {
  const all = [active('lab', {}, 'stopping'), active('lab', {}, 'finishing'), active('lab', {})];
  expect(all.map(pendingWords)).toEqual(['Pending: stop', 'Pending: stop after epoch', null]);
  expect(pendingWords(active(null, null, 'stopping'))).toBeNull();
  const lab = machines([...all, active('lab', { phase: 'pending' })])[2];
  expect(machineStatement(lab, NOW)).toEqual(['lab trains 3 runs', '2 are to stop, 1 waits']);
});

test('a machine that is paused says so, beside what it trains and before what waits', () => {
  const rest = { pausedMachines: ['', 'lab'] };
  const [here, cluster, lab] = machines([active('lab', {}), active('lab', { phase: 'pending' })], rest);
  expect([here, cluster, lab].map((one) => stateOf(one, NOW).words)).toEqual([
    'Paused',
    'Not checked',
    '1 running, paused',
  ]);
  expect(machineStatement(here, NOW)).toEqual(['This machine is paused', 'nothing new begins']);
  expect(machineStatement(lab, NOW)).toEqual(['lab trains 1 run', '1 waits, nothing new begins']);
});

test('of runs that ended, a machine shows those of the last day that their user did not cancel', () => {
  const run = (id: string, status: string, hours: number) =>
    ({ kind: 'own', id, status, place: 'lab', endedAt: NOW - hours * 60 * MINUTE }) as never;
  const resumable = [run('a', 'failed', 2), run('b', 'cancelled', 2), run('c', 'failed', 25)];
  expect(machines([], { resumable })[2].failed.map(({ id }) => id)).toEqual(['a']);
});

test('a day is tiles of ten minutes: trained, out of contact, idle, and now', () => {
  const activity = {
    trained: [{ from: NOW - 60 * MINUTE, to: null }],
    silent: [{ from: NOW - 40 * MINUTE, to: NOW - 30 * MINUTE }],
    ...{ refused: [], completed: 0, toEnd: 0 },
  };
  const tiles = dayTiles(activity, NOW);
  expect(tiles).toHaveLength(144);
  expect(tiles.slice(-7)).toEqual(['idle', 'trained', 'trained', 'silent', 'trained', 'trained', 'now']);
});
