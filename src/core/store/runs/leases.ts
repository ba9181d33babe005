import { z } from 'zod';
import type { Machine } from '../../machine.ts';
import type { PlaceState } from '../../training/place.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { RUN_OUTCOMES, type RunOutcome } from './run-life.ts';
import { RUN_KINDS, type RunKind } from './run-rows.ts';

/** What the user has asked of an attempt: to stop, or to make its present epoch the last. */
export const WISHES = ['stop', 'finish'] as const;
export type Wish = (typeof WISHES)[number];

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

/** SQL of the newest attempt at the run "@run". */
export const LAST_ATTEMPT = 'run = @run AND number = (SELECT max(number) FROM attempts WHERE run = @run)';

/** Which process hosts each run that trains: the run's lease names it. */
export abstract class Leases extends StoreTables {
  protected readonly machine: Machine;

  constructor(connection: Connection, machine: Machine) {
    super(connection);
    this.machine = machine;
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
          outcome === null ? null : { outcome, message, time: endedAt ?? this.machine.clock.now() };
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
      this.dropLease(run);
      this.takeLease(run, this.machine.clock.now());
      const { pid } = this.machine.self;
      if (adopted) this.connection.run(`UPDATE attempts SET pid = @pid WHERE ${LAST_ATTEMPT}`, { run, pid });
      return true;
    });
  }

  protected takeLease(run: string, now: number): void {
    const { pid, pidScope, startTime } = this.machine.self;
    const lease = { run, pid, space: pidScope, start_time: startTime, heartbeat: now };
    this.connection.insert('leases', lease);
  }

  /** Returns false where it is not this process's. */
  protected renewLease(run: string, now: number): boolean {
    const { pid, pidScope, startTime } = this.machine.self;
    const sql = 'UPDATE leases SET heartbeat = ? WHERE run = ? AND pid = ? AND space = ? AND start_time = ?';
    return this.connection.run(sql, now, run, pid, pidScope, startTime) > 0;
  }

  protected dropLease(run: string): void {
    this.connection.run('DELETE FROM leases WHERE run = ?', run);
  }

  #isDead({ pid, space: pidScope, startTime, heartbeat }: LeaseRow): boolean {
    if (pid === null || pidScope === null || startTime === null) return true;
    return !this.machine.isAlive({ pid, pidScope, startTime }, heartbeat ?? 0);
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
}
