import { processEntry } from '../../core/process-entry.ts';
import type { RunResult, TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import type { CallReply, CallRequest } from './calls.ts';
import { forkLauncher, type LaunchWorker } from './launch.ts';
import type { SentError } from './sent-error.ts';
import { classifyExit, type WorkerExit } from './worker-exit.ts';

/** To a trainer while it trains. */
export type TrainerMessage =
  /** The present epoch is the last one. */
  | { type: 'stopAfterEpoch' }
  /** These checkpoints are in the store. */
  | { type: 'recorded'; paths: readonly string[] };

/** Starts trainers in their own processes. */
export interface WorkerHost {
  /** Starts one training. `onEvents` receives its events in order, in batches, all of them before `ended` resolves. */
  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker;
}

export interface TrainerWorker {
  /** Never rejects. */
  readonly ended: Promise<WorkerExit>;
  /** Tells the trainer that these checkpoints are recorded: it waits for that before it goes on. */
  recorded(paths: readonly string[]): void;
  /** Asks the trainer to end after its present epoch, with the test. */
  stopAfterEpoch(): void;
  /** Asks the trainer to stop, and kills it if it does not within the grace period. Asked again, kills it at once. */
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

const GRACE_MS = 15_000;
const STDERR_KEPT = 16_384;
/** A trainer's only call. */
const ID = 1;

/** Trainers in processes that `launch` starts. */
export class ProcessHost implements WorkerHost {
  readonly #launch: LaunchWorker;
  readonly #entry: string;
  readonly #graceMs: number;

  /** `launch` by default: child processes of Node, for the command line and the browser shell. */
  constructor(launch = forkLauncher(), options: ProcessHostOptions = {}) {
    this.#launch = launch;
    this.#entry = options.entry ?? processEntry(import.meta.dirname, 'trainer');
    this.#graceMs = options.graceMs ?? GRACE_MS;
  }

  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker {
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    let result: RunResult['status'] | null = null;
    let error: SentError | null = null;
    let killedBecause: string | null = null;
    let stderr = '';
    let grace: NodeJS.Timeout | undefined;
    let cancelRequested = false;
    const worker = this.#launch(this.#entry, {
      message: (message) => {
        const reply = message as CallReply<TrainerEvent[]>;
        if (reply.type === 'progress') {
          const ending = reply.value.find((event) => event.type === 'result');
          if (ending) result = ending.result.status;
          onEvents(reply.value);
          return;
        }
        if (reply.type === 'failed') error = reply;
        send({ type: 'acknowledge', id: ID });
      },
      stderr: (text) => {
        stderr = (stderr + text).slice(-STDERR_KEPT);
      },
      end: (code, signal) => {
        clearTimeout(grace);
        resolve(classifyExit({ result, error, cancelRequested, killedBecause, stderr, code, signal }));
      },
    });
    const send = (request: CallRequest<TrainSpec, TrainerMessage>) => worker.send(request);
    const kill = (because: string) => {
      killedBecause ??= because;
      worker.kill();
    };
    send({ type: 'call', id: ID, input: spec });
    return {
      ended,
      recorded: (paths) => {
        if (paths.length > 0) send({ type: 'message', id: ID, message: { type: 'recorded', paths } });
      },
      stopAfterEpoch: () => send({ type: 'message', id: ID, message: { type: 'stopAfterEpoch' } }),
      cancel: () => {
        if (cancelRequested) return kill('the trainer was killed before it had stopped');
        cancelRequested = true;
        send({ type: 'cancel', id: ID });
        const seconds = Math.round(this.#graceMs / 1000);
        grace = setTimeout(
          () => kill(`the trainer did not stop within ${seconds} s of being asked and was killed`),
          this.#graceMs,
        ).unref();
      },
      kill,
    };
  }
}
