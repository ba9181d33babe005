/** What a window, or the command line, sees of the queue. */
import { join } from 'node:path';
import type { TrainerEvent } from '../../training/events.ts';
import { lastProgress } from '../../training/journal.ts';
import type { PlaceState } from '../../training/place.ts';
import type { Store } from '../store.ts';
import type { OwnRun, RunRecord } from '../types.ts';
import type { Reached } from './checkpoints.ts';
import { settleLostRuns } from './lost-runs.ts';
import { isQueuePaused, pausedMachines } from './queue-requests.ts';
import { type QueuedEvaluation, queuedEvaluations } from './queued-evaluations.ts';
import { isOwn } from './run-kinds.ts';
import { type RunState, UNFINISHED } from './run-life.ts';

/** Whoever has it trains the queue. */
export const QUEUE_LOCK = 'scheduler';
/** Runs listed per status. */
const MAX_LISTED = 500;

export type TrainingProgress = Extract<TrainerEvent, { type: 'progress' }>;

export interface WaitingRun {
  run: OwnRun;
  held: boolean;
}

export interface ActiveRunState {
  run: RunRecord;
  /** As far as its host knows; of another process, as it has stored it. */
  state: RunState;
  progress: TrainingProgress | null;
  /** Seconds since it was told, and since its attempt began. */
  age: number;
  since: number;
  /** Epochs that its newest checkpoint has, where its attempt goes on from one. */
  done: number;
  /** Where it stands on another machine; null on this one. */
  place: PlaceState | null;
  /** False if another process, such as the command line, trains it. */
  hostedHere: boolean;
}

export interface QueueState {
  /** While paused, nothing new starts; running runs continue. */
  paused: boolean;
  /** Machines on which nothing new starts, by name; this one is "". */
  pausedMachines: string[];
  /** Runs trained at the same time, by device. */
  slots: Record<string, number>;
  /** Another process that works through the queue of this home, or null. */
  heldBy: number | null;
  running: ActiveRunState[];
  /** In the order in which they start. */
  waiting: WaitingRun[];
  /** Of language models, one after the other between the trainings of this machine. */
  evaluations: QueuedEvaluation[];
  /** Unfinished runs that can resume, newest first. */
  resumable: OwnRun[];
  /** By run, of those that wait or are unfinished: how far the newest checkpoint is. Without one a run starts again. */
  reached: Record<string, Reached>;
}

/** A run that the process that asks hosts itself. */
interface Followed {
  handle: { state: RunState; place: PlaceState | null };
  progress: TrainingProgress | null;
  /** When it was told, by the clock that is never set. */
  toldAt: number;
}

/** `followed`: what this process hosts. Of what others do, as much is known as they have stored. */
export function queueState(
  store: Store,
  slots: Record<string, number>,
  followed: (run: string) => Followed | undefined = () => undefined,
): QueueState {
  const holder = store.locks.holder(QUEUE_LOCK);
  const { runs, queue, checkpoints } = store;
  settleLostRuns(store);
  const waiting = queue.list();
  const records = runs.named(waiting.slice(0, MAX_LISTED).map(({ run }) => run)).filter(isOwn);
  const held = new Set(waiting.filter((entry) => entry.held).map(({ run }) => run));
  const resumable = runs
    .withStatus(UNFINISHED, MAX_LISTED)
    .filter(isOwn)
    .filter(({ dataset }) => dataset.id !== null);
  return {
    paused: isQueuePaused(store),
    pausedMachines: pausedMachines(store),
    slots,
    heldBy: holder === store.machine.self.pid ? null : holder,
    running: runs.withStatus(['running'], MAX_LISTED).map((run) => activeState(store, run, followed(run.id))),
    waiting: records.map((run) => ({ run, held: held.has(run.id) })),
    evaluations: queuedEvaluations(store),
    resumable,
    reached: checkpoints.reached([...records, ...resumable].map(({ id }) => id)),
  };
}

/** Of a run that trains. */
export function activeState(store: Store, run: RunRecord, active: Followed | undefined): ActiveRunState {
  const { clock } = store.machine;
  const secondsSince = (time: number | null | undefined) =>
    time ? Math.max(0, (clock.now() - time) / 1000) : 0;
  const attempt = store.runs.attempts(run.id).at(-1);
  const since = secondsSince(attempt?.startedAt);
  const done = attempt?.fromStep ? (store.checkpoints.reached([run.id])[run.id]?.epoch ?? 0) : 0;
  if (active) {
    const { handle, progress, toldAt } = active;
    const age = (clock.elapsed() - toldAt) / 1000;
    return { run, state: handle.state, place: handle.place, progress, age, since, done, hostedHere: true };
  }
  const place = attempt?.lastPlace ?? null;
  const journal = attempt ? store.lifecycle.journal(run.id, attempt.number) : null;
  const progress = journal === null ? null : lastProgress(join(store.runs.folder(run.id), journal));
  const state = toldState(store, run.id, place);
  const age = secondsSince(progress?.time);
  return { run, state, place, progress, age, since, done, hostedHere: false };
}

/** As far as the process that hosts it has stored it. */
function toldState({ lifecycle }: Store, run: string, place: PlaceState | null): RunState {
  const wish = lifecycle.wish(run);
  if (wish === 'stop') return 'stopping';
  const phase = place?.phase ?? 'running';
  if (phase === 'submitted' || phase === 'pending' || phase === 'unreachable') return phase;
  return wish === 'finish' ? 'finishing' : 'training';
}
