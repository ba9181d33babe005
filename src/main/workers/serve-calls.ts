/** A worker's side of its channel: to Node's fork or to Electron's utility process, whichever started it. */
import type { CallReply, CallRequest } from './calls.ts';
import { sentError } from './sent-error.ts';

/** What Electron gives a utility process; its types are not there under plain Node. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function parentPort(): ParentPort | undefined {
  return 'parentPort' in process ? (process.parentPort as ParentPort) : undefined;
}

/** Resolves once the message is sent. Throws if the process has no parent. */
function sendToParent(message: CallReply): Promise<void> {
  const port = parentPort();
  if (port) {
    port.postMessage(message);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    if (!process.send) throw new Error('this is a worker: start it through its host');
    process.send(message, undefined, undefined, () => resolve());
  });
}

/** Listens to the parent. */
function listenToParent(listener: (message: unknown) => void, orphaned: () => void): void {
  // What a worker writes belongs to a home, which is its user's alone.
  process.umask(0o077);
  const port = parentPort();
  if (port) {
    // Electron ends its utility processes itself.
    port.on('message', ({ data }) => listener(data));
    return;
  }
  process.on('disconnect', orphaned);
  process.on('message', listener);
}

const exit = () => process.exit(1);

export interface CallContext<Progress, Message> {
  signal: AbortSignal;
  /** Resolves once the value is sent. */
  onProgress(value: Progress): Promise<void>;
  /** Sets the listener for the parent's messages to this call. */
  onMessage(listener: (message: Message) => void): void;
  /** Sets what happens once the parent has ended. Default: the process exits, as nobody would store the results. */
  onOrphaned(listener: () => void): void;
}

interface ServedCall {
  abort: AbortController;
  listener(message: unknown): void;
  orphaned(): void;
  acknowledged(): void;
}

/**
 * Serves the parent's calls, concurrently. For the entry file of a worker process.
 * @param options.once exit after the first call. An exit can overtake what was sent before it, so that this one waits until
 * the parent has acknowledged the call's end.
 */
export function serveCalls<Input, Progress, Message = never>(
  work: (input: Input, context: CallContext<Progress, Message>) => unknown,
  { once = false } = {},
): void {
  const calls = new Map<number, ServedCall>();
  const serve = async ({ id, input }: { id: number; input: Input }) => {
    const abort = new AbortController();
    const { promise: acknowledged, resolve } = Promise.withResolvers<void>();
    const call: ServedCall = { abort, listener: () => {}, orphaned: exit, acknowledged: resolve };
    calls.set(id, call);
    let exitCode = 0;
    try {
      const value = await work(input, {
        signal: abort.signal,
        onProgress: (value) => sendToParent({ type: 'progress', id, value }),
        onMessage: (listener) => {
          call.listener = listener as ServedCall['listener'];
        },
        onOrphaned: (listener) => {
          call.orphaned = listener;
        },
      });
      await sendToParent({ type: 'done', id, value });
    } catch (error) {
      // Also of a value that no message can carry.
      await sendToParent({ type: 'failed', id, ...sentError(error) });
      exitCode = 1;
    }
    if (once) {
      await acknowledged;
      process.exit(exitCode);
    }
    calls.delete(id);
  };
  const receive = (received: unknown) => {
    const request = received as CallRequest<Input>;
    if (request.type === 'call') return void serve(request);
    const call = calls.get(request.id);
    if (request.type === 'cancel') call?.abort.abort();
    else if (request.type === 'message') call?.listener(request.message);
    else call?.acknowledged();
  };
  listenToParent(receive, () => {
    if (calls.size === 0) exit();
    for (const { orphaned, acknowledged } of calls.values()) {
      acknowledged();
      orphaned();
    }
  });
}
