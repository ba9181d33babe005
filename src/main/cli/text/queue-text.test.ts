import { expect, test } from 'vitest';
import type { QueueState } from '../../../core/api/queue.ts';
import { awayTeller, queueText } from './queue-text.ts';

const NOW = new Date(2026, 0, 5, 20, 0).getTime();
const own = (id: string) => ({ kind: 'own', id, name: `run-${id}`, place: null, config: { epochs: 100 } });
const on = { device: 'cpu', requestedDevice: 'cpu' };
const progress = {
  phase: 'validate',
  epoch: 4,
  epochs: 100,
  done: 1,
  total: 2,
  secondsLeft: 720,
  loss: null,
};

test('says of every run what is left and when it ends, and of all what is not known', () => {
  const running = {
    run: { ...own('a'), ...on },
    state: 'training',
    place: null,
    progress,
    age: 120,
    since: 0,
    done: 0,
  };
  const waiting = (id: string, held: boolean) => ({ run: { ...own(id), ...on, device: null }, held });
  const state = {
    ...{
      paused: false,
      pausedMachines: ['', 'lab 2'],
      slots: {},
      heldBy: null,
      evaluations: [],
      resumable: [],
      reached: {},
      running: [running],
    },
    waiting: [waiting('b', false), waiting('c', true), waiting('d', false)],
  } as unknown as QueueState;
  const minutes = (low: number, high: number) => ({ low: 60 * low, high: 60 * high, epochs: null });
  const expected = { b: minutes(5, 20), c: minutes(1, 1), d: null };
  const text = queueText(state, expected, NOW);
  const line = (id: string) => text.split('\n').find((one) => one.includes(`run-${id}`)) ?? '';
  expect(line('a')).toMatch(/10 min +20:10$/);
  expect(line('b')).toMatch(/This machine is paused .*5 to 20 min +–$/);
  expect(line('c')).toMatch(/held .* 60 s +–$/);
  expect(line('d')).toMatch(/– +–$/);
  expect(text).toMatch(/This machine is paused: \S+ host resume\nlab 2 is paused: \S+ host resume 'lab 2'$/);
  const resumed = queueText({ ...state, pausedMachines: [] }, expected, NOW);
  expect(resumed).toMatch(/run-b .*5 to 20 min +20:15 to 20:30\n/);
  expect(resumed).toMatch(/run-d .*– +after 20:15\n/);
  expect(resumed).toContain('1 running, 2 waiting, 1 paused. At least until 20:15; 1 run has no estimate.');
});

test('says once that a host is silent, whatever its runs, and when it is back for all of them', () => {
  const lines: string[] = [];
  const tell = awayTeller((line) => lines.push(line));
  const silent = { phase: 'unreachable', detail: 'no route' } as const;
  for (const run of ['a', 'b', 'a']) tell('box', run, silent);
  tell('box', 'a', { phase: 'running', detail: null });
  expect(lines).toEqual([expect.stringMatching(/^box does not answer \(no route\): .* queue here a$/)]);
  tell('box', 'b', { phase: 'running', detail: null });
  tell('box', 'b', { phase: 'running', detail: null });
  expect(lines.slice(1)).toEqual(['box answers again.']);
});
