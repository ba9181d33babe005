import { useQuery } from '@tanstack/react-query';

import type { ActiveRunState } from '../../../core/api/queue.ts';
import { modelColour } from '../../charts/colours.ts';
import { Sparkline } from '../../charts/Sparkline.tsx';
import { Figures } from '../../components/Figures.tsx';
import { Missing } from '../../components/Screen.tsx';
import { countText, fixed, untilText } from '../../format/format.ts';
import { awayLine, countsText, isAway } from '../../runs/away.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { useMainCurve } from '../../runs/main-curve.ts';
import { epochFigure, timeLeftFigure } from '../../runs/progress-figures.ts';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import type { QueueTime } from '../../runs/queue-time.ts';
import { stageText, wholeFraction } from '../../runs/RunStatus.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { runContext } from '../../runs/run-words.ts';
import { useQueueTime } from '../../runs/use-queue-time.ts';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { useTheme } from '../../state/theme.ts';

const CURVE = { width: 180, height: 44 };

/** What trains now, as one statement and a card for each run. */
export function RunningRuns() {
  const answer = useQuery(api.queue.show.queryOptions());
  const queue = answer.data;
  const { time } = useQueueTime(queue);
  const now = useNow(60_000);
  if (!queue) return <Missing query={answer} />;
  const { running } = queue;
  return (
    <section aria-label="Running">
      <p className="home-statement strong">
        {countsText(queue)}.{' '}
        {time && <span className="muted">{queue.paused ? 'The queue is paused.' : endText(time, now)}</span>}
      </p>
      {running.length > 0 && (
        <ul className="home-running">
          {running.map((active) => (
            <li key={active.run.id}>
              <RunningCard active={active} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** When all that can start by itself is done, as far as that is known; nothing where it is not. */
function endText({ seconds, uncounted, paused }: QueueTime, now: number): string {
  if (seconds === null) return '';
  const end = untilText(now + 1000 * seconds, now);
  if (uncounted > 0)
    return `Until at least ${end}; ${countText(uncounted, 'run')} without an estimate not counted.`;
  return `All done about ${end}${paused > 0 ? `, but for ${countText(paused, 'paused run')}` : ''}.`;
}

function RunningCard({ active: { run, state, progress, place } }: { active: ActiveRunState }) {
  const live = useLive((state) => state.progress[run.id]) ?? progress;
  const theme = useTheme((state) => state.theme);
  const now = useNow(10_000);
  const curve = useMainCurve(run.id, CURVE.width);
  const colour = modelColour(run.model, theme);
  const loss = live?.loss ? fixed(live.loss, 4) : '–';
  const figures = [
    {
      label: curve?.title ?? 'Loss',
      value: curve ? fixed(curve.best, 4) : loss,
      detail: curve && !curve.isLoss ? 'best' : undefined,
    },
    epochFigure(live),
    timeLeftFigure(live, now),
  ].filter(({ value }) => value !== '–');
  return (
    <>
      <div className="home-run-head flex gap-2">
        <RunTile model={run.model} />
        <a className="row-link" href={routeLink('run', [run.id])}>
          {run.name}
        </a>
        <span className="muted">
          {runContext(run)}
          {run.seed !== null && `, seed ${run.seed}`}
        </span>
        <span className="screen-actions row rigid">
          <QueueButtons run={run} waiting={false} state={state} named />
        </span>
      </div>
      <div className="home-run-figures grid gap-6 middle">
        {curve && (
          <Sparkline label={`${curve.title} by step`} values={curve.values} colour={colour} {...CURVE} />
        )}
        {figures.length > 0 ? (
          <Figures label={`Figures of ${run.name}`} figures={figures} />
        ) : (
          <p className="muted">{isAway(place) ? awayLine(place, now).join(', ') : stageText(state, live)}</p>
        )}
      </div>
      {live && (
        <EpochTiles
          label={`Progress of ${run.name}`}
          fraction={wholeFraction(live)}
          epochs={live.epochs}
          colour={colour}
        />
      )}
    </>
  );
}
