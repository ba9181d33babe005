import { expect, test } from 'vitest';
import type { QueueState } from '../../core/api/queue.ts';
import { endText, type Queue, queueTime, secondsLeft } from './queue-time.ts';

const run = (id: string, requestedDevice: 'auto' | 'cpu' | 'cuda', device: string | null = null) => ({
  run: { id, requestedDevice, device, place: null as string | null },
});
const running = (id: string, device: 'cpu' | 'cuda', secondsLeft: number | null) => ({
  ...run(id, 'auto', device),
  progress: secondsLeft === null ? null : { secondsLeft },
  place: null,
});
const waiting = (id: string, device: 'auto' | 'cpu' | 'cuda', held = false) => ({ ...run(id, device), held });

test('waiting runs take the slots of their device as they become free', () => {
  const queue: Queue = {
    slots: { cuda: 2 },
    running: [running('a', 'cuda', 100), running('b', 'cuda', 30)],
    // 50 s from 30 on, 40 s from 80 on, 500 s at once on the other device, which has one slot by itself.
    waiting: [waiting('c', 'auto'), waiting('d', 'cuda'), waiting('e', 'cpu'), waiting('f', 'cpu')],
  };
  const seconds = { c: 50, d: 40, e: 500, f: 1 };
  const time = queueTime(queue, seconds);
  expect(time).toMatchObject({ seconds: 501, work: 591, uncounted: 0, paused: 0 });
  const ends = Object.entries(time.ends).map(([id, end]) => [id, end.seconds, end.atLeast]);
  expect(ends).toEqual([
    ['a', 100, false],
    ['b', 30, false],
    ['c', 80, false],
    ['d', 120, false],
    ['e', 500, false],
    ['f', 501, false],
  ]);
  expect(queueTime(queue, { ...seconds, e: 5 }).seconds).toBe(120);
  // What is heard of a run that trains is newer than what the queue was asked.
  expect(queueTime(queue, { ...seconds, e: 5 }, { b: { secondsLeft: 200 } }).seconds).toBe(200);
});

test('a run that continues takes what its checkpoint leaves', () => {
  const entry = (id: string, epochs?: number) => ({ run: { id, config: { epochs } }, held: false });
  const queue = {
    waiting: [entry('a', 50), entry('b', 50), entry('c')],
    reached: { a: { epoch: 40, step: 400 }, c: { epoch: 1, step: 9 } },
  } as unknown as QueueState;
  const left = secondsLeft(queue, { a: 100, b: 100, c: 7, d: null });
  expect(left.a).toBeCloseTo(20);
  expect(left).toMatchObject({ b: 100, c: 7, d: null });
});

test('runs that nothing is known of are counted apart, and paused ones left out', () => {
  const queue: Queue = {
    slots: { cuda: 0 },
    running: [running('a', 'cpu', null)],
    waiting: [waiting('b', 'cpu'), waiting('c', 'cpu', true), waiting('d', 'cuda')],
  };
  const time = queueTime(queue, { b: null, c: 10 });
  expect(time).toMatchObject({ seconds: null, work: 0, uncounted: 2, paused: 2 });
  expect(time.ends).toEqual({
    a: { seconds: null, after: 0, atLeast: false },
    b: { seconds: null, after: 0, atLeast: true },
  });
  // A run without progress yet takes as long as one like it.
  expect(queueTime(queue, { a: 20, b: 5 })).toMatchObject({ seconds: 25, uncounted: 0 });
});

test('some runs end after what they share their device with, and not after what waits behind them', () => {
  const queue: Queue = {
    slots: {},
    running: [running('a', 'cpu', 100)],
    waiting: [waiting('b', 'cpu'), waiting('own', 'cpu'), waiting('c', 'cpu')],
  };
  const seconds = { b: 10, own: 5, c: 1000 };
  expect(queueTime(queue, seconds, {}, new Set(['own']))).toMatchObject({ seconds: 115, uncounted: 0 });
  expect(queueTime(queue, { ...seconds, c: null }, {}, new Set(['own'])).uncounted).toBe(0);
  expect(queueTime(queue, { ...seconds, b: null }, {}, new Set(['own'])).uncounted).toBe(1);
});

const now = new Date(2026, 0, 5, 17, 0).getTime();
const end = (seconds: number | null, after = 0, atLeast = false) => ({ seconds, after, atLeast });

test('an end is a time, "after" a time where something unknown comes first, and a dash where nothing is known', () => {
  expect(endText(end(14 * 60), now)).toBe('17:14');
  expect(endText(end(63 * 60, 33 * 60, true), now)).toBe('after 18:03');
  expect(endText(end(null, 63 * 60), now)).toBe('after 18:03');
  expect([endText(end(null), now), endText(undefined, now)]).toEqual(['–', '–']);
});

test('what other machines train is not counted, and takes no place here', () => {
  const there = { ...waiting('c', 'cpu'), run: { ...run('c', 'cpu').run, place: 'lab-2' } };
  const queue: Queue = {
    slots: {},
    running: [
      running('a', 'cpu', 100),
      { ...running('b', 'cpu', 5000), run: { ...run('b', 'cpu').run, place: 'lab-2' } },
    ],
    waiting: [there, waiting('d', 'cpu')],
  };
  const seconds = { c: 50, d: 20 };
  const time = queueTime(queue, seconds);
  expect(time).toMatchObject({ seconds: 120, work: 20, uncounted: 0 });
  expect([time.ends.c.seconds, time.ends.d.seconds]).toEqual([5050, 120]);
  expect(queueTime(queue, seconds, {}, new Set(['c'])).seconds).toBe(5050);
});
