/** Electron's `process.parentPort` in a utility process; Node's channel is not there. */
import { EventEmitter } from 'node:events';

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
