import { z } from 'zod';
import { StoreTables } from '../db/store-tables.ts';

const entryRow = z
  .object({ run: z.string(), held: z.number() })
  .transform(({ run, held }): QueueEntry => ({ run, held: held === 1 }));
/** `place`: the host that trains it; null for this machine. */
export const readyRow = z.object({ run: z.string(), device: z.string(), place: z.string().nullable() });
export type ReadyRun = z.output<typeof readyRow>;
const boundRow = z.object({ bound: z.number().nullable() });

export interface QueueEntry {
  run: string;
  /** Waits until it is released, whatever is free. */
  held: boolean;
}

/** What is in the trash does not wait, nor do the runs of a data set that is; restored, they are where they were. */
const WAITING = `FROM queue JOIN runs ON runs.id = queue.run LEFT JOIN datasets ON datasets.id = runs.dataset_id
  WHERE runs.deleted_at IS NULL AND datasets.deleted_at IS NULL AND status = 'queued'`;

/**
 * The runs that wait to be trained, in order. A run that the queue began keeps its place, unseen, until it has ended: so
 * one that stops, or whose host is lost, goes back there (`Lifecycle`).
 */
export class Queue extends StoreTables {
  /** First to start first. */
  list(): QueueEntry[] {
    return this.connection.rows(entryRow, `SELECT run, held ${WAITING} ORDER BY position, run`);
  }

  /** The runs that wait and are not held, first to start first, each with the requested device. */
  ready(): ReadyRun[] {
    const sql = `SELECT run, requested_device AS device, place ${WAITING} AND held = 0 ORDER BY position, run`;
    return this.connection.rows(readyRow, sql);
  }

  /** Whether the run waits. */
  has(run: string): boolean {
    return this.connection.get(`SELECT run ${WAITING} AND run = ?`, run) !== undefined;
  }

  /** Whether the run waits and is not held. */
  isReady(run: string): boolean {
    return this.connection.get(`SELECT run ${WAITING} AND run = ? AND held = 0`, run) !== undefined;
  }

  /** What is kept of a run's place, also while it trains; null where it has none. */
  placeOf(run: string): QueueEntry | null {
    return this.connection.first(entryRow, 'SELECT run, held FROM queue WHERE run = ?', run);
  }

  /** Puts a run at the end or at the front; one that waits already moves there. */
  put(run: string, where: 'front' | 'end', held = false): void {
    this.connection.transaction(() => {
      const edge = where === 'front' ? 'min(position) - 1' : 'max(position) + 1';
      const [{ bound }] = this.connection.rows(boundRow, `SELECT ${edge} AS bound FROM queue`);
      this.connection.replace('queue', { run, position: bound ?? 0, held: held ? 1 : 0 });
    });
  }

  /** Gives the waiting runs this order; those not named follow in the order they had. */
  reorder(runs: readonly string[]): void {
    this.connection.transaction(() => {
      const waiting = this.list().map(({ run }) => run);
      const named = runs.filter((run) => waiting.includes(run));
      const order = [...new Set([...named, ...waiting])];
      for (const [position, run] of order.entries()) {
        this.connection.run('UPDATE queue SET position = ? WHERE run = ?', position, run);
      }
    });
  }

  /** Holds a run that waits, or is to wait again once it has stopped; returns whether it has a place. */
  hold(run: string, held: boolean): boolean {
    return this.connection.run('UPDATE queue SET held = ? WHERE run = ?', held ? 1 : 0, run) > 0;
  }

  /** Takes a run's place away. */
  remove(run: string): void {
    this.connection.run('DELETE FROM queue WHERE run = ?', run);
  }
}
