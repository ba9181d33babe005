import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { livenessOf, ownIdentity, type ProcessIdentity } from './process-identity.ts';
import type { Series } from './series.ts';
import { RUN_STATUSES, type RunOutcome } from './types.ts';

/** Only counts where the process itself cannot be looked at. */
const HEARTBEAT_LIMIT_MS = 60_000;

const statusRow = z.object({ name: z.string(), status: z.enum(RUN_STATUSES) });
const leaseRow = z.object({
  run: z.string(),
  pid: z.number().nullable(),
  space: z.string().nullable(),
  start_time: z.string().nullable(),
  heartbeat: z.number().nullable(),
});
type LeaseRow = z.infer<typeof leaseRow>;

/**
 * Takes a run through its attempts. A running run has a lease that names the process hosting it; the
 * lease, the status and the attempt change together, in one transaction.
 */
export class Lifecycle {
  readonly #connection: Connection;
  readonly #series: Series;
  readonly #self: ProcessIdentity;

  constructor(connection: Connection, series: Series, self: ProcessIdentity = ownIdentity()) {
    this.#connection = connection;
    this.#series = series;
    this.#self = self;
  }

  /**
   * Begins an attempt hosted by this process. What was recorded after `fromStep`, the checkpoint it
   * continues from (null: from the start), is dropped in the same transaction.
   * Throws UserError where the run is running or completed.
   */
  begin(run: string, fromStep: number | null): void {
    this.#connection.transaction(() => {
      const { name, status } = this.#status(run);
      if (status === 'running') throw new UserError(`run ${name} (${run}) is already running`);
      if (status === 'completed') throw new UserError(`run ${name} (${run}) has completed: start a new run`);
      const now = Date.now();
      this.truncateAfter(run, fromStep);
      this.#connection.run('DELETE FROM run_metrics WHERE run = ?', run);
      this.#connection.run('DELETE FROM ranks WHERE run = ?', run);
      this.#connection.run(
        `INSERT INTO attempts (run, number, pid, started_at, from_step)
         SELECT @run, 1 + coalesce(max(number), 0), @pid, @now, @fromStep FROM attempts WHERE run = @run`,
        { run, pid: this.#self.pid, now, fromStep: fromStep ?? 0 },
      );
      this.#connection.run(
        `UPDATE runs SET status = 'running', message = NULL, started_at = coalesce(started_at, ?), ended_at = NULL,
           epochs = NULL, selected_epoch = NULL, seconds = NULL, protocol = NULL, protocol_fingerprint = NULL
         WHERE id = ?`,
        now,
        run,
      );
      this.#takeLease(run, now);
    });
  }

  /** Drops the series points and checkpoints after a step (null: all of them). */
  truncateAfter(run: string, step: number | null): void {
    this.#connection.transaction(() => {
      this.#series.truncateAfter(run, step ?? -1);
      this.#connection.run('DELETE FROM checkpoints WHERE run = ? AND step > ?', run, step ?? -1);
    });
  }

  /**
   * Renews this process's lease. A lease that expired while the machine slept is taken back.
   * Returns false where the run is no longer this process's: deleted, or taken over by another.
   */
  heartbeat(run: string): boolean {
    const { pid, pidScope, startTime } = this.#self;
    const now = Date.now();
    const renew =
      'UPDATE leases SET heartbeat = ? WHERE run = ? AND pid = ? AND space = ? AND start_time = ?';
    return this.#connection.transaction(() => {
      if (this.#connection.run(renew, now, run, pid, pidScope, startTime) > 0) return true;
      const lost = this.#connection.run(
        `UPDATE runs SET status = 'running', message = NULL, ended_at = NULL
         WHERE id = @run AND status = 'interrupted' AND @pid =
           (SELECT pid FROM attempts WHERE run = @run ORDER BY number DESC LIMIT 1)`,
        { run, pid },
      );
      if (lost === 0) return false;
      this.#connection.run(`UPDATE attempts SET ended_at = NULL, outcome = NULL WHERE ${LAST_ATTEMPT}`, {
        run,
      });
      this.#takeLease(run, now);
      return true;
    });
  }

  /** Ends this process's attempt. Does nothing and returns false where the run is no longer its own. */
  end(run: string, outcome: RunOutcome, message: string | null): boolean {
    return this.#connection.transaction(() => {
      if (!this.heartbeat(run)) return false;
      this.#close(run, outcome, message);
      return true;
    });
  }

  /** Ends a queued run that never began. Returns false where it is not queued. */
  cancelQueued(run: string, outcome: RunOutcome, message: string | null): boolean {
    // Its earlier attempts, if it had any, keep their own outcomes.
    const cancelled = this.#connection.run(
      "UPDATE runs SET status = ?, message = ?, ended_at = ? WHERE id = ? AND status = 'queued'",
      outcome,
      message,
      Date.now(),
      run,
    );
    return cancelled > 0;
  }

  /** Makes a run that ended unfinished wait again. Throws UserError where it is running or completed. */
  requeue(run: string): void {
    this.#connection.transaction(() => {
      const { name, status } = this.#status(run);
      if (status === 'running') throw new UserError(`run ${name} (${run}) is already running`);
      if (status === 'completed') throw new UserError(`run ${name} (${run}) has completed: start a new run`);
      this.#connection.run(
        "UPDATE runs SET status = 'queued', message = NULL, ended_at = NULL WHERE id = ?",
        run,
      );
    });
  }

  /**
   * Marks as interrupted every running run whose host has ended: its process no longer exists or its pid
   * belongs to another one; where that is unknown, after a minute without a heartbeat. Returns their ids.
   */
  markLostRuns(): string[] {
    if (this.#connection.readOnly) return [];
    return this.#leases()
      .filter((lease) => isDead(lease))
      .flatMap((lease) => this.#markLost(lease));
  }

  #markLost(seen: LeaseRow): string[] {
    return this.#connection.transaction(() => {
      // Between the look and the lock the host may have renewed, or another process have resumed the run.
      const current = this.#leases(seen.run)[0];
      if (!current || !isDead(current)) return [];
      const host = current.pid === null ? 'its process' : `process ${current.pid}, which ran it,`;
      this.#close(seen.run, 'interrupted', `${host} ended before the run did`);
      return [seen.run];
    });
  }

  #leases(run: string | null = null): LeaseRow[] {
    return this.#connection
      .all(
        `SELECT runs.id AS run, pid, space, start_time, heartbeat FROM runs LEFT JOIN leases ON leases.run = runs.id
         WHERE status = 'running' AND (@run IS NULL OR runs.id = @run)`,
        { run },
      )
      .map((row) => leaseRow.parse(row));
  }

  #close(run: string, outcome: RunOutcome, message: string | null): void {
    const now = Date.now();
    this.#connection.run('DELETE FROM leases WHERE run = ?', run);
    this.#connection.run(
      'UPDATE runs SET status = ?, message = ?, ended_at = ? WHERE id = ?',
      outcome,
      message,
      now,
      run,
    );
    this.#connection.run(`UPDATE attempts SET ended_at = @now, outcome = @outcome WHERE ${LAST_ATTEMPT}`, {
      run,
      now,
      outcome,
    });
  }

  #takeLease(run: string, now: number): void {
    const { pid, pidScope, startTime } = this.#self;
    this.#connection.run(
      'INSERT INTO leases (run, pid, space, start_time, heartbeat) VALUES (?, ?, ?, ?, ?)',
      run,
      pid,
      pidScope,
      startTime,
      now,
    );
  }

  #status(run: string): z.infer<typeof statusRow> {
    const row = this.#connection.get('SELECT name, status FROM runs WHERE id = ?', run);
    if (row === undefined) throw new UserError(`there is no run ${run}: it has been deleted`);
    return statusRow.parse(row);
  }
}

const LAST_ATTEMPT = 'run = @run AND number = (SELECT max(number) FROM attempts WHERE run = @run)';

function isDead(lease: LeaseRow): boolean {
  if (lease.pid === null || lease.space === null || lease.start_time === null) return true;
  const liveness = livenessOf({ pid: lease.pid, pidScope: lease.space, startTime: lease.start_time });
  if (liveness !== 'unknown') return liveness === 'dead';
  return Date.now() - (lease.heartbeat ?? 0) > HEARTBEAT_LIMIT_MS;
}
