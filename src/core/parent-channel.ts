/** A worker's side of its channel: to Node's fork or to Electron's utility process, whichever started it. */

/** What Electron gives a utility process; its types are not there under plain Node. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function parentPort(): ParentPort | undefined {
  return 'parentPort' in process ? (process.parentPort as ParentPort) : undefined;
}

/** Resolves once the message is sent. Throws if the process has no parent. */
export function sendToParent(message: unknown): Promise<void> {
  const port = parentPort();
  if (port) {
    port.postMessage(message);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    if (!process.send) throw new Error('this is a worker: start it through its host');
    process.send(message as object, undefined, undefined, () => resolve());
  });
}

/** Listens to the parent. */
export function listenToParent(listener: (message: unknown) => void, orphaned: () => void): void {
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
