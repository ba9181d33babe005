import { AsyncResource } from 'node:async_hooks';

/** How work is cancelled, and reports its progress. */
export interface WorkContext<Progress> {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
}

/**
 * Turns work that reports progress through a callback into an iterator: it yields the latest progress and returns the
 * work's result. A slow reader misses only values in between, and no field that the latest value lacks.
 */
export function withProgress<P extends object, T>(
  work: (onProgress: (progress: P) => void) => Promise<T>,
): AsyncGenerator<P, T, void> {
  // Work belongs to the call that asked for it, whoever reads its progress.
  return iterate(AsyncResource.bind(work));
}

async function* iterate<P extends object, T>(
  work: (onProgress: (progress: P) => void) => Promise<T>,
): AsyncGenerator<P, T, void> {
  let unread: P | null = null;
  let wake = () => {};
  let ended = false;
  const done = work((value) => {
    unread = { ...unread, ...value };
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  done.then(end, end);
  while (!ended) {
    const waiting = unread;
    unread = null;
    if (waiting !== null) yield waiting;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return done;
}

/** Whether a procedure's output is an iterator, such as `withProgress` makes. */
export function isIterator(output: unknown): output is AsyncIterator<object, unknown, void> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}
