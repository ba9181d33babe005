import { z } from 'zod';
import { codeVersion } from '../../code-version.ts';
import { UserError } from '../../errors.ts';
import { type Machine, thisMachine } from '../../machine.ts';
import type { PlaceState } from '../../training/place.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { type ReadyRun, readyRow } from './queue.ts';
import {
  nextStatus,
  phaseOf,
  RUN_OUTCOMES,
  RUN_STATUSES,
  type RunEnding,
  type RunEvent,
  type RunOutcome,
} from './run-life.ts';
import { RUN_KINDS, type RunKind } from './run-rows.ts';
import type { Series } from './series.ts';

/** A run whose hosts are lost this often at the same step waits for its user: it may be what ends them. */
const LOSSES_IN_A_ROW = 3;

/** What the user has asked of an attempt: to stop, or to make its present epoch the last. */
export const WISHES = ['stop', 'finish'] as const;
export type Wish = (typeof WISHES)[number];

const statusRow = rowOf({
  name: z.string(),
  kind: z.enum(RUN_KINDS),
  status: z.enum(RUN_STATUSES),
  deleted_at: z.number().nullable(),
});
const attemptRow = z.object({ number: z.number() });
const leaseRow = rowOf({
  run: z.string(),
  pid: z.number().nullable(),
  space: z.string().nullable(),
  start_time: z.string().nullable(),
  heartbeat: z.number().nullable(),
  number: z.number(),
  from_step: z.number(),
  journal: z.string().nullable(),
  journal_offset: z.number(),
  place: z.string().nullable(),
  host_folder: z.string().nullable(),
  last_place: jsonOf<PlaceState>().nullable(),
  wish: z.enum(WISHES).nullable(),
  kind: z.enum(RUN_KINDS),
  outcome: z.enum(RUN_OUTCOMES).nullable(),
  ended_at: z.number().nullable(),
  message: z.string().nullable(),
});
type LeaseRow = z.output<typeof leaseRow>;
const journalRow = z.object({ journal: z.string().nullable() });
const folderRow = z.object({ folder: z.string().nullable() });
const wishRow = z.object({ wish: z.enum(WISHES).nullable() });
const heldRow = z.object({ held: z.number() });
const countRow = z.object({ count: z.number() });
const stepRow = z.object({ step: z.number() });

/** An attempt at a run, while its events are recorded. */
export interface RecordedAttempt {
  run: string;
  /** Its number. */
  attempt: number;
}

/** How a trainer ended, and when, in Unix milliseconds. */
export interface NotedEnding {
  outcome: RunOutcome;
  message: string | null;
  time: number;
}

/** An attempt whose host has ended. */
export interface LostAttempt extends RecordedAttempt {
  kind: RunKind;
  /** The step of the checkpoint that it continues from, or null. */
  fromStep: number | null;
  /** Of its host; null where that is not known. */
  pid: number | null;
  /** Its journal, a file in the folder of its run; null for an attempt of before there were any. */
  journal: string | null;
  /** How much of the journal is in the store, in bytes. */
  offset: number;
  /** The host on which it is trained; null for this machine. */
  place: string | null;
  /** Tessera's folder there; null for the usual one. */
  hostFolder: string | null;
  /** Where it stood there last; null where that is not known. */
  lastPlace: PlaceState | null;
  wish: Wish | null;
  /** What its journal said of its end in the part that is in the store. */
  ending: NotedEnding | null;
}

/**
 * Changes the state of runs (`run-life.ts`). A running run has a lease, the record of the process that hosts it; the
 * lease, the status, the attempt and the place in the queue change together, in one transaction.
 *
 * The place in the queue is what the user wants: a run that the queue began keeps it until it has ended, held or not.
 * One that stops, or loses its host, goes back there; one that was cancelled has no place any more.
 */
export class Lifecycle extends StoreTables {
  readonly #series: Series;
  readonly #machine: Machine;

  constructor(connection: Connection, series: Series, machine: Machine = thisMachine) {
    super(connection);
    this.#series = series;
    this.#machine = machine;
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
      const now = this.#machine.clock.now();
      this.truncateAfter(run, fromStep);
      this.connection.run('DELETE FROM run_metrics WHERE run = ?', run);
      this.connection.run('DELETE FROM ranks WHERE run = ?', run);
      this.connection.run(
        `INSERT INTO attempts (run, number, pid, started_at, from_step, code_version, journal, place, host_folder)
         SELECT id, next, @pid, @now, @fromStep, @version, 'events-' || next || '-' || @now || '.jsonl', place, hosts.folder
         FROM (SELECT 1 + coalesce(max(number), 0) AS next FROM attempts WHERE run = @run), runs
           LEFT JOIN hosts ON hosts.name = runs.place WHERE id = @run`,
        { run, pid: this.#machine.self.pid, now, fromStep: fromStep ?? 0, version },
      );
      this.connection.run(
        `UPDATE runs SET status = ?, message = NULL, started_at = coalesce(started_at, ?), ended_at = NULL,
           epochs = NULL, selected_epoch = NULL, seconds = NULL, protocol = NULL, protocol_fingerprint = NULL
         WHERE id = ?`,
        status,
        now,
        run,
      );
      this.#takeLease(run, now);
      if (!keepsPlace) this.#leaveQueue(run);
      return this.#lastAttempt(run);
    });
  }

  /** Makes a run of another program that was taken for killed running again: it lives after all. */
  reclaimForeign(run: string): void {
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
    const { pid, pidScope, startTime } = this.#machine.self;
    const now = this.#machine.clock.now();
    const renew =
      'UPDATE leases SET heartbeat = ? WHERE run = ? AND pid = ? AND space = ? AND start_time = ?';
    return this.connection.transaction(() => {
      if (attempt !== null && attempt !== this.#lastAttempt(run)) return false;
      if (this.connection.run(renew, now, run, pid, pidScope, startTime) > 0) return true;
      if (!this.#expiredHere(run)) return false;
      this.connection.run(
        'UPDATE runs SET status = ?, message = NULL, ended_at = NULL WHERE id = ?',
        this.#after(run, 'reclaimed'),
        run,
      );
      this.connection.run(`UPDATE attempts SET ended_at = NULL, outcome = NULL WHERE ${LAST_ATTEMPT}`, {
        run,
      });
      this.#takeLease(run, now);
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
    time = this.#machine.clock.now(),
  ): boolean {
    return this.connection.transaction(() => {
      if (!this.heartbeat(run, attempt)) return false;
      if (outcome === 'completed' && !this.#hasResult(run))
        throw new Error(`run ${run} has no result to complete it`);
      this.#close(run, outcome, message, time);
      return true;
    });
  }

  /** Runs of the queue that other processes train, each with its device: "auto" while that one is not known. */
  trainedElsewhere(): ReadyRun[] {
    const { pid, pidScope, startTime } = this.#machine.self;
    const device = `CASE requested_device WHEN 'auto' THEN coalesce(device, 'auto') ELSE requested_device END`;
    const sql = `SELECT queue.run, ${device} AS device, place FROM queue JOIN runs ON runs.id = queue.run
      JOIN leases ON leases.run = queue.run
      WHERE status = 'running' AND NOT (pid = ? AND space = ? AND start_time = ?)`;
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

  /**
   * The attempts whose hosts have ended: their processes no longer exist, or their pids belong to other ones; where that is
   * unknown, after a minute without a heartbeat.
   */
  lost(): LostAttempt[] {
    if (this.connection.readOnly) return [];
    return this.#leases()
      .filter((lease) => this.#isDead(lease))
      .map(({ number: attempt, fromStep, journalOffset: offset, outcome, endedAt, message, ...lease }) => {
        const ending =
          outcome === null ? null : { outcome, message, time: endedAt ?? this.#machine.clock.now() };
        return { ...lease, attempt, fromStep: fromStep === 0 ? null : fromStep, offset, ending };
      });
  }

  /**
   * Makes this process the host of a lost attempt. Returns false where its host has renewed the lease, or another process was
   * first. `adopted`: it is to be hosted until its trainer ends.
   */
  takeOver({ run, attempt }: LostAttempt, { adopted = false } = {}): boolean {
    return this.connection.transaction(() => {
      const current = this.#leases(run)[0];
      if (!current || current.number !== attempt || !this.#isDead(current)) return false;
      this.connection.run('DELETE FROM leases WHERE run = ?', run);
      this.#takeLease(run, this.#machine.clock.now());
      const { pid } = this.#machine.self;
      if (adopted) this.connection.run(`UPDATE attempts SET pid = @pid WHERE ${LAST_ATTEMPT}`, { run, pid });
      return true;
    });
  }

  /** Hosts an attempt no longer: whoever opens the home may take it over. */
  release(run: string, attempt: number): void {
    this.connection.transaction(() => {
      if (this.heartbeat(run, attempt)) this.connection.run('DELETE FROM leases WHERE run = ?', run);
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
  setWish(run: string, wish: Wish): void {
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

  #isDead({ pid, space: pidScope, startTime, heartbeat }: LeaseRow): boolean {
    if (pid === null || pidScope === null || startTime === null) return true;
    return !this.#machine.isAlive({ pid, pidScope, startTime }, heartbeat ?? 0);
  }

  #leases(run: string | null = null): LeaseRow[] {
    return this.connection.rows(
      leaseRow,
      `SELECT runs.id AS run, leases.pid, space, start_time, heartbeat, number, from_step, journal, journal_offset,
         attempts.place, host_folder, last_place, wish, kind, outcome, attempts.ended_at, message
       FROM runs LEFT JOIN leases ON leases.run = runs.id LEFT JOIN attempts ON attempts.run = runs.id
         AND number = (SELECT max(number) FROM attempts WHERE run = runs.id)
       WHERE status = 'running' AND (@run IS NULL OR runs.id = @run)`,
      { run },
    );
  }

  /** Ends the attempt, and with it the run or its turn. */
  #close(run: string, outcome: RunOutcome, message: string | null, time: number): void {
    this.connection.run('DELETE FROM leases WHERE run = ?', run);
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
      { run, pid: this.#machine.self.pid },
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

  #setEnded(run: string, status: string, message: string | null, time = this.#machine.clock.now()): void {
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

  #takeLease(run: string, now: number): void {
    const { pid, pidScope, startTime } = this.#machine.self;
    const lease = { run, pid, space: pidScope, start_time: startTime, heartbeat: now };
    this.connection.insert('leases', lease);
  }

  /** The status that follows. Throws UserError where the event cannot happen now. */
  #after(run: string, event: RunEvent): string {
    const { name, kind, status, deletedAt } = this.#status(run);
    if (kind !== 'own' && (event === 'begin' || event === 'enqueue'))
      throw new UserError(`run ${name} (${run}) is of another program: only that one can go on with it`);
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

const LAST_ATTEMPT = 'run = @run AND number = (SELECT max(number) FROM attempts WHERE run = @run)';
