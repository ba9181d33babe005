/**
 * A run's life: every state it can be in, and where every event leads from there. Whoever changes a run's state, or asks
 * what can be done with it, reads this table; a new state is one more row.
 */
interface StateRow {
  /** How the store keeps it. What a status does not tell apart, the queue or the hosting process does. */
  status: string;
  /** waiting: in the queue. hosted: a process holds its lease. ended: nobody works on it. */
  phase: 'waiting' | 'hosted' | 'ended';
  /** The state that follows, by event. */
  on: Record<string, string>;
}

/** How an attempt can end. `requeued` and `held`: it was stopped, or its host was lost, and the queue keeps the run. */
const ENDINGS = {
  completed: 'completed',
  failed: 'failed',
  crashed: 'crashed',
  'out-of-memory': 'out-of-memory',
  diverged: 'diverged',
  interrupted: 'interrupted',
  stopped: 'stopped',
  requeued: 'queued',
  held: 'held',
} as const;
/** enqueue: it is to be trained when its turn comes. begin: a process takes it and starts a trainer. */
const RESUMABLE = { enqueue: 'queued', begin: 'starting' } as const;

/** Of an attempt that is on its way on another machine. */
const AWAY = {
  submitted: 'submitted',
  pending: 'pending',
  unreachable: 'unreachable',
  started: 'training',
} as const;

/** Of an attempt whose trainer has not begun, or cannot be reached. */
const ON_ITS_WAY = { ...ENDINGS, ...AWAY, stop: 'stopping' } as const;

/**
 * hold, release: whether it begins when its turn comes. started: the trainer has its data and its device. stop: the trainer
 * has been asked to stop. stopAfterEpoch: it has been asked to make this epoch its last and to test the best one. takenBack: its
 * machine had not heard of that, and trains on. reclaimed: the host lives after all; its machine had slept.
 */
export const RUN_LIFE = {
  queued: {
    status: 'queued',
    phase: 'waiting',
    on: { ...RESUMABLE, hold: 'held', cancelled: 'cancelled', failed: 'failed', reclaimed: 'training' },
  },
  held: {
    status: 'queued',
    phase: 'waiting',
    on: { ...RESUMABLE, release: 'queued', cancelled: 'cancelled', reclaimed: 'training' },
  },
  starting: {
    status: 'running',
    phase: 'hosted',
    on: ON_ITS_WAY,
  },
  /** Sent to another machine. */
  submitted: { status: 'running', phase: 'hosted', on: ON_ITS_WAY },
  /** A cluster has it wait. */
  pending: { status: 'running', phase: 'hosted', on: ON_ITS_WAY },
  /** The other machine does not answer: it may continue there. */
  unreachable: { status: 'running', phase: 'hosted', on: ON_ITS_WAY },
  training: {
    status: 'running',
    phase: 'hosted',
    on: { ...ENDINGS, ...AWAY, stopAfterEpoch: 'finishing', stop: 'stopping' },
  },
  finishing: {
    status: 'running',
    phase: 'hosted',
    on: { ...ENDINGS, stop: 'stopping', takenBack: 'training' },
  },
  stopping: {
    status: 'running',
    phase: 'hosted',
    on: {
      ...ENDINGS,
      cancelled: 'cancelled',
      started: 'stopping',
      stop: 'stopping',
      takenBack: 'training',
    },
  },
  completed: { status: 'completed', phase: 'ended', on: {} },
  /** The trainer said why. */
  failed: { status: 'failed', phase: 'ended', on: RESUMABLE },
  cancelled: { status: 'cancelled', phase: 'ended', on: RESUMABLE },
  /** Its search stopped it early; it goes on from its checkpoint where that lets it. */
  stopped: { status: 'stopped', phase: 'ended', on: RESUMABLE },
  /** The trainer died without a word. */
  crashed: { status: 'crashed', phase: 'ended', on: RESUMABLE },
  /** The process that hosted it ended first. */
  interrupted: { status: 'interrupted', phase: 'ended', on: { ...RESUMABLE, reclaimed: 'training' } },
  'out-of-memory': { status: 'out-of-memory', phase: 'ended', on: RESUMABLE },
  /** Its numbers became none; the same settings and seed would again. */
  diverged: { status: 'diverged', phase: 'ended', on: RESUMABLE },
} as const satisfies Record<string, StateRow>;

type Life = typeof RUN_LIFE;

export type RunState = keyof Life;

type EventsOf<T> = T extends { on: infer On } ? keyof On : never;

export type RunEvent = EventsOf<Life[RunState]>;

/** How an attempt ends: as it is stored, or by going back into the queue. */
export type RunEnding = RunOutcome | 'requeued' | 'held';

export type RunStatus = Life[RunState]['status'];

/** How an attempt can end, as it is stored. */
export type RunOutcome = Extract<Life[RunState], { phase: 'ended' }>['status'];

const states = Object.keys(RUN_LIFE) as RunState[];
const statusesOf = (members: readonly RunState[]) => [
  ...new Set(members.map((state) => RUN_LIFE[state].status)),
];
const ended = states.filter((state) => RUN_LIFE[state].phase === 'ended');

export const RUN_STATUSES = statusesOf(states);

export const RUN_OUTCOMES = statusesOf(ended) as RunOutcome[];

/** Statuses of runs that ended and can go on, but for those that their search stopped. */
export const UNFINISHED = statusesOf(
  ended.filter((state) => state !== 'stopped' && nextState(state, 'enqueue') !== null),
);

/** Whether a run may come to more if it is resumed. One that diverged would diverge again. */
export const isUnfinished = ({ status }: { status: RunStatus }): boolean =>
  UNFINISHED.includes(status) && status !== 'diverged';

/** Where the event leads, or null where it cannot happen. */
export function nextState(state: RunState, event: RunEvent): RunState | null {
  const on: Partial<Record<RunEvent, RunState>> = RUN_LIFE[state].on;
  return on[event] ?? null;
}

/** As `nextState`, for what the store knows: null where the event can happen in no state of this status. */
export function nextStatus(status: RunStatus, event: RunEvent): RunStatus | null {
  for (const state of states) {
    const next = RUN_LIFE[state].status === status ? nextState(state, event) : null;
    if (next !== null) return RUN_LIFE[next].status;
  }
  return null;
}

export function phaseOf(status: RunStatus): StateRow['phase'] {
  const state = states.find((one) => RUN_LIFE[one].status === status);
  if (state === undefined) throw new Error(`no run can be ${status}`);
  return RUN_LIFE[state].phase;
}
