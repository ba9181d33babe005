/** What is known of a trainer on a host, of what its agent and its cluster have said. */
import { GONE, type JobOutcome, type JobState } from '../../../core/schedulers/job-state.ts';
import type { PlaceState } from '../../../core/training/place.ts';
import type { SeenRun } from '../../workers/agent/questions.ts';

export interface TrainerStatus {
  /** As far as it has been started, or is to be. */
  place: PlaceState;
  /** Where it has ended, and no more comes behind what its journal has: how, where that does not say it. */
  ended: {
    exitCode: number | null;
    outcome: 'interrupted' | 'cancelled' | 'out-of-memory';
    detail: string | null;
  } | null;
}

export const PLACE: PlaceState = {
  phase: 'running',
  job: null,
  detail: null,
  node: null,
  startsAt: null,
  endsAt: null,
  submittedAt: null,
  ahead: null,
  starts: 1,
  since: 0,
  heardAt: null,
};

export const SENDING: PlaceState = { ...PLACE, phase: 'sending', starts: 0 };

const NEVER = { exitCode: null, outcome: 'interrupted', detail: null } as const;

/** Of a process of the host itself. */
export function statusOfProcess({ state, exitCode }: SeenRun): TrainerStatus {
  if (state === 'runs' || state === 'begun') return { place: PLACE, ended: null };
  return { place: PLACE, ended: { ...NEVER, exitCode } };
}

/** Of a job, as the cluster says; `known`: null where it has not been asked since the job was submitted. */
export function statusOfJob(seen: SeenRun, known: JobState | null, now: number): TrainerStatus {
  const { job, starts } = seen;
  const submitted: TrainerStatus = { place: { ...PLACE, phase: 'submitted', job, starts: 0 }, ended: null };
  if (job === null) return seen.state === 'begun' ? submitted : { place: PLACE, ended: NEVER };
  if (known === null && seen.exitCode !== 0) return submitted;
  const state = withOwnWords({ ...(known ?? GONE), starts }, seen.exitCode);
  const { phase, reason, node, startsAt, submittedAt, ahead, secondsLeft } = state;
  const told = { ...PLACE, job, startsAt, submittedAt, starts };
  const place: PlaceState =
    phase === 'pending'
      ? { ...told, phase, detail: reason, ahead }
      : { ...told, node, endsAt: secondsLeft === null ? null : now + secondsLeft * 1000 };
  if (phase !== 'ended' && phase !== 'gone') return { place, ended: null };
  // By a desktop that took it for ended, and was killed then: nobody wants it cancelled.
  if (seen.closed && state.outcome === 'cancelled') return { place, ended: NEVER };
  return { place, ended: { exitCode: state.exitCode, ...endingOf(state) } };
}

/**
 * A command that has done its work is at its end, whatever its scheduler does with the job; one that was stopped is at its end
 * once the scheduler has it neither waiting nor running, nor leaving its node: then it may be about to wait again.
 */
export function withOwnWords(state: JobState, exitCode: number | null): JobState {
  if (exitCode === 0) return { ...state, phase: 'ended', exitCode, outcome: 'completed' };
  if (exitCode === null || state.phase === 'pending' || state.phase === 'running') return state;
  const said = state.outcome === 'completed' ? null : state.outcome;
  return { ...state, phase: 'ended', exitCode, outcome: said ?? 'failed' };
}

const WORDS: Record<JobOutcome, string> = {
  completed: 'the job ended without a result',
  failed: 'the job failed',
  cancelled: 'the job was cancelled on the cluster',
  'timed-out': 'the job reached its time limit',
  preempted: 'the job was preempted',
  'node-failed': "the job's node failed",
  'out-of-memory': 'the job ran out of memory; give it more, or use smaller batches',
};

/** Of a job whose trainer did not say how it ended. */
function endingOf({ outcome, reason }: JobState) {
  const why = reason === null ? '' : ` (${reason})`;
  const detail = outcome === null ? 'the cluster no longer knows the job' : `${WORDS[outcome]}${why}`;
  if (outcome === 'cancelled' || outcome === 'out-of-memory') return { outcome, detail } as const;
  return { outcome: 'interrupted', detail } as const;
}
