import { Clock, TriangleAlert, Unplug, X } from 'lucide-react';
import { type AwayState, awayLine, isAway } from '../../core/api/machines.ts';
import type { ActiveRunState, QueueState } from '../../core/api/queue.ts';
import type { OwnRun, RunRecord } from '../../core/api/runs.ts';
import { useModelColour } from '../charts/use-chart-colours.ts';
import { Icon } from '../components/Button.tsx';
import { capital } from '../format/format.ts';
import { useLive } from '../state/events.ts';
import { useNow } from '../state/now.ts';
import { EpochTiles } from './EpochTiles.tsx';
import { rateText, stageText, statusText, wholeFraction } from './RunStatus.tsx';
import { epochsOf } from './run-words.ts';

/** An epoch a tile, and what it does now. `alike`: the epoch after which one like it ended. */
export function RunningProgress({ active, alike }: { active: ActiveRunState; alike: number | null }) {
  const { run, state, progress, place } = active;
  const live = useLive((all) => all.progress[run.id]) ?? progress;
  const colour = useModelColour(run.model);
  const now = useNow(10_000);
  if (isAway(place) && state !== 'stopping') return <AwayProgress place={place} now={now} />;
  const label = place && state === 'stopping' ? 'To stop at the next contact' : stageText(state, live);
  const isEarly = state === 'training' && live && alike !== null && live.epoch <= alike;
  return (
    <>
      {live && (
        <EpochTiles
          label={label}
          fraction={wholeFraction(live)}
          epochs={live.epochs}
          expected={alike}
          colour={colour}
        />
      )}
      <small className="clip" title={live ? rateText(live) : undefined}>
        {label}
        {isEarly && ` · one like it ended after epoch ${alike}`}
      </small>
    </>
  );
}

/** Why a run on another machine does not train, or that nothing is heard of it. */
function AwayProgress({ place, now }: { place: AwayState; now: number }) {
  const [fact, rest] = awayLine(place, now);
  return (
    <>
      <span className="row gap-sign" title={`${fact}, ${rest}`}>
        <span className="warning flex">
          <Icon of={place.phase === 'unreachable' ? Unplug : Clock} />
        </span>
        <span className="clip">{fact}</span>
      </span>
      <small className="queue-kept">{rest}</small>
    </>
  );
}

type Reached = QueueState['reached'][string] | undefined;

interface WaitingProps {
  run: OwnRun;
  held?: boolean;
  /** The epoch after which one like it ended. */
  alike?: number | null;
  reached: Reached;
  /** Why it does not begin: "lab is paused". */
  why?: string | null;
}

/** The epochs that are to come, and what is kept of those before. */
export function WaitingProgress({ run, held = false, alike = null, reached, why }: WaitingProps) {
  const colour = useModelColour(run.model);
  const from = reached ? reachedText(reached, held) : '';
  const epochs = epochsOf(run);
  const most = epochs === null ? '' : `up to ${epochs} epochs`;
  const words = capital([why, held ? `Paused ${from}`.trim() : from, most].filter(Boolean).join(', '));
  if (epochs === null) return <small className="clip">{words === '' ? 'Fitted in one go' : words}</small>;
  return (
    <>
      <EpochTiles
        label={words}
        fraction={(reached?.epoch ?? 0) / epochs}
        epochs={epochs}
        expected={alike}
        colour={colour}
        hollow
      />
      {(why || (reached?.epoch ?? 0) > 0) && <small className="clip">{words}</small>}
    </>
  );
}

function reachedText({ epoch }: NonNullable<Reached>, held: boolean): string {
  if (epoch === 0) return held ? 'before the first epoch ended' : '';
  return `${held ? '' : 'continues '}after epoch ${epoch}`;
}

/** Why it stopped, and what was kept. */
export function StoppedProgress({ run, reached }: { run: RunRecord; reached: Reached }) {
  const failed = run.status !== 'cancelled';
  const kept = reached?.epoch
    ? `Checkpoint of epoch ${reached.epoch} saved`
    : 'No checkpoint: training would start again';
  const reason = run.message ?? statusText(run.status);
  return (
    <>
      <span className={failed ? 'row gap-sign bad medium' : 'row gap-sign'} title={reason}>
        <Icon of={failed ? TriangleAlert : X} />
        <span className="clip">{capital(reason)}</span>
      </span>
      <small className="queue-kept">{kept}</small>
    </>
  );
}
