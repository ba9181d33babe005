/**
 * When runs begin and end, and when all is done: one answer for the window and the command line. Every time is a span from
 * the least to the most that it can be, so that a sum says by itself what in it is unknown.
 */
import type { RunState } from '../store/runs/run-life.ts';

/** Seconds; `high` is Infinity where nobody knows. Both are equal where a time follows from a run alike. */
export interface Span {
  low: number;
  high: number;
}

/** What a whole run will take. */
export interface ExpectedTime extends Span {
  /** Epochs after which it will stop early, as one like it did; null where it will have all of them. */
  epochs: number | null;
}

/** The last that a trainer has said of its time. */
export interface Told {
  secondsLeft: number;
  /** If its present epoch were its last. */
  secondsIfStopped: number;
  /** Of its epochs, those that are done by then: 13.4 of 100. */
  epoch: number;
  epochs: number;
  /** Seconds since it was said. */
  ago: number;
}

interface ClockRun {
  id: string;
  /** Of whose slots it takes one: a device of this machine, or a host. Null for one of another program, which takes none. */
  slot: string | null;
  expected: ExpectedTime | null;
  /** Epochs that its checkpoint had when it began or will begin, and those of its config; 0 of 0 where it has none. */
  done: number;
  epochs: number;
}

export interface TrainingRun extends ClockRun {
  state: RunState;
  /** Another machine has it, and it does not train there yet, or is not heard of. */
  away: 'waiting' | 'silent' | null;
  /** Seconds since it began. */
  since: number;
  told: Told | null;
}

export interface QueuedRun extends ClockRun {
  held: boolean;
  /** Its machine is paused. */
  stands: boolean;
}

export interface ClockInput {
  /** Nothing new starts. */
  paused: boolean;
  /** Runs at a time, by slot; one where nothing is said. */
  slots: Record<string, number>;
  training: readonly TrainingRun[];
  /** In the order in which they start. */
  queued: readonly QueuedRun[];
  /** How many evaluations wait: one after the other on this machine's processor, before runs that wait. */
  evaluations: number;
}

export interface RunTime {
  /** Of the run itself; null where nobody knows. */
  left: Span | null;
  /** From now; null where it does not begin or end by itself. */
  begins: Span | null;
  ends: Span | null;
  /** The run whose slot it gets. */
  after: string | null;
}

/** Until the last of some runs has ended. */
export interface Done {
  /** Null where none of them ends by itself. */
  ends: Span | null;
  /** Those among them that have no estimate, those that begin when another machine has room, and evaluations, of which no time is known. */
  unknown: number;
  evaluations: number;
  elsewhere: number;
}

export interface Counts {
  running: number;
  /** Here, or on another machine. Paused ones wait for nothing. */
  waiting: number;
  paused: number;
  /** On another machine, which does not answer. */
  silent: number;
}

export interface Clock extends Done {
  runs: Record<string, RunTime>;
  counts: Counts;
  /** The whole queue stands still. */
  isPaused: boolean;
}

/** The slot that evaluations take, and what stands in it for the run that is there. */
const PROCESSOR = 'cpu';
const EVALUATIONS = 'evaluations';

const UNKNOWN: Span = { low: 0, high: Number.POSITIVE_INFINITY };
const AT_ONCE: Span = { low: 0, high: 0 };

/** Deals what waits to slots as these become free, which is what the queue does. */
export function clock(input: ClockInput): Clock {
  const { paused, slots, training, queued, evaluations } = input;
  const runs: Record<string, RunTime> = {};
  const [soonest, latest] = [new Slots(slots), new Slots(slots)];
  for (const run of training) {
    const time = timeOf(run);
    runs[run.id] = time;
    if (run.slot === null) continue;
    const { low, high } = time.ends ?? AT_ONCE;
    soonest.take(run.slot, run.id, 0, low);
    latest.take(run.slot, run.id, 0, high);
  }
  let evaluated: Span | null = null;
  if (evaluations > 0) {
    const first = soonest.next(PROCESSOR);
    evaluated = { low: first.at, high: UNKNOWN.high };
    soonest.take(PROCESSOR, EVALUATIONS, first.at, 0);
    latest.take(PROCESSOR, EVALUATIONS, latest.next(PROCESSOR).at, evaluated.high);
  }
  for (const run of queued) {
    const left = wholeLeft(run);
    if (run.held || run.stands || paused || run.slot === null || slots[run.slot] === 0) {
      runs[run.id] = { left, begins: null, ends: null, after: null };
      continue;
    }
    const { low, high } = left ?? UNKNOWN;
    const first = soonest.next(run.slot);
    const begins = { low: first.at, high: latest.next(run.slot).at };
    soonest.take(run.slot, run.id, begins.low, low);
    latest.take(run.slot, run.id, begins.high, high);
    runs[run.id] = { left, begins, ends: plus(begins, { low, high }), after: first.run };
  }
  const done = doneOf(Object.values(runs));
  const ends = evaluated && { low: Math.max(done.ends?.low ?? 0, evaluated.low), high: evaluated.high };
  const all = ends === null ? done : { ...done, ends, evaluations };
  return { runs, counts: countsOf(input), isPaused: paused, ...all };
}

/** Of a run that trains, whatever waits behind it. One that stops frees its slot at once, and has no end of its own. */
export function timeOf(run: TrainingRun): RunTime {
  const begins = run.away ? UNKNOWN : AT_ONCE;
  if (run.state === 'stopping') return { left: null, begins, ends: null, after: null };
  const left = leftOf(run);
  return { left, begins, ends: plus(begins, left ?? UNKNOWN), after: null };
}

export function countsOf({ training, queued }: Pick<ClockInput, 'training' | 'queued'>): Counts {
  const trains = (away: TrainingRun['away']) => training.filter((run) => run.away === away).length;
  const paused = queued.filter(({ held }) => held).length;
  const waiting = queued.length - paused + trains('waiting');
  return { running: trains(null), waiting, paused, silent: trains('silent') };
}

/** Of those that end by themselves. */
export function doneOf(times: readonly RunTime[]): Done {
  const ends = times.flatMap((time) => time.ends ?? []);
  const most = (pick: (span: Span) => number) => Math.max(...ends.map(pick));
  const open = times.filter(({ ends }) => ends !== null);
  const unknown = open.filter(({ left }) => left === null).length;
  return {
    ends: ends.length === 0 ? null : { low: most(({ low }) => low), high: most(({ high }) => high) },
    unknown,
    evaluations: 0,
    elsewhere: open.filter((time) => time.left !== null && isElsewhere(time)).length,
  };
}

/** It waits for another machine, and for no run of ours. */
const isElsewhere = ({ begins, after }: RunTime) => after === null && begins?.high === UNKNOWN.high;

/** Work one after the other, the unknown left out of the least. */
export const sumOf = (spans: readonly (Span | null)[]): Span =>
  spans.reduce<Span>((sum, span) => plus(sum, span ?? UNKNOWN), AT_ONCE);

const plus = (one: Span, other: Span): Span => ({ low: one.low + other.low, high: one.high + other.high });

/** What a run that trains has said, counted down; before it has said anything, what one like it took. */
function leftOf(run: TrainingRun): Span | null {
  const { state, told, expected, since } = run;
  const whole = wholeLeft(run);
  if (told === null) return whole && later(whole, since);
  if (state === 'finishing') return later(exactly(told.secondsIfStopped), told.ago);
  const own = later(exactly(likelyLeft(told, expected)), told.ago);
  const epochs = expected?.epochs ?? told.epochs;
  if (expected === null || expected.low < expected.high || told.epoch >= epochs) return own;
  // At first a run knows little of itself: the one alike had validated and tested, too.
  const share = told.epoch / epochs;
  // Of one that goes on from a checkpoint, nobody knows how long it took before.
  const alike = run.done === 0 ? later(expected, since) : exactly(expected.low * (1 - share));
  return exactly(share * own.low + (1 - share) * alike.low);
}

const exactly = (seconds: number): Span => ({ low: seconds, high: seconds });

/** A clock that was set back adds nothing. */
function later({ low, high }: Span, passed: number): Span {
  const after = (seconds: number) => Math.max(0, seconds - Math.max(0, passed));
  return { low: after(low), high: after(high) };
}

/** A run alike stopped early: so will this one, until it has come further. */
function likelyLeft({ secondsLeft, secondsIfStopped, epoch, epochs }: Told, expected: ExpectedTime | null) {
  const likely = expected?.epochs ?? epochs;
  if (likely >= epochs || likely <= epoch) return secondsLeft;
  return Math.max(secondsIfStopped, (secondsLeft * (likely - epoch)) / (epochs - epoch));
}

/** What its checkpoint leaves of a run: epochs take equally long. */
function wholeLeft({ expected, done, epochs }: ClockRun): Span | null {
  if (expected === null) return null;
  const all = expected.epochs ?? epochs;
  const share = all > 0 ? Math.max(0, 1 - done / all) : 1;
  return { low: expected.low * share, high: expected.high * share };
}

/** When the slots of each device become free. */
class Slots {
  readonly #count: Record<string, number>;
  /** As many as there are slots, the latest ones, in their order. */
  readonly #ends = new Map<string, { at: number; run: string }[]>();

  constructor(count: Record<string, number>) {
    this.#count = count;
  }

  next(slot: string): { at: number; run: string | null } {
    const ends = this.#ends.get(slot) ?? [];
    return ends.length < this.#places(slot) ? { at: 0, run: null } : ends[0];
  }

  take(slot: string, run: string, begins: number, seconds: number): void {
    const ends = [...(this.#ends.get(slot) ?? []), { at: begins + seconds, run }];
    ends.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at));
    this.#ends.set(slot, ends.slice(-this.#places(slot)));
  }

  #places(slot: string): number {
    return Math.max(1, this.#count[slot] ?? 1);
  }
}
