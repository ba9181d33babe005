import type { AppEvent } from '../../core/api/events.ts';

/** A window draws no more often than it can be told; in between the newest of each kind waits. */
const BATCH_MS = 100;

/** Events of one key replace each other while they wait; null keeps each. */
function keyOf(event: AppEvent): string | null {
  if (event.type === 'notice') return null;
  if (event.type === 'import') return `import ${event.state.id}`;
  return `${event.type} ${'run' in event ? event.run : ''}`;
}

/** Tells every open window what has changed. */
export class EventBus {
  readonly #listeners = new Set<(event: AppEvent) => void>();

  emit(event: AppEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The events from now on, until the signal fires. A slow reader misses no last state, only those between. */
  async *subscribe(signal: AbortSignal): AsyncGenerator<AppEvent, void, void> {
    const waiting = new Map<string, AppEvent>();
    let count = 0;
    let wake = () => {};
    const listener = (event: AppEvent) => {
      waiting.set(keyOf(event) ?? `notice ${count++}`, event);
      wake();
    };
    this.#listeners.add(listener);
    const stop = () => wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        if (waiting.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const events = [...waiting.values()];
        waiting.clear();
        yield* events;
        if (!signal.aborted) await pause(BATCH_MS, signal);
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', stop);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
