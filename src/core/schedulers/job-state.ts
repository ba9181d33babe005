/** How a job of a cluster stands, whatever its scheduler calls that. */

export const JOB_PHASES = ['pending', 'running', 'ended', 'gone'] as const;
export type JobPhase = (typeof JOB_PHASES)[number];

export const JOB_OUTCOMES = [
  'completed',
  'failed',
  'cancelled',
  'timed-out',
  'preempted',
  'node-failed',
  'out-of-memory',
] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

export interface JobState {
  /** gone: its scheduler knows nothing of it, and it has not said what became of it. */
  phase: JobPhase;
  /** Why it waits or ended, in the scheduler's words, such as Priority. */
  reason: string | null;
  node: string | null;
  /** Until its time limit. */
  secondsLeft: number | null;
  /** Unix milliseconds; where it waits, the scheduler's guess. */
  startsAt: number | null;
  submittedAt: number | null;
  /** Where it waits, how many jobs of its partition have a higher priority; null where nobody has asked. */
  ahead: number | null;
  outcome: JobOutcome | null;
  exitCode: number | null;
  /** How often it was started. */
  starts: number;
}

export const GONE: JobState = {
  phase: 'gone',
  reason: null,
  node: null,
  secondsLeft: null,
  startsAt: null,
  submittedAt: null,
  ahead: null,
  outcome: null,
  exitCode: null,
  starts: 0,
};
