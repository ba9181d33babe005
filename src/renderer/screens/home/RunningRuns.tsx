import { useQuery } from '@tanstack/react-query';
import { countsText, type ExpectedTime, queueText } from '../../../core/api/clock.ts';
import { awayLine, isAway } from '../../../core/api/machines.ts';
import type { ActiveRunState } from '../../../core/api/queue.ts';
import { Sparkline } from '../../charts/Sparkline.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Figures } from '../../components/Figures.tsx';
import { Missing } from '../../components/Screen.tsx';
import { fixed } from '../../format/format.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { useMainCurve } from '../../runs/main-curve.ts';
import { epochFigure, timeLeftFigure } from '../../runs/progress-figures.ts';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import { RunName, useNames } from '../../runs/RunName.tsx';
import { stageText, wholeFraction } from '../../runs/RunStatus.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { useClock, useRunTime } from '../../runs/use-clock.ts';
import { api } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';

const CURVE = { width: 180, height: 44 };

/** What trains now, as one statement and a card for each run. */
export function RunningRuns() {
  const answer = useQuery(api.queue.show.queryOptions());
  const queue = answer.data;
  const found = useClock(queue);
  const now = useNow(15_000);
  if (!queue || !found) return <Missing query={answer} />;
  const { clock, expected } = found;
  return (
    <section className="stack gap-4" aria-label="Running">
      <p className="headline strong">
        {countsText(clock.counts)}. <span className="muted regular">{queueText(clock, now)}</span>
      </p>
      {queue.running.length > 0 && (
        <ul className="home-running framed">
          {queue.running.map((active) => (
            <li key={active.run.id} className="grid gap-2 page-inset">
              <RunningCard active={active} expected={expected[active.run.id]} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface RunningCardProps {
  active: ActiveRunState;
  expected: ExpectedTime | null | undefined;
}

function RunningCard({ active, expected }: RunningCardProps) {
  const { run, state, progress, place } = active;
  const live = useLive((state) => state.progress[run.id]) ?? progress;
  const time = useRunTime(active, expected);
  const colour = useModelColour(run.model);
  const now = useNow(10_000);
  const curve = useMainCurve(run.id, CURVE.width);
  const loss = live?.loss ? fixed(live.loss, 4) : '–';
  const name = useNames()(run);
  const figures = [
    {
      label: curve?.title ?? 'Loss',
      value: curve ? fixed(curve.best, 4) : loss,
      detail: curve && !curve.isLoss ? 'best' : undefined,
    },
    epochFigure(live),
    timeLeftFigure(time, now),
  ].filter(({ value }) => value !== '–');
  return (
    <>
      <div className="row baseline">
        <RunTile model={run.model} />
        <a className="row-link" href={routeLink('run', [run.id])}>
          <RunName run={run} />
        </a>
        {run.dataset && <span className="muted">on {run.dataset.name}</span>}
        <span className="screen-actions row push rigid">
          <QueueButtons run={run} waiting={false} state={state} named />
        </span>
      </div>
      <div className="grid first-fits gap-6 middle">
        {curve && (
          <Sparkline label={`${curve.title} by step`} values={curve.values} colour={colour} {...CURVE} />
        )}
        {figures.length > 0 ? (
          <Figures label={`Figures of ${name}`} figures={figures} size="small" />
        ) : (
          <p className="muted">{isAway(place) ? awayLine(place, now).join(', ') : stageText(state, live)}</p>
        )}
      </div>
      {live && (
        <EpochTiles
          label={`Progress of ${name}`}
          fraction={wholeFraction(live)}
          epochs={live.epochs}
          colour={colour}
        />
      )}
    </>
  );
}
