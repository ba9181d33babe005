import type { Socket } from 'node:net';

/** Connections that have shown no session yet. */
const MAX_STRANGERS = 32;
/** How long one may take to show it. */
const STRANGER_MS = 10_000;

/** Keeps connections without a session few and short, so that nobody can take all that the windows need. */
export class Strangers {
  /** Oldest first. */
  readonly #sockets = new Map<Socket, NodeJS.Timeout>();

  /** Takes in a new connection; the oldest one goes where there are too many. */
  add(socket: Socket): void {
    const [oldest] = this.#sockets.keys();
    if (this.#sockets.size >= MAX_STRANGERS) oldest.destroy();
    this.#sockets.set(
      socket,
      setTimeout(() => socket.destroy(), STRANGER_MS),
    );
    socket.once('close', () => this.admit(socket));
  }

  /** It has shown its session, or is gone. */
  admit(socket: Socket): void {
    clearTimeout(this.#sockets.get(socket));
    this.#sockets.delete(socket);
  }
}
