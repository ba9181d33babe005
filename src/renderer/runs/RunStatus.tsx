import { Check, CircleDashed, TriangleAlert, X } from 'lucide-react';
import { epochsDone } from '../../core/api/clock.ts';
import {
  type RunState,
  type RunStatus as Status,
  type TrainingProgress,
  UNFINISHED,
} from '../../core/api/runs.ts';
import { Icon } from '../components/Button.tsx';
import { capital, durationText, grouped } from '../format/format.ts';
import { useLive } from '../state/events.ts';

/** "Completed", "Out of memory" */
export function statusText(status: Status): string {
  return capital(status.replaceAll('-', ' '));
}

const PHASES = { prepare: 'Preparing', train: 'Training', validate: 'Validating', test: 'Testing' };

/** "Training, epoch 3 of 50"; of a fit in one go, how much of the work is done: "Training, 42 %". */
export function progressText({ phase, epoch, epochs, done, total }: TrainingProgress): string {
  if (phase === 'train' && epochs === 1 && total > 0)
    return `${PHASES.train}, ${percentDone({ done, total })}`;
  const inEpoch = phase === 'train' || phase === 'validate';
  return PHASES[phase] + (inEpoch ? `, epoch ${epoch} of ${epochs}` : '');
}

/** "42 %" of the phase. */
export function percentDone({ done, total }: Pick<TrainingProgress, 'done' | 'total'>): string {
  return `${Math.floor((100 * done) / Math.max(1, total))} %`;
}

/** What a training run does now: how far it is, or that it stops. A fit in one go keeps nothing. */
export function stageText(state: RunState | null, live: TrainingProgress | null): string {
  if (state === 'stopping') return live && live.epochs > 1 ? 'Saving a checkpoint and stopping' : 'Stopping';
  if (!live) return state === 'training' ? 'Training' : 'Starting';
  const isLast = state === 'finishing' && live.phase !== 'test';
  return isLast ? `Stops after epoch ${Math.max(1, live.epoch)}` : progressText(live);
}

/** "1,200 of 4,000 users, 310 a second", "2 of 10 passes over the items, one in 25 s" */
export function rateText({ done, total, unit, rate }: TrainingProgress): string {
  const counted = `${grouped(done)} of ${grouped(total)} ${unit}`;
  if (!(Number.isFinite(rate) && rate > 0)) return counted;
  if (rate < 0.1) return `${counted}, one in ${durationText(1 / rate)}`;
  return `${counted}, ${rate < 10 ? rate.toFixed(1) : grouped(rate)} a second`;
}

/** How far the whole run is, 0..1: epochs are equal parts of it. */
export function wholeFraction(progress: TrainingProgress): number {
  return progress.phase === 'test' ? 1 : epochsDone(progress) / Math.max(1, progress.epochs);
}

/** A run that was cancelled ended as its user wanted. */
const FAILED: readonly Status[] = UNFINISHED.filter((status) => status !== 'cancelled');

/** A picture of the state and a word; what is as it should be is grey. */
export function StatusMark({ status, children }: { status: Status; children?: string }) {
  return (
    <span className="status" data-status={status} data-failed={FAILED.includes(status) || undefined}>
      <StatusIcon status={status} />
      {children ?? statusText(status)}
    </span>
  );
}

function StatusIcon({ status }: { status: Status }) {
  if (status === 'running') return <i className="status-tile" aria-hidden="true" />;
  if (FAILED.includes(status)) return <Icon of={TriangleAlert} />;
  return <Icon of={status === 'completed' ? Check : status === 'cancelled' ? X : CircleDashed} />;
}

/** The state of a run, and while it trains how far it is. */
export function RunStatus({
  status,
  paused = false,
  run,
  message,
}: {
  status: Status;
  /** Waits in the queue until it is released. */
  paused?: boolean;
  run?: string;
  message: string | null;
}) {
  const progress = useLive((state) => (run === undefined ? undefined : state.progress[run]));
  const live = status === 'running' ? progress : undefined;
  const inEpochs = live && live.epochs > 1 ? `${live.epoch} of ${live.epochs}` : null;
  const place = inEpochs ?? (live && (live.phase === 'train' ? percentDone(live) : PHASES[live.phase]));
  return (
    <span title={message ?? (live ? progressText(live) : statusText(status))}>
      <StatusMark status={status}>{paused ? 'Paused' : place}</StatusMark>
    </span>
  );
}
