import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  aboutText,
  type Clock,
  type ClockFacts,
  clock,
  clockInput,
  doneOf,
  type ExpectedTime,
  type Heard,
  type NewRun,
  type RunTime,
  spanText,
  startText,
  timeOf,
  timesOfNew,
  trainingRun,
} from '../../core/api/clock.ts';
import type { ActiveRunState, QueueState } from '../../core/api/queue.ts';
import { nameAlone } from '../../core/api/runs.ts';
import { api, useKeptQuery } from '../state/api.ts';
import { useLive } from '../state/events.ts';
import { secondsSince, steadyNow } from '../state/heard.ts';
import { useNow } from '../state/now.ts';

/** Ends to the minute need no more. */
const TICK_MS = 5_000;

/** What the window has heard last of a run that trains. */
const heard: Heard = (active) => {
  const live = useLive.getState().progress[active.run.id];
  const passed = secondsSince(active);
  const since = active.since + passed;
  if (live) return { progress: live, age: (steadyNow() - live.at) / 1000, since };
  return { progress: active.progress, age: active.age + passed, since };
};

interface Facts extends ClockFacts {
  expected: Record<string, ExpectedTime | null>;
}

/** What the clock reads, in a new object every few seconds: progress alone draws nothing that stands beside it. */
function useClockFacts(queue: QueueState | undefined): Facts | null {
  const now = useNow(TICK_MS);
  const runs = queue ? [...queue.running, ...queue.waiting].map(({ run }) => run.id) : [];
  const { data: expected } = useKeptQuery({
    ...api.models.expected.queryOptions({ input: { runs } }),
    enabled: runs.length > 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the time that passes, too
  return useMemo(() => (queue ? { queue, expected: expected ?? {}, heard } : null), [queue, expected, now]);
}

/** When all that waits and trains begins and ends; null until the queue is known. */
export function useClock(
  queue: QueueState | undefined,
): { clock: Clock; expected: Facts['expected'] } | null {
  const facts = useClockFacts(queue);
  return useMemo(() => facts && { clock: clock(clockInput(facts)), expected: facts.expected }, [facts]);
}

/** The same of runs that could be added, one after the other. */
export function useTimesOfNew(queue: QueueState | undefined, runs: readonly NewRun[]): RunTime[] | null {
  const facts = useClockFacts(queue);
  return facts && timesOfNew(facts, runs);
}

/** What the first of these runs that waits in the queue waits for; empty where none does. */
export function useStartText(runs: readonly string[]): string {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const found = useClock(queue);
  const first = queue?.waiting.find(({ run }) => runs.includes(run.id));
  const time = first && found?.clock.runs[first.run.id];
  if (!queue || !time) return '';
  const all = [...queue.running, ...queue.waiting].map(({ run }) => run);
  const before = all.find(({ id }) => id === time.after);
  return startText(time.begins, before ? nameAlone(before) : null);
}

/** Of one run that trains, with every progress and twice a second. */
export function useRunTime(active: ActiveRunState, expected: ExpectedTime | null = null): RunTime {
  useLive((state) => state.progress[active.run.id]);
  useNow();
  return timeOf(trainingRun(active, { expected: { [active.run.id]: expected }, heard }));
}

/** Of a run of the queue, by its id. */
export function useTimeOf(run: string): RunTime | undefined {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  return useClock(queue)?.clock.runs[run];
}

/** Until the last of these runs has ended, with what the queue has before it: "about 12 min"; null where nothing is known. */
export function useTimeLeft(runs: readonly string[], enabled: boolean): string | null {
  const { data: queue } = useQuery({ ...api.queue.show.queryOptions(), enabled });
  const found = useClock(queue);
  if (!enabled || !found) return null;
  const { ends } = doneOf(runs.flatMap((id) => found.clock.runs[id] ?? []));
  if (ends === null || (ends.low === 0 && ends.high > 0)) return null;
  return ends.low === ends.high ? `about ${aboutText(ends.low)}` : spanText(ends);
}
