/** A worker's side of its calls. */
import { listenToParent, sendToParent } from '../../core/parent-channel.ts';
import type { CallReply, CallRequest } from './calls.ts';
import { sentError } from './sent-error.ts';

const exit = () => process.exit(1);
const reply = (message: CallReply) => sendToParent(message);

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
        onProgress: (value) => reply({ type: 'progress', id, value }),
        onMessage: (listener) => {
          call.listener = listener as ServedCall['listener'];
        },
        onOrphaned: (listener) => {
          call.orphaned = listener;
        },
      });
      await reply({ type: 'done', id, value });
    } catch (error) {
      // Also of a value that no message can carry.
      await reply({ type: 'failed', id, ...sentError(error) });
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
