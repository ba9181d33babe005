/** What the clock reads of a queue. */
import type { ActiveRunState, QueueState, TrainingProgress } from '../store/runs/queue-state.ts';
import type { OwnRun, RunRecord } from '../store/types.ts';
import {
  type ClockInput,
  type Counts,
  clock,
  countsOf,
  type ExpectedTime,
  type RunTime,
  type Told,
  type TrainingRun,
} from './clock.ts';

/** The last that was told of a run, since how many seconds, and since how many it trains. */
export type Heard = (active: ActiveRunState) => Pick<ActiveRunState, 'progress' | 'age' | 'since'>;

export interface ClockFacts {
  queue: Pick<
    QueueState,
    'paused' | 'pausedMachines' | 'slots' | 'running' | 'waiting' | 'evaluations' | 'reached'
  >;
  /** What whole runs take, by id; null or nothing where nobody knows. */
  expected: Record<string, ExpectedTime | null>;
  /** What is newer than the queue's own. */
  heard?: Heard;
}

export function clockInput({ queue, expected, heard = (active) => active }: ClockFacts): ClockInput {
  const slotOf = slotsOf(queue.running);
  return {
    paused: queue.paused,
    slots: queue.slots,
    // Where nothing new begins, none of them does.
    evaluations: queue.paused || standsAt(queue, null) ? 0 : queue.evaluations.length,
    training: queue.running.map((active) => trainingRun(active, { expected, heard, slotOf })),
    queued: queue.waiting.map(({ run, held }) => ({
      id: run.id,
      slot: slotOf(run),
      expected: expected[run.id] ?? null,
      held,
      stands: standsAt(queue, run.place),
      done: queue.reached[run.id]?.epoch ?? 0,
      epochs: epochsOf(run),
    })),
  };
}

/** Whether no run begins on a machine; null for this one. */
export const standsAt = ({ pausedMachines }: Pick<QueueState, 'pausedMachines'>, place: string | null) =>
  pausedMachines.includes(place ?? '');

/** A run that could be put at the end of the queue. */
export interface NewRun extends Pick<OwnRun, 'requestedDevice' | 'place'> {
  expected: ExpectedTime | null;
}

/** When new runs would begin, one after the other, and be done. */
export function timesOfNew({ queue, expected, heard }: ClockFacts, runs: readonly NewRun[]): RunTime[] {
  const slotOf = slotsOf(queue.running);
  const input = clockInput({ queue, expected, heard });
  const added = runs.map((run, at) => ({
    ...{ id: `new ${at}`, slot: slotOf({ kind: 'own', device: null, ...run }), expected: run.expected },
    ...{ held: false, stands: standsAt(queue, run.place), done: 0, epochs: 0 },
  }));
  const times = clock({ ...input, queued: [...input.queued, ...added] }).runs;
  return added.map(({ id }) => times[id]);
}

/** How many runs of a queue train, wait and are paused. */
export function queueCounts(queue: Pick<QueueState, 'running' | 'waiting'>): Counts {
  return countsOf(
    clockInput({
      queue: { ...queue, paused: false, pausedMachines: [], slots: {}, evaluations: [], reached: {} },
      expected: {},
    }),
  );
}

/** Of one run alone: what its own row shows. */
export function trainingRun(
  active: ActiveRunState,
  {
    expected,
    heard = (one) => one,
    slotOf = () => null,
  }: Pick<ClockFacts, 'expected' | 'heard'> & { slotOf?: (run: Placed) => string | null },
): TrainingRun {
  const { run, state, place } = active;
  const { progress, age, since } = heard(active);
  return {
    id: run.id,
    slot: slotOf(run),
    expected: expected[run.id] ?? null,
    state,
    away: awayOf(place),
    since,
    done: active.done,
    epochs: epochsOf(run),
    told: progress && toldOf(progress, age),
  };
}

function awayOf(place: ActiveRunState['place']): TrainingRun['away'] {
  if (place === null || place.phase === 'running') return null;
  return place.phase === 'unreachable' ? 'silent' : 'waiting';
}

/** Null where it has said nothing of its time. */
function toldOf(progress: TrainingProgress, ago: number): Told | null {
  const { secondsLeft, epoch, epochs } = progress;
  if (secondsLeft === null) return null;
  const done = doneOf(progress);
  // An older trainer, or another program: epochs take equally long.
  const ofEpoch = epochs > done ? (secondsLeft * Math.max(0, epoch - done)) / (epochs - done) : secondsLeft;
  return { secondsLeft, secondsIfStopped: progress.secondsIfStopped ?? ofEpoch, epoch: done, epochs, ago };
}

/** Epochs that are done: 13.4 of them. */
export function doneOf({ phase, epoch, epochs, done, total }: TrainingProgress): number {
  // What a training begins with may be validated.
  if (phase === 'prepare' || (phase !== 'train' && epoch === 0)) return 0;
  const part = phase === 'train' && total > 0 ? done / total : 1;
  return Math.min(epochs, Math.max(1, epoch) - 1 + part);
}

const epochsOf = ({ config }: Pick<RunRecord, 'config'>) =>
  typeof config?.epochs === 'number' ? config.epochs : 0;

type Placed = Pick<OwnRun, 'kind' | 'device' | 'requestedDevice' | 'place'> | Exclude<RunRecord, OwnRun>;

/** A run on any device waits because the one it would get is busy, so it is one of those that train. */
function slotsOf(running: readonly ActiveRunState[]) {
  const here = running.flatMap(({ run }) => (run.kind === 'own' && run.place === null ? [run] : []));
  const any = here.find(({ requestedDevice }) => requestedDevice === 'auto') ?? here[0];
  return (run: Placed): string | null => {
    if (run.kind !== 'own') return null;
    const { place, device, requestedDevice } = run;
    if (place !== null) return place;
    return requestedDevice === 'auto'
      ? (device ?? any?.device ?? requestedDevice)
      : (device ?? requestedDevice);
  };
}
