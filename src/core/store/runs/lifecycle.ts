import { z } from 'zod';
import { codeVersion } from '../../code-version.ts';
import { UserError } from '../../errors.ts';
import { type Machine, thisMachine } from '../../machine.ts';
import type { PlaceState } from '../../training/place.ts';
import { rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { LAST_ATTEMPT, Leases, type NotedEnding, WISHES, type Wish } from './leases.ts';
import { type ReadyRun, readyRow } from './queue.ts';
import {
  nextStatus,
  phaseOf,
  RUN_STATUSES,
  type RunEnding,
  type RunEvent,
  type RunOutcome,
} from './run-life.ts';
import { RUN_KINDS } from './run-rows.ts';
import type { Series } from './series.ts';

/** How a run had ended, and when, in Unix milliseconds. */
interface PastEnd {
  status: RunOutcome;
  message: string | null;
  endedAt: number | null;
}

/** A run whose hosts are lost this often at the same step waits for its user: it may be what ends them. */
const LOSSES_IN_A_ROW = 3;

const statusRow = rowOf({
  name: z.string(),
  kind: z.enum(RUN_KINDS),
  status: z.enum(RUN_STATUSES),
  deleted_at: z.number().nullable(),
});
const attemptRow = z.object({ number: z.number() });
const journalRow = z.object({ journal: z.string().nullable() });
const folderRow = z.object({ folder: z.string().nullable() });
const wishRow = z.object({ wish: z.enum(WISHES).nullable() });
const heldRow = z.object({ held: z.number() });
const countRow = z.object({ count: z.number() });
const stepRow = z.object({ step: z.number() });

/**
 * Changes the state of runs (`run-life.ts`). A running run has a lease, the record of the process that hosts it; the
 * lease, the status, the attempt and the place in the queue change together, in one transaction.
 *
 * The place in the queue is what the user wants: a run that the queue began keeps it until it has ended, held or not.
 * One that stops, or loses its host, goes back there; one that was cancelled has no place any more.
 */
export class Lifecycle extends Leases {
  readonly #series: Series;

  constructor(connection: Connection, series: Series, machine: Machine = thisMachine) {
    super(connection, machine);
    this.#series = series;
  }

  /**
   * Begins an attempt hosted by this process. What was recorded after `fromStep`, the checkpoint it
   * continues from (null: from the start), is dropped in the same transaction. The run leaves the queue, unless
   * `keepsPlace`: the queue itself began it. Returns the number of the attempt, which `heartbeat` and `end` take.
   * Throws UserError where the run is running, completed or in the trash.
   */
  begin(run: string, fromStep: number | null, { keepsPlace = false, version = codeVersion() } = {}): number {
    return this.connection.transaction(() => {
      const status = this.#after(run, 'begin');
      const now = this.machine.clock.now();
      this.truncateAfter(run, fromStep);
      this.connection.run('DELETE FROM run_metrics WHERE run = ?', run);
      this.connection.run('DELETE FROM ranks WHERE run = ?', run);
      this.connection.run(
        `INSERT INTO attempts (run, number, pid, started_at, from_step, code_version, journal, place, host_folder)
         SELECT id, next, @pid, @now, @fromStep, @version, 'events-' || next || '-' || @now || '.jsonl', place, hosts.folder
         FROM (SELECT 1 + coalesce(max(number), 0) AS next FROM attempts WHERE run = @run), runs
           LEFT JOIN hosts ON hosts.name = runs.place WHERE id = @run`,
        { run, pid: this.machine.self.pid, now, fromStep: fromStep ?? 0, version },
      );
      this.connection.run(
        `UPDATE runs SET status = ?, message = NULL, started_at = coalesce(started_at, ?), ended_at = NULL,
           epochs = NULL, selected_epoch = NULL, seconds = NULL, list_seconds = NULL, energy = NULL, protocol = NULL, protocol_fingerprint = NULL
         WHERE id = ?`,
        status,
        now,
        run,
      );
      this.takeLease(run, now);
      if (!keepsPlace) this.#leaveQueue(run);
      return this.#lastAttempt(run);
    });
  }

  /** Makes a run that was taken for lost running again: it lives after all. */
  reclaim(run: string): void {
    const sql = 'UPDATE runs SET status = ?, message = NULL, ended_at = NULL WHERE id = ?';
    this.connection.run(sql, this.#after(run, 'reclaimed'), run);
    this.connection.run(`UPDATE attempts SET ended_at = NULL, outcome = NULL WHERE ${LAST_ATTEMPT}`, { run });
  }

  /** Drops the series points and checkpoints after a step (null: all of them). */
  truncateAfter(run: string, step: number | null): void {
    this.connection.transaction(() => {
      this.#series.truncateAfter(run, step ?? -1);
      this.connection.run('DELETE FROM checkpoints WHERE run = ? AND step > ?', run, step ?? -1);
    });
  }

  /**
   * Renews this process's lease. A lease that expired while the machine slept is taken back.
   * Returns false where the run is no longer this attempt's: deleted, or taken over by another one, of this process
   * or not. Default: the last attempt.
   */
  heartbeat(run: string, attempt: number | null = null): boolean {
    const now = this.machine.clock.now();
    return this.connection.transaction(() => {
      if (attempt !== null && attempt !== this.#lastAttempt(run)) return false;
      if (this.renewLease(run, now)) return true;
      if (!this.#expiredHere(run)) return false;
      this.reclaim(run);
      this.takeLease(run, now);
      return true;
    });
  }

  /**
   * Ends this process's attempt, at a time in Unix milliseconds. A run that was stopped, and that the queue keeps, waits
   * there again. Throws where a run would be completed without a result.
   * Does nothing and returns false where the run is no longer its own.
   */
  end(
    run: string,
    outcome: RunOutcome,
    message: string | null,
    attempt: number | null = null,
    time = this.machine.clock.now(),
  ): boolean {
    return this.connection.transaction(() => {
      if (!this.heartbeat(run, attempt)) return false;
      if (outcome === 'completed' && !this.#hasResult(run))
        throw new Error(`run ${run} has no result to complete it`);
      this.#close(run, outcome, message, time);
      return true;
    });
  }

  /**
   * Runs of the queue that other processes train, each with its device: "auto" while that one is not known. One that was cancelled has
   * no place there any more, and trains on until it has stopped.
   */
  trainedElsewhere(): ReadyRun[] {
    const { pid, pidScope, startTime } = this.machine.self;
    const device = `CASE requested_device WHEN 'auto' THEN coalesce(device, 'auto') ELSE requested_device END`;
    const wish = 'SELECT wish FROM attempts WHERE run = runs.id ORDER BY number DESC LIMIT 1';
    const sql = `SELECT runs.id AS run, ${device} AS device, place FROM runs JOIN leases ON leases.run = runs.id
      WHERE status = 'running' AND (id IN (SELECT run FROM queue) OR (${wish}) = 'stop')
        AND NOT (pid = ? AND space = ? AND start_time = ?)`;
    return this.connection.rows(readyRow, sql, pid, pidScope, startTime);
  }

  /** Ends a run that waits and takes it out of the queue. Returns false where it does not wait. */
  endWaiting(run: string, outcome: RunOutcome, message: string | null): boolean {
    return this.connection.transaction(() => {
      const { status } = this.#status(run);
      const next = phaseOf(status) === 'waiting' ? nextStatus(status, outcome) : null;
      if (next === null) return false;
      // Its earlier attempts, if it had any, keep their own outcomes.
      this.#setEnded(run, next, message);
      this.#leaveQueue(run);
      return true;
    });
  }

  /** Makes a run that ended unfinished wait again. Throws UserError where it is running, completed or in the trash. */
  requeue(run: string): void {
    this.connection.transaction(() => {
      const status = this.#after(run, 'enqueue');
      this.connection.run(
        'UPDATE runs SET status = ?, message = NULL, ended_at = NULL WHERE id = ?',
        status,
        run,
      );
    });
  }

  /** Takes `requeue` back: a run that waits has ended as it had before. */
  endAgain(run: string, { status, message, endedAt }: PastEnd): void {
    this.connection.transaction(() => {
      this.#setEnded(run, status, message, endedAt ?? undefined);
      this.#leaveQueue(run);
    });
  }

  /** Hosts an attempt no longer: whoever opens the home may take it over. */
  release(run: string, attempt: number): void {
    this.connection.transaction(() => {
      if (this.heartbeat(run, attempt)) this.dropLease(run);
    });
  }

  /** Where an attempt keeps its journal: a file in the folder of its run. */
  journal(run: string, attempt: number): string | null {
    const sql = 'SELECT journal FROM attempts WHERE run = ? AND number = ?';
    return this.connection.first(journalRow, sql, run, attempt)?.journal ?? null;
  }

  /** Tessera's folder on the host of an attempt, as it was when the attempt began; null for the usual one. */
  hostFolder(run: string, attempt: number): string | null {
    const sql = 'SELECT host_folder AS folder FROM attempts WHERE run = ? AND number = ?';
    return this.connection.first(folderRow, sql, run, attempt)?.folder ?? null;
  }

  /** How much of its journal an attempt's run has in the store, in bytes. */
  setJournalOffset(run: string, attempt: number, offset: number): void {
    const sql = 'UPDATE attempts SET journal_offset = ? WHERE run = ? AND number = ?';
    this.connection.run(sql, offset, run, attempt);
  }

  /** Keeps how the attempt's trainer has ended, while the rest of its journal is still to be read. */
  noteEnding(run: string, attempt: number, { outcome, message, time }: NotedEnding): void {
    const sql = 'UPDATE attempts SET outcome = ?, ended_at = ? WHERE run = ? AND number = ?';
    this.connection.run(sql, outcome, time, run, attempt);
    this.connection.run('UPDATE runs SET message = ? WHERE id = ?', message, run);
  }

  /** Keeps what the user has asked of the last attempt, for whoever hosts it, or takes it over. */
  setWish(run: string, wish: Wish | null): void {
    this.connection.run(`UPDATE attempts SET wish = @wish WHERE ${LAST_ATTEMPT}`, { run, wish });
  }

  /** What the user has asked of the last attempt, or null. */
  wish(run: string): Wish | null {
    const sql = `SELECT wish FROM attempts WHERE ${LAST_ATTEMPT}`;
    return this.connection.first(wishRow, sql, { run })?.wish ?? null;
  }

  /** Where an attempt stands on another machine. */
  setLastPlace(run: string, attempt: number, place: PlaceState): void {
    const sql = 'UPDATE attempts SET last_place = ? WHERE run = ? AND number = ?';
    this.connection.run(sql, JSON.stringify(place), run, attempt);
  }

  /** Ends the attempt, and with it the run or its turn. */
  #close(run: string, outcome: RunOutcome, message: string | null, time: number): void {
    this.dropLease(run);
    this.connection.run(`UPDATE attempts SET ended_at = @time, outcome = @outcome WHERE ${LAST_ATTEMPT}`, {
      run,
      time,
      outcome,
    });
    const ending = this.#ending(run, outcome);
    const status = this.#after(run, ending);
    if (ending !== outcome) {
      this.connection.run('UPDATE runs SET status = ?, message = NULL WHERE id = ?', status, run);
      return;
    }
    this.#setEnded(run, status, message, time);
    this.#leaveQueue(run);
  }

  #ending(run: string, outcome: RunOutcome): RunEnding {
    if (outcome !== 'cancelled' && outcome !== 'interrupted') return outcome;
    const place = this.connection.first(heldRow, 'SELECT held FROM queue WHERE run = ?', run);
    if (place === null || this.#lostTooOften(run)) return outcome;
    return place.held === 1 ? 'held' : 'requeued';
  }

  /** An attempt was lost where the next one began; the last one at its newest checkpoint. */
  #lostTooOften(run: string): boolean {
    const [{ count }] = this.connection.rows(
      countRow,
      `SELECT count(*) AS count FROM (
         SELECT outcome, lag(from_step, 1, @recorded) OVER (ORDER BY number DESC) AS lost_at
         FROM attempts WHERE run = @run ORDER BY number DESC LIMIT @losses)
       WHERE outcome = 'interrupted' AND lost_at = @recorded`,
      { run, losses: LOSSES_IN_A_ROW, recorded: this.#recordedStep(run) },
    );
    return count >= LOSSES_IN_A_ROW;
  }

  #recordedStep(run: string): number {
    const newest = `SELECT coalesce(max(step), 0) AS step FROM checkpoints WHERE run = ? AND kind = 'last'`;
    return this.connection.rows(stepRow, newest, run)[0].step;
  }

  /** Whether this process began the last attempt, which was then taken for lost, and nobody has begun another. */
  #expiredHere(run: string): boolean {
    const row = this.connection.get(
      `SELECT run FROM attempts JOIN runs ON id = run
       WHERE ${LAST_ATTEMPT} AND pid = @pid AND outcome = 'interrupted' AND status IN ('interrupted', 'queued')`,
      { run, pid: this.machine.self.pid },
    );
    return row !== undefined;
  }

  /** The number of the newest attempt; 0 where there is none. */
  #lastAttempt(run: string): number {
    const sql = 'SELECT coalesce(max(number), 0) AS number FROM attempts WHERE run = ?';
    return this.connection.rows(attemptRow, sql, run)[0].number;
  }

  #hasResult(run: string): boolean {
    const sql = `SELECT id FROM runs WHERE id = ? AND (protocol IS NOT NULL OR kind != 'own')`;
    return this.connection.get(sql, run) !== undefined;
  }

  #setEnded(run: string, status: string, message: string | null, time = this.machine.clock.now()): void {
    this.connection.run(
      'UPDATE runs SET status = ?, message = ?, ended_at = ? WHERE id = ?',
      status,
      message,
      time,
      run,
    );
  }

  #leaveQueue(run: string): void {
    this.connection.run('DELETE FROM queue WHERE run = ?', run);
  }

  /** The status that follows. Throws UserError where the event cannot happen now. */
  #after(run: string, event: RunEvent): string {
    const { name, kind, status, deletedAt } = this.#status(run);
    if (kind !== 'own' && (event === 'begin' || event === 'enqueue'))
      throw new UserError(`run ${name} (${run}) belongs to another program: resume it there`);
    if (deletedAt !== null && (event === 'begin' || event === 'enqueue'))
      throw new UserError(`run ${name} (${run}) is in the trash: restore it first`);
    const next = nextStatus(status, event);
    if (next !== null) return next;
    const why = phaseOf(status) === 'hosted' ? 'is already running' : 'has completed: start a new run';
    throw new UserError(`run ${name} (${run}) ${why}`);
  }

  #status(run: string): z.output<typeof statusRow> {
    const found = this.connection.first(
      statusRow,
      'SELECT name, kind, status, deleted_at FROM runs WHERE id = ?',
      run,
    );
    if (found === null) throw new UserError(`there is no run ${run}: it has been deleted`);
    return found;
  }
}
