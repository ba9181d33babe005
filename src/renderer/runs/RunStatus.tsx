import type { RunStatus as Status, TrainingProgress } from '../../core/api/runs.ts';
import { durationText, grouped } from '../format/format.ts';
import { useLive } from '../state/events.ts';

export function statusText(status: Status): string {
  return status.replaceAll('-', ' ');
}

/** "train 3/50" */
function placeText({ phase, epoch, epochs }: TrainingProgress): string {
  return phase === 'train' || phase === 'validate' ? `${phase} ${epoch}/${epochs}` : phase;
}

/** "train 3/50 · 12 min left" */
export function progressText(progress: TrainingProgress): string {
  const place = placeText(progress);
  return progress.secondsLeft === null ? place : `${place} · ${durationText(progress.secondsLeft)} left`;
}

/** "1,200 of 4,000 users, 310 a second" */
export function rateText({ done, total, unit, rate }: TrainingProgress): string {
  const pace =
    Number.isFinite(rate) && rate > 0 ? `, ${rate < 10 ? rate.toFixed(1) : grouped(rate)} a second` : '';
  return `${grouped(done)} of ${grouped(total)} ${unit}${pace}`;
}

/** How far the whole run is, 0..1: epochs are equal parts of it. */
export function wholeFraction({ phase, epoch, epochs, done, total }: TrainingProgress): number {
  if (phase === 'prepare') return 0;
  if (phase === 'test') return 1;
  const part = phase === 'train' && total > 0 ? done / total : 1;
  return (Math.max(1, epoch) - 1 + part) / Math.max(1, epochs);
}

/** A dot and a word. */
export function StatusDot({ status }: { status: Status }) {
  return (
    <span className="status" data-status={status}>
      {statusText(status)}
    </span>
  );
}

/** A dot and a word, and while a run trains how far it is. */
export function RunStatus({
  status,
  run,
  message,
}: {
  status: Status;
  run?: string;
  message: string | null;
}) {
  const progress = useLive((state) => (run === undefined ? undefined : state.progress[run]));
  const live = status === 'running' ? progress : undefined;
  return (
    <span
      className="status"
      data-status={status}
      title={message ?? (live ? progressText(live) : statusText(status))}
    >
      {live ? placeText(live) : statusText(status)}
    </span>
  );
}
