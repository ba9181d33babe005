import { z } from 'zod';
import { livenessOf, ownIdentity, type ProcessIdentity } from '../process-identity.ts';
import type { Connection } from './connection.ts';

/** Only counts where the process itself cannot be looked at. */
const HEARTBEAT_LIMIT_MS = 60_000;

const lockRow = z.object({
  pid: z.number(),
  space: z.string(),
  start_time: z.string(),
  heartbeat: z.number(),
});

/** Locks between the processes that have the home open; a process that ended holds none. */
export class Locks {
  readonly #connection: Connection;
  readonly #self: ProcessIdentity;

  constructor(connection: Connection, self: ProcessIdentity = ownIdentity()) {
    this.#connection = connection;
    this.#self = self;
  }

  /** Takes the lock or renews it. Returns false where a living process holds it. */
  acquire(name: string): boolean {
    const { pid, pidScope, startTime } = this.#self;
    return this.#connection.transaction(() => {
      if (this.holder(name) !== null && !this.#isOwn(name)) return false;
      this.#connection.run(
        'INSERT OR REPLACE INTO locks (name, pid, space, start_time, heartbeat) VALUES (?, ?, ?, ?, ?)',
        name,
        pid,
        pidScope,
        startTime,
        Date.now(),
      );
      return true;
    });
  }

  /** The process that holds the lock, or null. */
  holder(name: string): number | null {
    const row = this.#connection.get('SELECT * FROM locks WHERE name = ?', name);
    if (row === undefined) return null;
    const { pid, space, start_time: startTime, heartbeat } = lockRow.parse(row);
    const liveness = livenessOf({ pid, pidScope: space, startTime });
    const alive =
      liveness === 'unknown' ? Date.now() - heartbeat <= HEARTBEAT_LIMIT_MS : liveness === 'alive';
    return alive ? pid : null;
  }

  release(name: string): void {
    if (this.#isOwn(name)) this.#connection.run('DELETE FROM locks WHERE name = ?', name);
  }

  #isOwn(name: string): boolean {
    const { pid, pidScope, startTime } = this.#self;
    const own = 'SELECT name FROM locks WHERE name = ? AND pid = ? AND space = ? AND start_time = ?';
    return this.#connection.get(own, name, pid, pidScope, startTime) !== undefined;
  }
}
