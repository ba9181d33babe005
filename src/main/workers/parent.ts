/** A worker's side of its channel: to Node's fork or to Electron's utility process, whichever started it. */

/** What Electron gives a utility process; its types are not there under plain Node. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function parentPort(): ParentPort | undefined {
  return 'parentPort' in process ? (process.parentPort as ParentPort) : undefined;
}

/** Resolves once the message is on its way. Throws where the process has no parent to talk to. */
export function sendToParent(message: unknown): Promise<void> {
  const port = parentPort();
  if (port) {
    port.postMessage(message);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    if (!process.send) throw new Error('this is a worker: start it through its host');
    process.send(message, undefined, undefined, () => resolve());
  });
}

/** Hears the parent, and ends this process when the parent is gone: nobody keeps the results then. */
export function listenToParent(listener: (message: unknown) => void): void {
  const port = parentPort();
  if (port) {
    // Electron ends its utility processes itself.
    port.on('message', ({ data }) => listener(data));
    return;
  }
  process.on('disconnect', () => process.exit(1));
  process.on('message', listener);
}
