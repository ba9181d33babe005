import { processEntry } from '../../core/process-entry.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import { forkLauncher, type LaunchWorker, type WorkerProcess } from './launch.ts';
import type { HostMessage, WorkerMessage } from './messages.ts';
import { classifyExit, type ExitEvidence, type WorkerExit } from './worker-exit.ts';

/** Starts trainers in their own processes. */
export interface WorkerHost {
  /** Starts one training. `onEvents` receives its events in order, in batches, all of them before `ended` resolves. */
  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker;
}

export interface TrainerWorker {
  /** The worker's process id, or null if it could not be started or has not started yet. */
  readonly pid: number | null;
  /** Never rejects. */
  readonly ended: Promise<WorkerExit>;
  /** Tells the trainer that these checkpoints are recorded: it waits for that before it goes on. */
  recorded(paths: readonly string[]): void;
  /** Asks the trainer to end after its present epoch, with the test. */
  finish(): void;
  /** Asks the trainer to stop, and kills it if it does not within the grace period. */
  cancel(): void;
  /** Kills the worker; `because` becomes the message of its exit. */
  kill(because: string): void;
}

export interface ProcessHostOptions {
  /** The trainer's entry file. Default: the one beside this file. */
  entry?: string;
  /** How long a trainer may take to stop when cancelled. */
  graceMs?: number;
}

export interface ForkHostOptions extends ProcessHostOptions {
  /** Node's own flags, such as a heap limit. */
  execArgv?: string[];
}

const GRACE_MS = 15_000;
const STDERR_KEPT = 16_384;

/** Trainers in processes that `launch` starts. */
export class ProcessHost implements WorkerHost {
  readonly #launch: LaunchWorker;
  readonly #entry: string;
  readonly #graceMs: number;

  constructor(launch: LaunchWorker, options: ProcessHostOptions = {}) {
    this.#launch = launch;
    this.#entry = options.entry ?? processEntry(import.meta.dirname, 'trainer');
    this.#graceMs = options.graceMs ?? GRACE_MS;
  }

  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker {
    const worker = new HostedWorker(this.#launch, this.#entry, onEvents, this.#graceMs);
    worker.send({ type: 'start', spec });
    return worker;
  }
}

/** Trainers as child processes of Node, for the command line and the browser shell. */
export class ForkHost extends ProcessHost {
  constructor({ execArgv, ...options }: ForkHostOptions = {}) {
    super(forkLauncher(execArgv), options);
  }
}

class HostedWorker implements TrainerWorker {
  readonly ended: Promise<WorkerExit>;
  readonly #process: WorkerProcess;
  readonly #onEvents: (events: TrainerEvent[]) => void;
  readonly #graceMs: number;
  readonly #known: Omit<ExitEvidence, 'code' | 'signal'> = {
    result: null,
    error: null,
    cancelRequested: false,
    killedBecause: null,
    stderr: '',
  };
  #grace: NodeJS.Timeout | undefined;

  constructor(
    launch: LaunchWorker,
    entry: string,
    onEvents: (events: TrainerEvent[]) => void,
    graceMs: number,
  ) {
    this.#onEvents = onEvents;
    this.#graceMs = graceMs;
    const { promise, resolve } = Promise.withResolvers<WorkerExit>();
    this.ended = promise;
    this.#process = launch(entry, {
      message: (message) => this.#receive(message as WorkerMessage),
      stderr: (text) => {
        this.#known.stderr = (this.#known.stderr + text).slice(-STDERR_KEPT);
      },
      end: (code, signal) => {
        clearTimeout(this.#grace);
        resolve(classifyExit({ ...this.#known, code, signal }));
      },
    });
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  send(message: HostMessage): void {
    this.#process.send(message);
  }

  recorded(paths: readonly string[]): void {
    if (paths.length > 0) this.send({ type: 'recorded', paths });
  }

  finish(): void {
    this.send({ type: 'finish' });
  }

  cancel(): void {
    if (this.#known.cancelRequested) return;
    this.#known.cancelRequested = true;
    this.send({ type: 'cancel' });
    const seconds = Math.round(this.#graceMs / 1000);
    this.#grace = setTimeout(
      () => this.kill(`the trainer did not stop within ${seconds} s of being asked and was killed`),
      this.#graceMs,
    );
  }

  kill(because: string): void {
    this.#known.killedBecause ??= because;
    this.#process.kill();
  }

  #receive(message: WorkerMessage): void {
    if (message.type === 'ended') {
      this.#known.error = message.failure;
      this.send({ type: 'acknowledge' });
    } else {
      const result = message.events.find((event) => event.type === 'result');
      if (result) this.#known.result = result.result.status;
      this.#onEvents(message.events);
    }
  }
}
