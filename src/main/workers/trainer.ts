/** Entry of the trainer process: runs one spec and sends batched events; ends with its parent. */

import { runTraining } from '../../core/families/trainer.ts';
import type { TrainerEvent } from '../../core/training/events.ts';
import type { HostMessage, WorkerMessage } from './messages.ts';
import { listenToParent, sendToParent } from './parent.ts';
import { type SentError, sentError } from './sent-error.ts';

const BATCH_MS = 100;

const abort = new AbortController();
const finish = new AbortController();
const acknowledged = Promise.withResolvers<void>();
/** Checkpoints that the training waits for. */
const unrecorded = new Map<string, () => void>();
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

/** Resolves with the host's word for a checkpoint that has been emitted. */
function recorded(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  unrecorded.set(path, resolve);
  return promise;
}

async function start({ spec }: Extract<HostMessage, { type: 'start' }>): Promise<never> {
  let failure: SentError | null = null;
  try {
    await runTraining(spec, emit, abort.signal, recorded, finish.signal);
    await flush();
  } catch (error) {
    failure = sentError(error);
    await flush();
  }
  await send({ type: 'ended', failure });
  await acknowledged.promise;
  process.exit(failure === null ? 0 : 1);
}

// A system that shuts down asks every process at once.
process.on('SIGTERM', () => abort.abort());

listenToParent((received) => {
  const message = received as HostMessage;
  if (message.type === 'start') void start(message);
  else if (message.type === 'cancel') abort.abort();
  else if (message.type === 'finish') finish.abort();
  else if (message.type === 'acknowledge') acknowledged.resolve();
  else {
    for (const path of message.paths) {
      unrecorded.get(path)?.();
      unrecorded.delete(path);
    }
  }
});
