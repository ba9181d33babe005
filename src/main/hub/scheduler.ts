import { z } from 'zod';
import type { ActiveRunState, QueueState } from '../../core/api/queue.ts';
import type { TrainingProgress } from '../../core/api/runs.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord, RunStatus } from '../../core/store/types.ts';
import type { RunHandle, RunService } from './runs.ts';

const LOCK = 'scheduler';
const TICK_MS = 5_000;
const DEFAULT_SLOTS = 1;
/** Runs listed per status. */
const MAX_LISTED = 500;
const RESUMABLE: RunStatus[] = ['interrupted', 'crashed', 'out-of-memory', 'cancelled', 'failed'];

const paused = z.boolean().default(false);

/** What happens to a run once its trainer has been stopped. */
type OnStop = 'nothing' | 'hold' | 'requeue';

interface Active {
  handle: RunHandle;
  device: string;
  onStop: OnStop;
  progress: TrainingProgress | null;
}

export interface SchedulerOptions {
  /** Runs trained at the same time, by device. Default: one. */
  slots(): Record<string, number>;
  /** The device that "auto" stands for on this machine. */
  autoDevice(): Promise<string>;
  /** The queue, or a run's place in it, has changed. */
  onChange(run: string | null): void;
  /** The run as stored once it has ended. */
  onEnded(run: RunRecord): void;
  /** Reports an error that no call can return. */
  onProblem(error: unknown): void;
}

/**
 * Works through the queue: starts waiting runs in order as devices become free. Of all processes that have the
 * home open, one does so; the others show the same queue and may change it.
 */
export class Scheduler {
  readonly #store: Store;
  readonly #runs: RunService;
  readonly #options: SchedulerOptions;
  readonly #active = new Map<string, Active>();
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | null = null;
  #tickAgain = false;
  #closing = false;

  constructor(store: Store, runs: RunService, options: SchedulerOptions) {
    this.#store = store;
    this.#runs = runs;
    this.#options = options;
    this.#unsubscribe = runs.subscribe((run, event) => {
      const active = this.#active.get(run);
      if (active && event.type === 'progress') active.progress = event;
    });
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), TICK_MS).unref();
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
    const { lifecycle, runs, queue } = this.#store;
    lifecycle.markLostRuns();
    const waiting = queue.list();
    const queued = new Set(waiting.map(({ run }) => run));
    return {
      paused: this.#paused(),
      slots: this.#options.slots(),
      heldBy: holder === process.pid ? null : holder,
      running: runs.withStatus(['running'], MAX_LISTED).map((run) => this.#activeState(run)),
      waiting: waiting.slice(0, MAX_LISTED).map(({ run, held }) => ({ run: runs.get(run), held })),
      resumable: runs
        .withStatus(RESUMABLE, MAX_LISTED)
        .filter(({ id, dataset }) => !queued.has(id) && dataset.id !== null),
    };
  }

  /** Latest progress of a run that this process trains, or null. */
  progressOf(run: string): TrainingProgress | null {
    return this.#active.get(run)?.progress ?? null;
  }

  /** The process that trains a run for this one, or null. */
  trainerOf(run: string): number | null {
    return this.#active.get(run)?.handle.pid ?? null;
  }

  /** Appends runs to the queue. */
  enqueue(runs: readonly string[]): void {
    this.#store.transaction(() => {
      for (const run of runs) this.#store.queue.put(run, 'end');
    });
    this.#changed(null);
  }

  reorder(runs: readonly string[]): void {
    this.#store.queue.reorder(runs);
    this.#changed(null);
  }

  /** Holds one run (a running one stops with its checkpoint), or pauses the whole queue. */
  pause(run: string | undefined): void {
    if (run === undefined) this.#store.settings.write('queue.paused', true);
    else if (this.#store.queue.has(run)) this.#store.queue.hold(run, true);
    else this.#stop(run, 'hold');
    this.#changed(run ?? null);
  }

  resume(run: string | undefined): void {
    if (run === undefined) this.#store.settings.write('queue.paused', false);
    else if (this.#store.queue.has(run)) this.#store.queue.hold(run, false);
    else this.retry(run);
    this.#changed(run ?? null);
  }

  /** Removes a waiting run from the queue or stops a running one. Throws UserError if this process can do neither. */
  cancel(run: string): void {
    const withdrawn = this.#store.transaction(() => {
      const waited = this.#store.queue.remove(run);
      return this.#store.lifecycle.cancelQueued(run, 'cancelled', 'cancelled before it began') || waited;
    });
    if (!withdrawn) this.#stop(run, 'nothing');
    this.#changed(run);
  }

  /** Puts an unfinished run back at the front. Throws UserError if it is running or completed. */
  retry(run: string): void {
    const { name, dataset } = this.#store.runs.get(run);
    if (dataset.id === null) {
      throw new UserError(`run ${name} cannot be resumed: its data set ${dataset.name} has been deleted`);
    }
    this.#store.transaction(() => {
      this.#store.lifecycle.requeue(run);
      this.#store.queue.put(run, 'front');
    });
    this.#changed(run);
  }

  /** Stops every trainer with its checkpoint; their runs wait at the front for the next session. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await this.#ticking;
    for (const run of this.#active.keys()) this.#stop(run, 'requeue');
    await Promise.allSettled([...this.#active.values()].map(({ handle }) => handle.finished));
    // The last run may not be back in the queue yet.
    await new Promise(setImmediate);
    this.#unsubscribe();
    this.#store.locks.release(LOCK);
  }

  async #tick(): Promise<void> {
    while (this.#tickAgain && !this.#closing) {
      this.#tickAgain = false;
      try {
        if (this.#store.locks.acquire(LOCK) && !this.#paused()) await this.#startWaiting();
      } catch (error) {
        this.#options.onProblem(error);
      }
    }
  }

  async #startWaiting(): Promise<void> {
    for (const { run, held: onHold } of this.#store.queue.list()) {
      if (onHold) continue;
      const { requestedDevice } = this.#store.runs.get(run);
      const device = requestedDevice === 'auto' ? await this.#options.autoDevice() : requestedDevice;
      // Meanwhile the queue may have been paused, or the run removed.
      if (this.#closing || this.#paused() || !this.#store.queue.has(run)) continue;
      if (this.#busy(device) < (this.#options.slots()[device] ?? DEFAULT_SLOTS)) this.#begin(run, device);
    }
  }

  #begin(run: string, device: string): void {
    this.#store.queue.remove(run);
    try {
      const handle = this.#runs.resume(run);
      this.#active.set(run, { handle, device, onStop: 'nothing', progress: null });
      void this.#follow(run, handle);
    } catch (error) {
      this.#store.lifecycle.cancelQueued(run, 'failed', messageOf(error, 'window'));
      this.#options.onProblem(error);
    }
    this.#options.onChange(run);
  }

  async #follow(run: string, handle: RunHandle): Promise<void> {
    let ended: RunRecord | null = null;
    try {
      ended = await handle.finished;
    } catch (error) {
      this.#options.onProblem(error);
    }
    const onStop = this.#active.get(run)?.onStop ?? 'nothing';
    this.#active.delete(run);
    if (ended?.status === 'cancelled' && onStop !== 'nothing') {
      this.#store.transaction(() => {
        this.#store.lifecycle.requeue(run);
        this.#store.queue.put(run, 'front', onStop === 'hold');
      });
      ended = this.#store.runs.get(run);
    }
    if (ended) this.#options.onEnded(ended);
    this.#changed(run);
  }

  #stop(run: string, onStop: OnStop): void {
    const active = this.#active.get(run);
    if (!active) {
      const { name, status } = this.#store.runs.get(run);
      const why = status === 'running' ? 'another process trains it: stop it there' : `it is ${status}`;
      throw new UserError(`run ${name} (${run}) cannot be stopped here: ${why}`);
    }
    active.onStop = onStop;
    active.handle.cancel();
  }

  #busy(device: string): number {
    return [...this.#active.values()].filter((active) => active.device === device).length;
  }

  #paused(): boolean {
    return this.#store.settings.read('queue.paused', paused);
  }

  #activeState(run: RunRecord): ActiveRunState {
    const active = this.#active.get(run.id);
    return { run, progress: active?.progress ?? null, own: active !== undefined };
  }

  #changed(run: string | null): void {
    this.#options.onChange(run);
    if (!this.#closing) this.wake();
  }
}
