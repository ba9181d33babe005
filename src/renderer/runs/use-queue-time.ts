import type { QueueState } from '../../core/api/queue.ts';
import { api } from '../state/api.ts';
import { useLive } from '../state/events.ts';
import { useKeptQuery } from '../state/use-kept-query.ts';
import { queueTime } from './queue-time.ts';

/** The seconds of everything in the queue, and what they amount to, for `only` some runs; undefined until they are known. */
export function useQueueTime(queue: QueueState | undefined, only?: ReadonlySet<string>) {
  const live = useLive((state) => state.progress);
  const runs = queue ? [...queue.running, ...queue.waiting].map(({ run }) => run.id) : [];
  const { data: seconds } = useKeptQuery({
    ...api.models.seconds.queryOptions({ input: { runs } }),
    enabled: runs.length > 0,
  });
  return { seconds, time: queue && seconds && queueTime(queue, seconds, live, only) };
}
