import { useQuery } from '@tanstack/react-query';
import { spanText, sumOf } from '../../../core/api/clock.ts';
import { RunName } from '../../runs/RunName.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { useClock } from '../../runs/use-clock.ts';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

/** As many as are worth a line here; the queue has them all. */
const SHOWN = 6;

/** The runs that start next, and how long they take. */
export function Queued() {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const clock = useClock(queue)?.clock;
  if (!queue || queue.waiting.length === 0) return null;
  const leftOf = (id: string) => clock?.runs[id]?.left ?? null;
  const work = sumOf(queue.waiting.flatMap(({ run, held }) => (held ? [] : leftOf(run.id))));
  const more = queue.waiting.length - SHOWN;
  return (
    <section aria-label="Queued">
      <div className="home-heading flex baseline gap-2">
        <h2>Queue</h2>
        {work.low > 0 && <span className="muted">{spanText(work)} of work</span>}
        <a className="push medium plain" href={routeLink('queue')}>
          Open
        </a>
      </div>
      <ol className="home-list">
        {queue.waiting.slice(0, SHOWN).map(({ run, held }) => (
          <li key={run.id} className="flex middle line-above">
            <RunTile model={run.model} />
            <a className="row-link clip" href={routeLink('run', [run.id])}>
              <RunName run={run} />
            </a>
            <span className="muted push">{held ? 'paused' : spanText(leftOf(run.id))}</span>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="muted">and {more} more</p>}
    </section>
  );
}
