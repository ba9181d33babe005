/** Electron's `process.parentPort` in a utility process; Node's channel is not there, and no script can be forked. */
import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';

// With the fuse runAsNode off, Electron would start the program once more, with the script as a file to open.
childProcess.fork = () => {
  throw new Error('a utility process cannot fork');
};
syncBuiltinESMExports();

class ParentPort extends EventEmitter {
  readonly #send = process.send?.bind(process);

  postMessage(message: unknown): void {
    this.#send?.(structuredClone(message) as object);
  }
}

const port = new ParentPort();
process.on('message', (data) => port.emit('message', { data, ports: [] }));
// Chromium ends its children with itself.
process.on('disconnect', () => process.exit(0));
Object.assign(process, { parentPort: port, send: undefined });
