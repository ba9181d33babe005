import type { AppEvent } from '../../core/api/events.ts';

/** How long events are collected: a window need not draw more often. The latest of each kind is sent. */
const BATCH_MS = 100;

const MOST_EARLY = 20;

/** Waiting events with the same key replace each other; null keeps every one. */
function keyOf(event: AppEvent): string | null {
  if (event.type === 'notice') return null;
  if (event.type === 'import' || event.type === 'work') return `${event.type} ${event.state.id}`;
  return `${event.type} ${'run' in event ? event.run : ''}`;
}

/** Sends every open window what has changed. */
export class EventBus {
  readonly #listeners = new Set<(event: AppEvent) => void>();
  /** Of the program itself, to which no notice is meant. */
  readonly #watchers = new Set<(event: AppEvent) => void>();
  /** Notices of before anybody listened: whoever comes first gets them. */
  #early: AppEvent[] = [];

  emit(event: AppEvent): void {
    if (this.#listeners.size === 0 && event.type === 'notice')
      this.#early = [...this.#early, event].slice(-MOST_EARLY);
    for (const listener of [...this.#listeners, ...this.#watchers]) listener(event);
  }

  /** Calls the listener at each event, until the function that is returned is called. Notices wait for a window all the same. */
  watch(listener: (event: AppEvent) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** Yields events from now on, until the signal fires. A slow reader misses only intermediate states, never the last. */
  async *subscribe(signal: AbortSignal): AsyncGenerator<AppEvent, void, void> {
    const waiting = new Map<string, AppEvent>();
    let count = 0;
    let wake = () => {};
    const listener = (event: AppEvent) => {
      waiting.set(keyOf(event) ?? `notice ${count++}`, event);
      wake();
    };
    this.#listeners.add(listener);
    this.#early.splice(0).forEach(listener);
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
