import { z } from 'zod';
import { isAlive, ownIdentity, type ProcessIdentity } from '../../process-identity.ts';
import { rowOf } from './columns.ts';
import type { Connection } from './connection.ts';
import { StoreTables } from './store-tables.ts';

const lockRow = rowOf({
  pid: z.number(),
  space: z.string(),
  start_time: z.string(),
  heartbeat: z.number(),
});

/** Locks between the processes that have the home open; a process that ended holds none. */
export class Locks extends StoreTables {
  readonly #self: ProcessIdentity;

  constructor(connection: Connection, self: ProcessIdentity = ownIdentity()) {
    super(connection);
    this.#self = self;
  }

  /** Takes the lock or renews it. Returns false where a living process holds it. */
  acquire(name: string): boolean {
    const { pid, pidScope, startTime } = this.#self;
    return this.connection.transaction(() => {
      if (!this.isFree(name)) return false;
      const lock = { name, pid, space: pidScope, start_time: startTime, heartbeat: Date.now() };
      this.connection.replace('locks', lock);
      return true;
    });
  }

  /** The process that holds the lock, or null. */
  holder(name: string): number | null {
    const lock = this.connection.first(lockRow, 'SELECT * FROM locks WHERE name = ?', name);
    if (lock === null) return null;
    const { pid, space: pidScope, startTime, heartbeat } = lock;
    return isAlive({ pid, pidScope, startTime }, heartbeat) ? pid : null;
  }

  /** Whether this process holds the lock or can take it. */
  isFree(name: string): boolean {
    return this.holder(name) === null || this.#isOwn(name);
  }

  release(name: string): void {
    if (this.#isOwn(name)) this.connection.run('DELETE FROM locks WHERE name = ?', name);
  }

  #isOwn(name: string): boolean {
    const { pid, pidScope, startTime } = this.#self;
    const held = 'SELECT name FROM locks WHERE name = ? AND pid = ? AND space = ? AND start_time = ?';
    return this.connection.get(held, name, pid, pidScope, startTime) !== undefined;
  }
}
