import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { AppEvent } from '../../core/api/events.ts';
import { EventBus } from './event-bus.ts';

it('a slow reader misses older events about the same thing alone', async () => {
  const bus = new EventBus();
  const abort = new AbortController();
  const events = bus.subscribe(abort.signal);
  const heard: AppEvent[] = [];
  const reading = (async () => {
    for await (const event of events) heard.push(event);
  })();
  await turn();
  const notice = { type: 'notice', level: 'info', text: '', run: null } as const;
  const sent: AppEvent[] = [
    { type: 'queue' },
    ...['a', 'b', 'a'].flatMap((run): AppEvent[] => [
      { type: 'series', run },
      { type: 'log', run },
      { type: 'run', run },
    ]),
    { type: 'runs' },
    { type: 'queue' },
    { ...notice, title: 'a' },
    { ...notice, title: 'b' },
  ];
  for (const event of sent) bus.emit(event);
  await expect.poll(() => heard.length).toBeGreaterThan(9);
  abort.abort();
  await reading;
  const told = heard.map((event) =>
    [event.type, 'run' in event ? event.run : '', 'title' in event].join(' '),
  );
  const distinct = sent.map((event) =>
    [event.type, 'run' in event ? event.run : '', 'title' in event].join(' '),
  );
  expect([...new Set(told)].sort()).toEqual([...new Set(distinct)].sort());
  expect(told.filter((one) => one.startsWith('notice'))).toHaveLength(2);
  expect(told.length).toBe(new Set(distinct).size + 1);
});

it('notices of before anybody listens wait for the first listener', async () => {
  const bus = new EventBus();
  const notice = { type: 'notice', level: 'info', title: 'a', text: '', run: null } as const;
  bus.emit({ type: 'queue' });
  bus.emit(notice);
  const heard = async () => {
    const abort = new AbortController();
    const events = bus.subscribe(abort.signal);
    const first = events.next();
    await turn();
    bus.emit({ type: 'datasets' });
    const { value } = await first;
    abort.abort();
    await events.return();
    return value;
  };
  expect(await heard()).toEqual(notice);
  expect(await heard()).toEqual({ type: 'datasets' });
});
