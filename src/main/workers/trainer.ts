/** Entry of the trainer process: runs one spec and sends batched events; ends with its parent. */

import { runTraining } from '../../core/families/trainer.ts';
import type { TrainerEvent } from '../../core/training/events.ts';
import type { HostMessage, WorkerMessage } from './messages.ts';
import { listenToParent, sendToParent } from './parent.ts';
import { sentError } from './sent-error.ts';

const BATCH_MS = 100;

const abort = new AbortController();
let pending: TrainerEvent[] = [];
let timer: NodeJS.Timeout | undefined;

const send = (message: WorkerMessage): Promise<void> => sendToParent(message);

function flush(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (pending.length === 0) return Promise.resolve();
  const events = pending;
  pending = [];
  return send({ type: 'events', events });
}

function emit(event: TrainerEvent): void {
  pending.push(event);
  // A checkpoint counts once the parent has recorded it.
  if (event.type === 'checkpoint') void flush();
  else timer ??= setTimeout(() => void flush(), BATCH_MS);
}

async function start(message: Extract<HostMessage, { type: 'start' }>): Promise<never> {
  try {
    await runTraining(message.spec, emit, abort.signal);
    await flush();
    process.exit(0);
  } catch (error) {
    await flush();
    await send({ type: 'error', ...sentError(error) });
    process.exit(1);
  }
}

listenToParent((received) => {
  const message = received as HostMessage;
  if (message.type === 'start') void start(message);
  else abort.abort();
});
