/** Calls of a worker process: an input, values while it works, and an output or an error. */
import { CancelledError, UserError } from '../../core/errors.ts';
import type { LaunchWorker, WorkerProcess } from './launch.ts';
import { receivedError, type SentError } from './sent-error.ts';
import { errorLine } from './worker-exit.ts';

/** To a worker. */
export type CallRequest<Input = unknown, Message = unknown> =
  | { type: 'call'; id: number; input: Input }
  | { type: 'cancel'; id: number }
  /** Something that a call has to know while it works. */
  | { type: 'message'; id: number; message: Message }
  /** The call's end has arrived: a worker that serves one call may exit. */
  | { type: 'acknowledge'; id: number };

/** From a worker. */
export type CallReply<Progress = unknown> =
  | { type: 'progress'; id: number; value: Progress }
  | { type: 'done'; id: number; value: unknown }
  | ({ type: 'failed'; id: number } & SentError);

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress(value: unknown): void;
}

const STDERR_KEPT = 4_096;

/** Calls a worker process, which starts with the first call, and again after it has died. */
export class CallClient<Input, Progress, Output> {
  readonly #launch: LaunchWorker;
  readonly #entry: string;
  /** What the process is called in messages, such as "the importer". */
  readonly #name: string;
  readonly #pending = new Map<number, PendingCall>();
  #process: WorkerProcess | null = null;
  #lastId = 0;
  #stderr = '';

  constructor(launch: LaunchWorker, entry: string, name: string) {
    this.#launch = launch;
    this.#entry = entry;
    this.#name = name;
  }

  /** Whether its process runs, and works for nobody. */
  get isIdle(): boolean {
    return this.#process !== null && this.#pending.size === 0;
  }

  /** Rejects with the worker's own error, or with UserError if its process died. */
  call(
    input: Input,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
  ): Promise<Output> {
    const id = ++this.#lastId;
    const worker = this.#running();
    const cancel = () => worker.send({ type: 'cancel', id } satisfies CallRequest);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress: (value) => onProgress?.(value as Progress) });
    });
    worker.send({ type: 'call', id, input } satisfies CallRequest);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<Output>;
  }

  /** Ends the process; calls that wait are rejected as cancelled. */
  stop(): void {
    const worker = this.#process;
    this.#process = null;
    this.#rejectAll(() => new CancelledError(`${this.#name} was stopped`));
    worker?.kill();
  }

  #running(): WorkerProcess {
    if (this.#process) return this.#process;
    this.#stderr = '';
    const worker: WorkerProcess = this.#launch(this.#entry, {
      message: (message) => this.#receive(message as CallReply),
      stderr: (text) => {
        this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
      },
      end: (code, signal) => this.#ended(worker, signal ?? `code ${code}`),
    });
    this.#process = worker;
    return worker;
  }

  #receive(reply: CallReply): void {
    const call = this.#pending.get(reply.id);
    if (!call) return;
    if (reply.type === 'progress') call.onProgress(reply.value);
    else {
      this.#pending.delete(reply.id);
      if (reply.type === 'done') call.resolve(reply.value);
      else call.reject(receivedError(reply));
    }
  }

  #ended(worker: WorkerProcess, how: string): void {
    if (this.#process !== worker) return;
    this.#process = null;
    const line = errorLine(this.#stderr);
    const why = line === '' ? '' : `: ${line}`;
    this.#rejectAll(
      () => new UserError(`${this.#name} ended before it had an answer (${how})${why}; try again`),
    );
  }

  #rejectAll(error: () => Error): void {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of calls) reject(error());
  }
}
