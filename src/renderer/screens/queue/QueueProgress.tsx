import { Clock, TriangleAlert, Unplug, X } from 'lucide-react';
import type { ActiveRunState, QueueState, WaitingRun } from '../../../core/api/queue.ts';
import type { RunRecord } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { Icon } from '../../components/Button.tsx';
import { capital } from '../../format/format.ts';
import { type AwayState, awayLine, isAway } from '../../runs/away.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { rateText, stageText, statusText, wholeFraction } from '../../runs/RunStatus.tsx';
import { epochsOf } from '../../runs/run-words.ts';
import { useLive } from '../../state/events.ts';
import { useNow } from '../../state/now.ts';
import { useTheme } from '../../state/theme.ts';

/** An epoch a tile, and what it does now. */
export function RunningProgress({ active: { run, state, progress, place } }: { active: ActiveRunState }) {
  const live = useLive((all) => all.progress[run.id]) ?? progress;
  const colour = modelColour(
    run.model,
    useTheme((all) => all.theme),
  );
  const now = useNow(10_000);
  if (isAway(place) && state !== 'stopping') return <AwayProgress place={place} now={now} />;
  const label = stageText(state, live);
  return (
    <>
      {live && (
        <EpochTiles label={label} fraction={wholeFraction(live)} epochs={live.epochs} colour={colour} />
      )}
      <small className="clip" title={live ? rateText(live) : undefined}>
        {label}
      </small>
    </>
  );
}

/** Why a run on another machine does not train, or that nothing is heard of it. */
function AwayProgress({ place, now }: { place: AwayState; now: number }) {
  const [fact, rest] = awayLine(place, now);
  return (
    <>
      <span className="queue-reason" data-away title={`${fact}, ${rest}`}>
        <Icon of={place.phase === 'unreachable' ? Unplug : Clock} />
        <span className="clip">{fact}</span>
      </span>
      <small className="queue-kept">{rest}</small>
    </>
  );
}

type Reached = QueueState['reached'][string] | undefined;

/** What is kept of a run that waits. */
export function WaitingProgress({
  waiting: { run, held },
  reached,
}: {
  waiting: WaitingRun;
  reached: Reached;
}) {
  const from = reached ? `continues after epoch ${reached.epoch}` : '';
  const epochs = epochsOf(run);
  const most = epochs === null ? '' : `at most ${epochs} epochs`;
  const words = [held ? 'Paused' : '', from, most].filter((text) => text !== '').join(', ');
  return <small className="clip">{capital(words)}</small>;
}

/** Why it stopped, and what was kept. */
export function StoppedProgress({ run, reached }: { run: RunRecord; reached: Reached }) {
  const failed = run.status !== 'cancelled';
  const kept = reached ? `Checkpoint of epoch ${reached.epoch} saved` : 'No checkpoint was saved';
  const reason = run.message ?? statusText(run.status);
  return (
    <>
      <span className="queue-reason" data-failed={failed || undefined} title={reason}>
        <Icon of={failed ? TriangleAlert : X} />
        <span className="clip">{capital(reason)}</span>
      </span>
      <small className="queue-kept">{kept}</small>
    </>
  );
}
