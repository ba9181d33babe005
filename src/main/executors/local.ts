import { type Machine, thisMachine } from '../../core/machine.ts';
import { processEntry } from '../../core/process-entry.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { readToEnd } from '../../core/training/journal.ts';
import type { CallReply, CallRequest } from '../workers/calls.ts';
import { forkLauncher, type LaunchWorker } from '../workers/launch.ts';
import type { SentError } from '../workers/sent-error.ts';
import type { TrainerMessage, TrainerReport } from '../workers/serve-trainings.ts';
import { classifyExit, type WorkerExit } from '../workers/worker-exit.ts';
import { attachTo } from './attach.ts';
import { canceller, GRACE_MS } from './canceller.ts';
import type { Executor, LeftTraining, TrainerListener, TrainerWorker } from './executor.ts';

export interface LocalExecutorOptions {
  /** The trainer's entry file. Default: the one beside the workers. */
  entry?: string;
  /** How long a trainer may take to stop when cancelled. */
  graceMs?: number;
  machine?: Machine;
}

const STDERR_KEPT = 16_384;
/** A trainer's only call. */
const ID = 1;

/** Trains on this machine, in processes that `launch` starts. A pipe brings what the journal has. */
export class LocalExecutor implements Executor {
  readonly #launch: LaunchWorker;
  readonly #entry: string;
  readonly #graceMs: number;
  readonly #machine: Machine;

  /** `launch` by default: child processes of Node, for the command line and the browser shell. */
  constructor(launch = forkLauncher(), options: LocalExecutorOptions = {}) {
    this.#launch = launch;
    this.#entry = options.entry ?? processEntry(import.meta.dirname, 'trainer', '../workers/trainer.ts');
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#machine = options.machine ?? thisMachine;
  }

  attach(left: LeftTraining, { onReport }: TrainerListener): TrainerWorker {
    return attachTo(left, onReport, this.#graceMs, this.#machine);
  }

  start(spec: TrainSpec, { onReport }: TrainerListener): TrainerWorker {
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    let result: 'completed' | 'cancelled' | null = null;
    let error: SentError | null = null;
    let killedBecause: string | null = null;
    let stderr = '';
    let offset = 0;
    const report = (heard: TrainerReport) => {
      offset = heard.offset ?? offset;
      const ending = heard.events.find((event) => event.type === 'result');
      if (ending) result = ending.result.status;
      onReport(heard);
    };
    const worker = this.#launch(this.#entry, {
      message: (message) => {
        const reply = message as CallReply<TrainerReport>;
        if (reply.type === 'progress') return report(reply.value);
        if (reply.type === 'failed') error = reply;
        send({ type: 'acknowledge', id: ID });
      },
      stderr: (text) => {
        stderr = (stderr + text).slice(-STDERR_KEPT);
      },
      end: (code, signal) => {
        cancelling.settle();
        // What a killed trainer had no time to send.
        for (const part of spec.journal ? readToEnd(spec.journal, offset) : []) report(part);
        const cancelRequested = cancelling.requested;
        resolve(classifyExit({ result, error, cancelRequested, killedBecause, stderr, code, signal }));
      },
    });
    const send = (request: CallRequest<TrainSpec, TrainerMessage>) => worker.send(request);
    const kill = (because: string) => {
      killedBecause ??= because;
      worker.kill();
    };
    const ask = () => send({ type: 'cancel', id: ID });
    const cancelling = canceller(ask, kill, this.#graceMs, this.#machine.clock);
    send({ type: 'call', id: ID, input: spec });
    return {
      ended,
      stopAfterEpoch: () => send({ type: 'message', id: ID, message: 'stopAfterEpoch' }),
      goOn: () => send({ type: 'message', id: ID, message: 'goOn' }),
      cancel: cancelling.cancel,
      kill,
    };
  }
}
