/** Entry of the trainer process: runs one spec and sends batched events; ends with its parent. */

import { runTraining } from '../../core/families/trainer.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import type { TrainerMessage } from './host.ts';
import { serveCalls } from './serve-calls.ts';
import { withUsage } from './usage.ts';

const BATCH_MS = 100;

// A system that shuts down asks every process at once.
const shutdown = new AbortController();
process.on('SIGTERM', () => shutdown.abort());

/** Collects events: a training of many short steps sends few messages. */
function batches(send: (events: TrainerEvent[]) => Promise<void>) {
  let pending: TrainerEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    const events = pending;
    pending = [];
    if (events.length > 0) await send(events);
  };
  const emit = (event: TrainerEvent) => {
    pending.push(event);
    // A checkpoint counts once the parent has recorded it.
    if (event.type === 'checkpoint') void flush();
    else timer ??= setTimeout(() => void flush(), BATCH_MS);
  };
  return { emit, flush };
}

serveCalls<TrainSpec, TrainerEvent[], TrainerMessage>(
  async (spec, { signal, onProgress, onMessage }) => {
    const { emit, flush } = batches(onProgress);
    const stopAfterEpoch = new AbortController();
    /** Checkpoints that the training waits for. */
    const unrecorded = new Map<string, () => void>();
    const recorded = (path: string) => new Promise<void>((resolve) => unrecorded.set(path, resolve));
    onMessage((message) => {
      if (message.type === 'stopAfterEpoch') stopAfterEpoch.abort();
      else for (const path of message.paths) unrecorded.get(path)?.();
    });
    try {
      await runTraining(
        spec,
        withUsage(emit),
        AbortSignal.any([signal, shutdown.signal]),
        recorded,
        stopAfterEpoch.signal,
      );
    } finally {
      await flush();
    }
  },
  { once: true },
);
