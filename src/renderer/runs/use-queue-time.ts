import { useQuery } from '@tanstack/react-query';
import type { QueueState } from '../../core/api/queue.ts';
import { durationText } from '../format/format.ts';
import { api, useKeptQuery } from '../state/api.ts';
import { useLive } from '../state/events.ts';
import { queueTime, secondsLeft } from './queue-time.ts';

/** The seconds of everything in the queue, and what they amount to, for `only` some runs; undefined until they are known. */
export function useQueueTime(queue: QueueState | undefined, only?: ReadonlySet<string>) {
  const live = useLive((state) => state.progress);
  const runs = queue ? [...queue.running, ...queue.waiting].map(({ run }) => run.id) : [];
  const { data: whole } = useKeptQuery({
    ...api.models.seconds.queryOptions({ input: { runs } }),
    enabled: runs.length > 0,
  });
  const seconds = queue && whole && secondsLeft(queue, whole);
  // Other programs take no turn from the runs that wait.
  const running =
    queue?.running.flatMap(({ run, progress, place }) =>
      run.kind === 'own' ? [{ run, progress, place }] : [],
    ) ?? [];
  return { seconds, time: queue && seconds && queueTime({ ...queue, running }, seconds, live, only) };
}

/**
 * Until the last of these runs has ended, after what the queue has before it, as "about 12 min"; "at least" where of some
 * of it nothing is known. Null where none waits or trains, or nothing is known of them.
 */
export function useTimeLeft(runs: readonly string[], enabled: boolean): string | null {
  const { data: queue } = useQuery({ ...api.queue.show.queryOptions(), enabled });
  const { time } = useQueueTime(queue, new Set(runs));
  if (!enabled || !time || time.seconds === null) return null;
  return `${time.uncounted > 0 ? 'at least' : 'about'} ${durationText(time.seconds)}`;
}
