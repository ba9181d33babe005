import type { TrainingProgress } from '../../core/api/runs.ts';

/** Milliseconds of a clock that is never set. */
export const steadyNow = () => performance.now();

/** Progress, and when it was heard. */
export type HeardProgress = TrainingProgress & { at: number };

/** Other programs do not say each time how long they still take: what was said before is counted down. */
export function heard(
  progress: TrainingProgress,
  before: HeardProgress | undefined,
  at = steadyNow(),
): HeardProgress {
  if (progress.secondsLeft !== null || !before || before.secondsLeft === null) return { ...progress, at };
  return { ...progress, at, secondsLeft: Math.max(0, before.secondsLeft - (at - before.at) / 1000) };
}

const firstSeen = new WeakMap<object, number>();

/** Seconds since this very answer came. */
export function secondsSince(answer: object): number {
  const now = steadyNow();
  const seen = firstSeen.get(answer) ?? now;
  firstSeen.set(answer, seen);
  return (now - seen) / 1000;
}
