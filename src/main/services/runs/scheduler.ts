import { z } from 'zod';
import type { ActiveRunState, QueueState } from '../../../core/api/queue.ts';
import type { TrainingProgress } from '../../../core/api/runs.ts';
import type { ChosenDevice } from '../../../core/engine/types.ts';
import { messageOf, UserError } from '../../../core/errors.ts';
import type { Timer } from '../../../core/machine.ts';
import { isBadHome } from '../../../core/store/db/connection.ts';
import { takeInForeignRuns } from '../../../core/store/runs/foreign-runs.ts';
import { orphanedRuns, settleLostRuns } from '../../../core/store/runs/lost-runs.ts';
import type { ReadyRun } from '../../../core/store/runs/queue.ts';
import { phaseOf, type RunState, UNFINISHED } from '../../../core/store/runs/run-life.ts';
import { isOwn } from '../../../core/store/runs/runs.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { JobOptions } from '../../../core/training/job-options.ts';
import type { PlaceState } from '../../../core/training/place.ts';
import type { ActiveRun } from './active-run.ts';
import { AutoDevice } from './auto-device.ts';
import { datasetDeleted, type RunService } from './runs.ts';

const LOCK = 'scheduler';
const TICK_MS = 5_000;
const DEFAULT_SLOTS = 1;
/** Runs listed per status. */
const MAX_LISTED = 500;

const paused = z.boolean().default(false);

interface Active {
  handle: ActiveRun;
  device: string;
  progress: TrainingProgress | null;
  /** Resolves once the end of the run has been seen to. */
  ended: Promise<void>;
}

/** Another program uses none of the devices that runs wait for: nothing is known of it. */
const deviceOf = (run: RunRecord) => (run.kind === 'own' ? (run.device ?? run.requestedDevice) : run.program);

/** Whoever pauses, cancels or quits once more waits on, for what the trainer has reached. */
function stopGently({ handle }: Active): void {
  if (handle.state !== 'stopping') handle.stop();
}

export interface SchedulerOptions {
  /** Runs trained at the same time, by device. Default: one. */
  slots(): Record<string, number>;
  /** The device that "auto" stands for on this machine. */
  autoDevice(): Promise<ChosenDevice>;
  /** Whether the run is to be trained here. Default: all are, and no other process starts any. */
  takes?(run: string): boolean;
  /** How long all runs wait for that answer. */
  autoMs?: number;
  /** The queue, or a run's place in it, has changed. */
  onChange(run: string | null): void;
  /** The run as stored once it has ended. */
  onEnded(run: RunRecord): void;
  /** Reports an error that no call can return. */
  onProblem(error: unknown): void;
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
      if (active && event.type === 'progress') active.progress = event;
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

  state(): QueueState {
    const holder = this.#store.locks.holder(LOCK);
    const { runs, queue, checkpoints } = this.#store;
    settleLostRuns(this.#store);
    const waiting = queue.list();
    const records = runs.named(waiting.slice(0, MAX_LISTED).map(({ run }) => run)).filter(isOwn);
    const held = new Set(waiting.filter((entry) => entry.held).map(({ run }) => run));
    const resumable = runs
      .withStatus(UNFINISHED, MAX_LISTED)
      .filter(isOwn)
      .filter(({ dataset }) => dataset.id !== null);
    return {
      paused: this.#paused(),
      slots: this.#options.slots(),
      heldBy: holder === this.#store.machine.self.pid ? null : holder,
      running: runs.withStatus(['running'], MAX_LISTED).map((run) => this.#activeState(run)),
      waiting: records.map((run) => ({ run, held: held.has(run.id) })),
      resumable,
      reached: checkpoints.reached([...records, ...resumable].map(({ id }) => id)),
    };
  }

  /** Latest progress of a run that this process trains, or null. */
  progressOf(run: string): TrainingProgress | null {
    return this.#active.get(run)?.progress ?? null;
  }

  /** How far the training of a run by this process is, or null. */
  stateOf(run: string): RunState | null {
    return this.#active.get(run)?.handle.state ?? null;
  }

  /** Where a run that this process follows stands on another machine, or null. */
  placeOf(run: string): PlaceState | null {
    return this.#active.get(run)?.handle.place ?? null;
  }

  /** Asks another machine at once how a run of it stands. Throws UserError where this process does not follow it. */
  check(run: string): void {
    this.#activeOf(run).handle.look();
  }

  /**
   * Trains a run of another machine here: its job there is stopped, what it has reached is fetched, and it goes on from that.
   * One that does not answer is given up as it was fetched last. Throws UserError where this process does not follow it.
   */
  trainHere(run: string): void {
    const active = this.#store.queue.has(run) ? null : this.#activeOf(run);
    this.#store.transaction(() => {
      this.#store.runs.moveHere(run);
      // Where it stops with a place in the queue, it begins again.
      this.#store.queue.put(run, 'front');
      if (active) this.#store.lifecycle.setWish(run, 'stop');
    });
    if (active) stopGently(active);
    if (active?.handle.place?.phase === 'unreachable') active.handle.stop();
    this.#changed(run);
  }

  reorder(runs: readonly string[]): void {
    this.#store.queue.reorder(runs);
    this.#changed(null);
  }

  /** Holds one run (a running one stops with its checkpoint), or pauses the whole queue. */
  pause(run: string | undefined): void {
    if (run === undefined) this.#store.settings.write('queue.paused', true);
    else if (this.#store.queue.has(run)) this.#store.queue.hold(run, true);
    else {
      const active = this.#activeOf(run);
      this.#store.transaction(() => {
        this.#store.queue.hold(run, true);
        this.#store.lifecycle.setWish(run, 'stop');
      });
      stopGently(active);
    }
    this.#changed(run ?? null);
  }

  resume(run: string | undefined): void {
    if (run === undefined) this.#store.settings.write('queue.paused', false);
    else if (!this.#store.queue.hold(run, false)) this.requeue(run);
    this.#changed(run ?? null);
  }

  /** Removes a waiting run from the queue or stops a running one; one of another program that was asked before is given up. Throws UserError if this process can do neither. */
  cancel(run: string): void {
    const began = this.#store.runs.attempts(run).length > 0;
    if (
      !this.#store.lifecycle.endWaiting(
        run,
        'cancelled',
        began ? 'cancelled while it waited' : 'cancelled before it began',
      )
    ) {
      const active = this.#activeOf(run);
      this.#store.transaction(() => {
        this.#store.queue.remove(run);
        this.#store.lifecycle.setWish(run, 'stop');
      });
      if (active.handle.state === 'stopping') active.handle.giveUp();
      stopGently(active);
    }
    this.#changed(run);
  }

  /** Ends a run after its present epoch, with the test. Throws UserError where this process does not train it. */
  stopAfterEpoch(run: string): void {
    this.#activeOf(run).handle.stopAfterEpoch();
    this.#store.lifecycle.setWish(run, 'finish');
    this.#changed(run);
  }

  /** Puts an unfinished run back at the front, with a job that is submitted otherwise. Throws UserError if it is running or completed. */
  requeue(run: string, job?: JobOptions): void {
    const record = this.#store.runs.own(run);
    if (record.dataset.id === null) throw datasetDeleted(record);
    this.#store.transaction(() => {
      if (job) this.#store.runs.changeJob(run, job);
      this.#store.lifecycle.requeue(run);
      this.#store.queue.put(run, 'front');
    });
    this.#changed(run);
  }

  /**
   * Stops every trainer of this machine with its checkpoint; their runs wait at the front for the next session, except those
   * that the user has cancelled or held. Those of other machines and other programs go on, and the next session follows them.
   */
  async close(): Promise<void> {
    this.#closing = true;
    this.#timer?.stop();
    for (const [run, { handle }] of this.#active) {
      const isLeft = handle.state !== 'stopping' || handle.run.kind !== 'own';
      if (isLeft && handle.detach()) this.#active.delete(run);
    }
    const active = [...this.#active.values()];
    active.forEach(stopGently);
    await Promise.all(active.map(({ ended }) => ended));
    this.#unsubscribe();
    this.#store.locks.release(LOCK);
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
        const mayStart = this.#mayStart();
        if (mayStart) this.#takeInForeign();
        if (mayStart || this.#options.takes) this.#adoptOrphans();
        if (mayStart && !this.#paused()) await this.#startReady();
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
    if (this.#options.takes === undefined) return locks.acquire(LOCK);
    // Its own lock may have remained, where it could not be released.
    return this.#ready().length > 0 && locks.isFree(LOCK);
  }

  async #startReady(): Promise<void> {
    const waits = this.#ready().some(({ device, place }) => device === 'auto' && place === null);
    const auto = waits ? await this.#auto.ask() : null;
    // Meanwhile the hub may have closed the store.
    if (this.#closing) return;
    if (this.#options.takes === undefined) return this.#startEach(auto);
    const { locks } = this.#store;
    if (!locks.acquire(LOCK)) return;
    try {
      this.#startEach(auto);
    } finally {
      locks.release(LOCK);
    }
  }

  #startEach(auto: ChosenDevice | null): void {
    const elsewhere = this.#trainedElsewhere();
    // Each is tried once; what is free changes with every beginning.
    for (const tried = new Set<string>(); ; ) {
      if (this.#closing || this.#paused()) return;
      const next = this.#nextReady(auto?.id ?? null, tried, elsewhere);
      if (next === null) return;
      tried.add(next.run);
      this.#begin(next.run, next.device, auto);
    }
  }

  #nextReady(
    auto: string | null,
    tried: ReadonlySet<string>,
    elsewhere: readonly ReadyRun[],
  ): ReadyRun | null {
    const slots = this.#options.slots();
    for (const { run, device: requested, place } of this.#ready()) {
      // A host is a place of its own: which device its "auto" is, it says itself.
      const device = place ?? (requested === 'auto' ? auto : requested);
      if (device === null || tried.has(run)) continue;
      const others = elsewhere.filter(
        (other) => (other.place ?? (other.device === 'auto' ? (auto ?? device) : other.device)) === device,
      );
      if (this.#busy(device) + others.length < (slots[device] ?? DEFAULT_SLOTS))
        return { run, device, place };
    }
    return null;
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
    return this.#store.queue.ready().filter(({ run }) => this.#options.takes?.(run) ?? true);
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
    this.#active.set(run, { handle, device, progress: null, ended });
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

  /** Throws UserError where this process does not train the run. */
  #activeOf(run: string): Active {
    const active = this.#active.get(run);
    if (active) return active;
    const { name, status } = this.#store.runs.get(run);
    const why = phaseOf(status) === 'hosted' ? 'another process trains it: stop it there' : `it is ${status}`;
    throw new UserError(`run ${name} (${run}) cannot be stopped here: ${why}`);
  }

  #reportProblem(error: unknown): void {
    const problem = messageOf(error);
    if (this.#closing || problem === this.#problem) return;
    this.#problem = problem;
    this.#options.onProblem(error);
  }

  #busy(device: string): number {
    return [...this.#active.values()].filter((active) => active.device === device).length;
  }

  #paused(): boolean {
    return this.#store.settings.read('queue.paused', paused);
  }

  #activeState(run: RunRecord): ActiveRunState {
    const active = this.#active.get(run.id);
    return {
      run,
      state: active?.handle.state ?? 'training',
      place: active?.handle.place ?? null,
      progress: active?.progress ?? null,
      hostedHere: active !== undefined,
    };
  }

  #changed(run: string | null): void {
    this.#options.onChange(run);
    if (!this.#closing) this.wake();
  }
}
