/**
 * Turns work that reports progress through a callback into an iterator: it yields the latest progress and returns the
 * work's result. A slow reader misses only values in between.
 */
export async function* withProgress<P, T>(
  work: (onProgress: (progress: P) => void) => Promise<T>,
): AsyncGenerator<P, T, void> {
  let latest: P[] = [];
  let wake = () => {};
  let ended = false;
  const done = work((value) => {
    latest = [value];
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  done.then(end, end);
  while (!ended) {
    const [waiting] = latest;
    latest = [];
    if (waiting !== undefined) yield waiting;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return done;
}

/** Whether a procedure's output is an iterator, such as `withProgress` makes. */
export function isIterator(output: unknown): output is AsyncIterator<unknown, unknown, void> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}
