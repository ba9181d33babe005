import { useQuery } from '@tanstack/react-query';
import { RunTile } from '../../runs/RunTile.tsx';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

/** As many as are worth a line here; the queue has them all. */
const SHOWN = 6;

/** The runs that start next. */
export function Queued() {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  if (!queue || queue.waiting.length === 0) return null;
  const more = queue.waiting.length - SHOWN;
  return (
    <section aria-label="Queued">
      <div className="home-heading">
        <h2>Queue</h2>
        <a href={routeLink('queue')}>Open</a>
      </div>
      <ol className="home-list">
        {queue.waiting.slice(0, SHOWN).map(({ run, held }) => (
          <li key={run.id}>
            <RunTile model={run.model} />
            <a className="row-link clip" href={routeLink('run', [run.id])}>
              {run.name}
            </a>
            <span className="muted">{held ? 'paused' : run.requestedDevice}</span>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="muted">and {more} more</p>}
    </section>
  );
}
