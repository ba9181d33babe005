import { useQuery } from '@tanstack/react-query';
import { durationText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { useQueueTime } from '../../runs/use-queue-time.ts';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

/** As many as are worth a line here; the queue has them all. */
const SHOWN = 6;

/** The runs that start next, and how long they take. */
export function Queued() {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const { seconds, time } = useQueueTime(queue);
  if (!queue || queue.waiting.length === 0) return null;
  const more = queue.waiting.length - SHOWN;
  return (
    <section aria-label="Queued">
      <div className="home-heading flex gap-2">
        <h2>Queue</h2>
        {time && time.work > 0 && (
          <span className="muted">
            {time.uncounted > 0 && 'at least '}
            {durationText(time.work)} of work
          </span>
        )}
        <a href={routeLink('queue')}>Open</a>
      </div>
      <ol className="home-list">
        {queue.waiting.slice(0, SHOWN).map(({ run, held }) => (
          <li key={run.id}>
            <RunTile model={run.model} />
            <a className="row-link clip" href={routeLink('run', [run.id])}>
              {run.name}
            </a>
            <span className="muted">{held ? 'paused' : seconds && durationText(seconds[run.id])}</span>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="muted">and {more} more</p>}
    </section>
  );
}
