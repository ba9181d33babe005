import { toApiError } from './api-errors.ts';

/**
 * Work that reports how far it is, as an iterator: it yields the newest progress there is whenever it is asked, and
 * returns what the work does. A slow reader misses only values in between.
 */
export async function* withProgress<P, T>(
  work: (onProgress: (progress: P) => void) => Promise<T>,
): AsyncGenerator<P, T, void> {
  let newest: P[] = [];
  let wake = () => {};
  let ended = false;
  const done = work((value) => {
    newest = [value];
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  done.then(end, end);
  while (!ended) {
    const [waiting] = newest;
    newest = [];
    if (waiting !== undefined) yield waiting;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  try {
    return await done;
  } catch (error) {
    // Nobody else looks at what an iterator throws once it has been handed over.
    throw toApiError(error);
  }
}
