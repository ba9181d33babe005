import type { ChosenDevice } from '../../../core/engine/types.ts';
import { messageOf, UserError } from '../../../core/errors.ts';
import type { Timer } from '../../../core/machine.ts';
import { isBadHome } from '../../../core/store/db/connection.ts';
import { takeInForeignRuns } from '../../../core/store/others/foreign-runs.ts';
import { orphanedRuns, settleLostRuns } from '../../../core/store/runs/lost-runs.ts';
import type { ReadyRun } from '../../../core/store/runs/queue.ts';
import {
  cancelRuns,
  finishRun,
  holdRun,
  isQueuePaused,
  pausedMachines,
  pauseQueue,
  releaseRun,
  requeueRun,
  trainRunHere,
} from '../../../core/store/runs/queue-requests.ts';
import {
  type ActiveRunState,
  activeState,
  QUEUE_LOCK,
  type QueueState,
  queueState,
  type TrainingProgress,
} from '../../../core/store/runs/queue-state.ts';
import { phaseOf, type RunState } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { JobOptions } from '../../../core/training/job-options.ts';
import type { ActiveRun } from './active-run.ts';
import { AutoDevice } from './auto-device.ts';
import type { RunService } from './runs.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { deviceOf, isFree, nextReady, placeOf, type Slots, slotsOf } from './slots.ts';

const TICK_MS = 5_000;
const CPU = 'cpu';

interface Active {
  handle: ActiveRun;
  device: string;
  progress: TrainingProgress | null;
  toldAt: number;
  /** Resolves once the end of the run has been seen to. */
  ended: Promise<void>;
}

/** Whoever pauses, cancels or quits once more waits on, for what the trainer has reached. */
function stopGently({ handle }: Active): void {
  if (handle.state !== 'stopping') handle.stop();
}

/**
 * Works through the queue: starts waiting runs in order as devices become free. Of all processes that have the
 * home open, one does so for the whole queue; the others show the same queue and may change it. A command that waits for
 * some runs (`takes`) trains those while nobody trains the queue.
 */
export class Scheduler {
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #options: SchedulerOptions;
  readonly #active = new Map<string, Active>();
  readonly #auto: AutoDevice;
  readonly #unsubscribe: () => void;
  #timer: Timer | undefined;
  #ticking: Promise<void> | null = null;
  #tickAgain = false;
  #closing = false;
  /** The last problem reported: one that lasts is reported once. */
  #problem: string | null = null;

  constructor(store: Store, runs: RunService, options: SchedulerOptions) {
    this.#store = store;
    this.#runs = runs;
    this.#options = options;
    this.#auto = new AutoDevice({
      find: () =>
        options.autoDevice().catch((error) => {
          this.#reportProblem(error);
          return null;
        }),
      waitMs: options.autoMs,
      clock: store.machine.clock,
      onLate: () => this.wake(),
    });
    this.#unsubscribe = runs.subscribe((run, event) => {
      const active = this.#active.get(run);
      if (active && event.type === 'progress')
        Object.assign(active, { progress: event, toldAt: store.machine.clock.elapsed() });
    });
  }

  start(): void {
    this.#timer = this.#store.machine.clock.every(TICK_MS, () => this.wake()).unref();
    this.wake();
  }

  /** Starts what can be started. */
  wake(): void {
    this.#tickAgain = true;
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = null;
      // Requested since the last pass.
      if (this.#tickAgain && !this.#closing) this.wake();
    });
  }

  /** What a window shows of the queue. */
  state(): QueueState {
    return queueState(this.#store, this.#options.slots(), (run) => this.#active.get(run));
  }

  /** Latest progress of a run that this process trains, or null. */
  progressOf(run: string): TrainingProgress | null {
    return this.#active.get(run)?.progress ?? null;
  }

  /** How far the training of a run by this process is, or null. */
  stateOf(run: string): RunState | null {
    return this.#active.get(run)?.handle.state ?? null;
  }

  /** How far a run that trains is, here or in another process; null for one that does not. */
  activeState(run: RunRecord): ActiveRunState | null {
    return phaseOf(run.status) === 'hosted' ? activeState(this.#store, run, this.#active.get(run.id)) : null;
  }

  /** Asks another machine at once how a run of it stands. Throws UserError where this process does not follow it. */
  check(run: string): void {
    const active = this.#active.get(run);
    if (!active)
      throw new UserError(`run ${run} is followed by another process, which asks its host by itself`);
    active.handle.look();
  }

  /** As `trainRunHere`. Where this process has asked the run to stop already, and its machine does not answer, it is given up. */
  trainHere(run: string): void {
    const handle = this.#active.get(run)?.handle;
    const isAskedAgain = handle?.state === 'stopping' && handle.place?.phase === 'unreachable';
    this.#ask(run, () => trainRunHere(this.#store, run));
    if (isAskedAgain) handle.stop();
  }

  reorder(runs: readonly string[]): void {
    this.#store.queue.reorder(runs);
    this.#changed(null);
  }

  /** Call after a change of what a run is to do next: whoever trains it here hears of it at once. */
  turned(run: string, goesOn: boolean): void {
    const handle = this.#active.get(run)?.handle;
    if (goesOn) handle?.takeBack();
    handle?.heed();
    this.#changed(run);
  }

  /** Holds one run (a running one stops with its checkpoint), or pauses the whole queue. */
  pause(run: string | undefined): void {
    this.#ask(run, () => (run === undefined ? pauseQueue(this.#store, true) : holdRun(this.#store, run)));
  }

  resume(run: string | undefined): void {
    this.#ask(run, () => (run === undefined ? pauseQueue(this.#store, false) : releaseRun(this.#store, run)));
  }

  /** Removes a waiting run from the queue or stops a running one; one of another program that was asked before is given up. */
  cancel(run: string): void {
    const handle = this.#active.get(run)?.handle;
    const isAskedAgain = handle?.state === 'stopping';
    this.#ask(run, () => cancelRuns(this.#store, [run]));
    if (isAskedAgain) handle?.giveUp();
  }

  /** Ends a run after its present epoch, with the test. */
  stopAfterEpoch(run: string): void {
    this.#ask(run, () => finishRun(this.#store, run));
  }

  /** Puts an unfinished run back at the front, with a job that is submitted otherwise. Throws UserError if it is running or completed. */
  requeue(run: string, job?: JobOptions): void {
    this.#ask(run, () => requeueRun(this.#store, run, job));
  }

  /**
   * Stops every trainer of this machine with its checkpoint; their runs wait at the front for the next session, except those
   * that the user has cancelled or held. Those of other machines and other programs go on, and the next session follows them.
   */
  async close(): Promise<void> {
    this.#closing = true;
    this.#timer?.stop();
    // What is asked of them is stored.
    for (const [run, { handle }] of this.#active) if (handle.detach()) this.#active.delete(run);
    const active = [...this.#active.values()];
    active.forEach(stopGently);
    await Promise.all(active.map(({ ended }) => ended));
    this.#unsubscribe();
    this.#store.locks.release(QUEUE_LOCK);
  }

  /** Asks every trainer to stop, and kills those that have been asked before. */
  stop(): void {
    for (const { handle } of this.#active.values()) handle.stop();
  }

  /** How many runs this process trains. */
  get training(): number {
    return this.#active.size;
  }

  async #tick(): Promise<void> {
    while (this.#tickAgain && !this.#closing) {
      this.#tickAgain = false;
      try {
        this.#runs.endLeft();
        const mayStart = this.#mayStart();
        if (mayStart) this.#takeInForeign();
        if (mayStart || this.#options.takes) this.#adoptOrphans();
        if (mayStart && !isQueuePaused(this.#store)) {
          this.#lookBetween();
          await this.#startReady();
        }
      } catch (error) {
        this.#reportProblem(error);
      }
    }
  }

  /** Those that have ended already are settled, the others hosted. */
  #takeInForeign(): void {
    const taken = takeInForeignRuns(this.#store);
    if (taken.length > 0) settleLostRuns(this.#store);
    for (const run of taken) this.#options.onChange(run);
  }

  /** A scheduler that trains the whole queue keeps its lock; one that takes some runs holds it only while it starts them. */
  #mayStart(): boolean {
    const { locks } = this.#store;
    if (this.#options.takes === undefined) return locks.acquire(QUEUE_LOCK);
    // Its own lock may have remained, where it could not be released.
    return (this.#ready().length > 0 || this.#searches().length > 0) && locks.isFree(QUEUE_LOCK);
  }

  /** Nobody says how many of these go on at once: where no run may train on the processor, one does. */
  #lookBetween(): void {
    const elsewhere = this.#trainedElsewhere().filter(
      ({ place, device }) => place === null && device === CPU,
    );
    const most = Math.max(1, slotsOf(this.#options.slots(), CPU));
    const isPaused = pausedMachines(this.#store).includes('');
    this.#options.between?.look(!isPaused && this.#busy(CPU) + elsewhere.length < most);
  }

  async #startReady(): Promise<void> {
    const waiting = [...this.#ready(), ...this.#searches()];
    const waits = waiting.some(({ device, place }) => device === 'auto' && place === null);
    const auto = waits ? await this.#auto.ask() : null;
    // Meanwhile the hub may have closed the store.
    if (this.#closing) return;
    if (this.#options.takes === undefined) return this.#startAll(auto);
    const { locks } = this.#store;
    if (!locks.acquire(QUEUE_LOCK)) return;
    try {
      await this.#startAll(auto);
    } finally {
      locks.release(QUEUE_LOCK);
    }
  }

  /** What waits comes first; where there is room left, searches make what they train next, the oldest first. */
  async #startAll(auto: ChosenDevice | null): Promise<void> {
    for (const asked = new Set<string>(); ; ) {
      this.#startEach(auto);
      if (this.#closing || isQueuePaused(this.#store)) return;
      const next = this.#searches().find((one) => !asked.has(one.id) && this.#hasRoom(one, auto));
      if (next === undefined) return;
      try {
        if (!(await this.#options.takeStep?.(next.id))) asked.add(next.id);
      } catch (error) {
        asked.add(next.id);
        this.#reportProblem(error);
      }
    }
  }

  #searches() {
    const { takeStep, steers = () => true } = this.#options;
    return takeStep ? this.#store.studies.open().filter(({ id }) => steers(id)) : [];
  }

  #hasRoom({ device, place }: Pick<ReadyRun, 'device' | 'place'>, auto: ChosenDevice | null): boolean {
    const on = placeOf({ device, place }, auto?.id ?? null);
    if (on === null || pausedMachines(this.#store).includes(place ?? '')) return false;
    // What waits there and could not begin would not be helped by more of it.
    if (this.#ready().some((ready) => placeOf(ready, auto?.id ?? null) === on)) return false;
    return isFree(on, auto?.id ?? null, this.#slots(this.#trainedElsewhere()));
  }

  #startEach(auto: ChosenDevice | null): void {
    const slots = this.#slots(this.#trainedElsewhere());
    // Each is tried once; what is free changes with every beginning.
    for (const tried = new Set<string>(); ; ) {
      if (this.#closing || isQueuePaused(this.#store)) return;
      const next = nextReady(this.#ready(), auto?.id ?? null, tried, slots);
      if (next === null) return;
      tried.add(next.run);
      this.#begin(next.run, next.device, auto);
    }
  }

  /** Hosts the runs whose trainers go on without their hosts. */
  #adoptOrphans(): void {
    for (const orphan of orphanedRuns(this.#store)) {
      const { run } = orphan;
      if (this.#closing || this.#options.takes?.(run) === false) continue;
      try {
        const handle = this.#runs.adopt(orphan);
        if (handle) this.#keep(run, handle, orphan.place ?? deviceOf(handle.run));
      } catch (error) {
        // Its host has been removed: the others go on.
        this.#reportProblem(error);
      }
    }
  }

  #trainedElsewhere(): ReadyRun[] {
    const { lifecycle } = this.#store;
    if (lifecycle.trainedElsewhere().length === 0) return [];
    // Where such a process has ended, nobody else may notice.
    settleLostRuns(this.#store);
    return lifecycle.trainedElsewhere();
  }

  #ready(): ReadyRun[] {
    const paused = pausedMachines(this.#store);
    return this.#store.queue
      .ready()
      .filter(({ run, place }) => !paused.includes(place ?? '') && (this.#options.takes?.(run) ?? true));
  }

  #begin(run: string, device: string, auto: ChosenDevice | null): void {
    try {
      const handle = this.#runs.beginQueued(run, auto);
      if (handle === null) return;
      this.#keep(run, handle, device);
      this.#problem = null;
      return;
    } catch (error) {
      // A home that cannot be written now may be later: the run waits.
      if (isBadHome(error)) throw error;
      this.#store.lifecycle.endWaiting(run, 'failed', messageOf(error, 'window'));
      this.#reportProblem(error);
    }
    this.#options.onChange(run);
  }

  #keep(run: string, handle: ActiveRun, device: string): void {
    const ended = this.#follow(run, handle).catch((error) => this.#reportProblem(error));
    this.#active.set(run, { handle, device, progress: null, toldAt: 0, ended });
    this.#options.onChange(run);
  }

  async #follow(run: string, handle: ActiveRun): Promise<void> {
    try {
      const record = await handle.ended;
      this.#options.onEnded(record);
    } finally {
      this.#active.delete(run);
      this.#changed(run);
    }
  }

  /** Stores what the user asks of a run; where this process hosts it, it hears of it at once. */
  #ask(run: string | undefined, request: () => void): void {
    request();
    if (run !== undefined) this.#active.get(run)?.handle.heed();
    this.#changed(run ?? null);
  }

  #reportProblem(error: unknown): void {
    const problem = messageOf(error);
    if (this.#closing || problem === this.#problem) return;
    this.#problem = problem;
    this.#options.onProblem(error);
  }

  #slots(elsewhere: readonly ReadyRun[]): Slots {
    return { most: () => this.#options.slots(), busy: (device) => this.#busy(device), elsewhere };
  }

  #busy(device: string): number {
    const between = device === CPU && this.#options.between?.isBusy() ? 1 : 0;
    return between + [...this.#active.values()].filter((active) => active.device === device).length;
  }

  #changed(run: string | null): void {
    this.#options.onChange(run);
    if (!this.#closing) this.wake();
  }
}
