/** Calls with answers between a process and a worker process that does heavy work for it. */
import { CancelledError, UserError } from '../../core/errors.ts';
import type { LaunchWorker, WorkerProcess } from './launch.ts';
import { listenToParent, sendToParent } from './parent.ts';
import { receivedError, type SentError, sentError } from './sent-error.ts';
import { errorLine } from './worker-exit.ts';

type TaskRequest =
  | { type: 'call'; id: number; task: string; input: unknown }
  | { type: 'cancel'; id: number };

type TaskReply =
  | { type: 'progress'; id: number; value: unknown }
  | { type: 'done'; id: number; value: unknown }
  | ({ type: 'failed'; id: number } & SentError);

/** A worker's tasks by name: input, progress and output. */
export type TaskShapes<T> = { [K in keyof T]: { input: unknown; progress?: unknown; output: unknown } };

export interface TaskContext<Progress> {
  signal: AbortSignal;
  onProgress(progress: Progress): void;
}

export type TaskHandlers<T extends TaskShapes<T>> = {
  [K in keyof T]: (
    input: T[K]['input'],
    context: TaskContext<T[K]['progress']>,
  ) => T[K]['output'] | Promise<T[K]['output']>;
};

/** Serves the parent's calls, concurrently. For the entry file of a worker process. */
export function serveTasks<T extends TaskShapes<T>>(handlers: TaskHandlers<T>): void {
  const running = new Map<number, AbortController>();
  const reply = (message: TaskReply) => sendToParent(message);
  const work = async ({ id, task, input }: Extract<TaskRequest, { type: 'call' }>) => {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const handler = handlers[task as keyof T];
      const onProgress = (value: unknown) => void reply({ type: 'progress', id, value });
      const value = await handler(input, { signal: abort.signal, onProgress });
      await reply({ type: 'done', id, value });
    } catch (error) {
      await reply({ type: 'failed', id, ...sentError(error) });
    } finally {
      running.delete(id);
    }
  };
  listenToParent((received) => {
    const message = received as TaskRequest;
    if (message.type === 'call') void work(message);
    else running.get(message.id)?.abort();
  });
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress(value: unknown): void;
}

const STDERR_KEPT = 4_096;

/** Calls a worker process, which starts with the first call, and again after it has died. */
export class TaskClient<T extends TaskShapes<T>> {
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

  /** Rejects with the worker's own error, or with UserError if its process died. */
  call<K extends keyof T & string>(
    task: K,
    input: T[K]['input'],
    options: { signal?: AbortSignal; onProgress?: (progress: T[K]['progress']) => void } = {},
  ): Promise<T[K]['output']> {
    const id = ++this.#lastId;
    const { signal, onProgress } = options;
    const worker = this.#running();
    const cancel = () => worker.send({ type: 'cancel', id } satisfies TaskRequest);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress: (value) => onProgress?.(value) });
    });
    worker.send({ type: 'call', id, task, input } satisfies TaskRequest);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal?.removeEventListener('abort', cancel));
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
      message: (message) => this.#receive(message as TaskReply),
      stderr: (text) => {
        this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
      },
      end: (code, signal) => this.#ended(worker, signal ?? `code ${code}`),
    });
    this.#process = worker;
    return worker;
  }

  #receive(reply: TaskReply): void {
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
