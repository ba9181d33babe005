import { type ChildProcess, fork } from 'node:child_process';
import { processEntry } from '../../core/process-entry.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import { classifyEnd, type WorkerEnd, type WorkerEnding } from './ending.ts';
import type { HostMessage, WorkerMessage } from './messages.ts';

/** Starts trainers in processes of their own; one implementation for each kind of shell. */
export interface WorkerHost {
  /** Starts one training. `onEvents` gets its events in order, in batches, all of them before `ended`. */
  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker;
}

export interface TrainerWorker {
  /** The worker's own process, or null where it could not be started. */
  readonly pid: number | null;
  /** Never rejects. */
  readonly ended: Promise<WorkerEnding>;
  /** Asks the trainer to stop, and kills it when it has not after a while. */
  cancel(): void;
  /** Ends the worker at once; `because` becomes the ending's message. */
  kill(because: string): void;
}

export interface ForkHostOptions {
  /** The trainer's entry file; by default the one beside this file. */
  entry?: string;
  /** Node's own flags, such as a heap limit. */
  execArgv?: string[];
  /** How long a trainer may take to stop after it was asked to. */
  graceMs?: number;
}

const GRACE_MS = 15_000;
const STDERR_KEPT = 16_384;

/** Workers as child processes, for the command line and the browser shell. */
export class ForkHost implements WorkerHost {
  readonly #entry: string;
  readonly #execArgv: string[];
  readonly #graceMs: number;

  constructor(options: ForkHostOptions = {}) {
    this.#entry = options.entry ?? processEntry(import.meta.dirname, 'trainer');
    // Node 22 still announces that it strips types.
    this.#execArgv = options.execArgv ?? ['--disable-warning=ExperimentalWarning'];
    this.#graceMs = options.graceMs ?? GRACE_MS;
  }

  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker {
    const child = fork(this.#entry, [], {
      serialization: 'advanced',
      execArgv: this.#execArgv,
      // Stdout belongs to the shell's own answer. A group of its own keeps the terminal's Ctrl-C from
      // the worker: the shell asks it to stop instead.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
    });
    const worker = new ForkedWorker(child, onEvents, this.#graceMs);
    worker.send({ type: 'start', spec });
    return worker;
  }
}

class ForkedWorker implements TrainerWorker {
  readonly pid: number | null;
  readonly ended: Promise<WorkerEnding>;
  readonly #child: ChildProcess;
  readonly #onEvents: (events: TrainerEvent[]) => void;
  readonly #graceMs: number;
  readonly #known: Omit<WorkerEnd, 'code' | 'signal'> = {
    result: null,
    error: null,
    cancelRequested: false,
    killedBecause: null,
    stderr: '',
  };
  #grace: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, onEvents: (events: TrainerEvent[]) => void, graceMs: number) {
    this.#child = child;
    this.#onEvents = onEvents;
    this.#graceMs = graceMs;
    this.pid = child.pid ?? null;
    child.on('message', (message: WorkerMessage) => this.#receive(message));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#known.stderr = (this.#known.stderr + text).slice(-STDERR_KEPT);
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        clearTimeout(this.#grace);
        resolve(classifyEnd({ ...this.#known, code, signal }));
      };
      // "close" comes after the last message and the last line of stderr, "exit" may come before them.
      child.on('close', end);
      child.on('error', (error) => {
        this.#known.stderr += `\n${error.message}`;
        if (this.pid === null) end(null, null);
      });
    });
  }

  send(message: HostMessage): void {
    // A worker that is gone cannot be told anything; its ending says the rest.
    if (this.#child.connected) this.#child.send(message, () => {});
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
    this.#child.kill('SIGKILL');
  }

  #receive(message: WorkerMessage): void {
    if (message.type === 'error') this.#known.error = message;
    else {
      const result = message.events.find((event) => event.type === 'result');
      if (result) this.#known.result = result.result.status;
      this.#onEvents(message.events);
    }
  }
}
