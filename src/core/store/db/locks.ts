import { z } from 'zod';
import { type Machine, thisMachine } from '../../machine.ts';
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
  readonly #machine: Machine;

  constructor(connection: Connection, machine: Machine = thisMachine) {
    super(connection);
    this.#machine = machine;
  }

  /** Takes the lock or renews it. Returns false where a living process holds it. */
  acquire(name: string): boolean {
    const { pid, pidScope, startTime } = this.#machine.self;
    return this.connection.transaction(() => {
      if (!this.isFree(name)) return false;
      const lock = {
        name,
        pid,
        space: pidScope,
        start_time: startTime,
        heartbeat: this.#machine.clock.now(),
      };
      this.connection.replace('locks', lock);
      return true;
    });
  }

  /** The process that holds the lock, or null. */
  holder(name: string): number | null {
    const lock = this.connection.first(lockRow, 'SELECT * FROM locks WHERE name = ?', name);
    if (lock === null) return null;
    const { pid, space: pidScope, startTime, heartbeat } = lock;
    return this.#machine.isAlive({ pid, pidScope, startTime }, heartbeat) ? pid : null;
  }

  /** Whether this process holds the lock or can take it. */
  isFree(name: string): boolean {
    return this.holder(name) === null || this.#isOwn(name);
  }

  release(name: string): void {
    if (this.#isOwn(name)) this.connection.run('DELETE FROM locks WHERE name = ?', name);
  }

  #isOwn(name: string): boolean {
    const { pid, pidScope, startTime } = this.#machine.self;
    const held = 'SELECT name FROM locks WHERE name = ? AND pid = ? AND space = ? AND start_time = ?';
    return this.connection.get(held, name, pid, pidScope, startTime) !== undefined;
  }
}
