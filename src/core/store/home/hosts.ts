import { z } from 'zod';
import { type Fix, UserError } from '../../errors.ts';
import { examplesText } from '../../names.ts';
import type { PlaceState } from '../../training/place.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';

const hostRow = rowOf({
  name: z.string(),
  folder: z.string().nullable(),
  job: jsonOf<Record<string, unknown>>(),
  report: jsonOf<object>().nullable(),
});

/** A machine on which runs can be trained; how jobs are and what a check finds is the affair of who submits and checks. */
export type StoredHost = z.output<typeof hostRow>;

/** Where trainings lie: a host, and Tessera's folder there; null for the usual one. */
const placeRow = rowOf({ host: z.string(), folder: z.string().nullable() });
export type HostFolder = z.output<typeof placeRow>;

const endingRow = rowOf({ name: z.string() });

/** Why a host is needed as it is. */
const WHY = { there: 'runs train or are still to be ended there', waits: 'runs wait for it' };
type Use = keyof typeof WHY;
const useRow = rowOf({ use: z.enum(['there', 'waits']), name: z.string() });

/** The folder of a training begins with the id of its run. */
const USES = `SELECT 'there' AS use, runs.name FROM runs JOIN attempts ON attempts.run = runs.id
    AND number = (SELECT max(number) FROM attempts WHERE run = runs.id) WHERE status = 'running' AND attempts.place = @name
  UNION SELECT 'there', coalesce(runs.name, host_endings.name) FROM host_endings
    LEFT JOIN runs ON runs.id = substr(host_endings.name, 1, instr(host_endings.name, '-events-') - 1) WHERE host = @name
  UNION SELECT 'waits', name FROM queue JOIN runs ON runs.id = queue.run WHERE status = 'queued' AND place = @name
  ORDER BY use, name`;

/** As a host is told to call their folders: the run's id, and its journal. */
const TRAININGS = `SELECT run || '-' || substr(journal, 1, length(journal) - length('.jsonl')) AS name
    FROM runs JOIN attempts ON run = runs.id WHERE status = 'running' AND attempts.place = @name AND journal IS NOT NULL
  UNION SELECT name FROM host_endings WHERE host = @name`;

const COMPLETED = `SELECT place, count(*) AS count FROM runs
  WHERE kind = 'own' AND status = 'completed' AND deleted_at IS NULL GROUP BY place`;
const TO_END = 'SELECT host AS place, count(*) AS count FROM host_endings GROUP BY host';
const RECENT = `SELECT run, attempts.place, attempts.started_at, attempts.ended_at, outcome, last_place
  FROM attempts JOIN runs ON runs.id = run WHERE kind = 'own'
    AND (attempts.ended_at > @since OR (attempts.ended_at IS NULL AND status = 'running')) ORDER BY attempts.started_at`;

const attemptRow = rowOf({
  run: z.string(),
  place: z.string().nullable(),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  outcome: z.string().nullable(),
  last_place: jsonOf<PlaceState>().nullable(),
});
const countRow = z.object({ place: z.string().nullable(), count: z.number() });

/** What is known of one machine of late; times in Unix milliseconds. */
export interface MachineActivity {
  /** Trainings since the time that was asked about, those before they began left out; `to`: null where one goes on. */
  trained: { from: number; to: number | null }[];
  /** From when to when nothing was heard of a training there; `to`: null where nothing is heard yet. */
  silent: { from: number; to: number | null }[];
  /** Runs that failed before they began there. */
  refused: string[];
  /** Completed runs that were trained there, and trainings that are still to be ended there. */
  completed: number;
  toEnd: number;
}

/** The other machines of a home, and what is still to be ended on them. */
export class Hosts extends StoreTables {
  /** By name. */
  list(): StoredHost[] {
    return this.connection.rows(hostRow, 'SELECT name, folder, job, report FROM hosts ORDER BY name');
  }

  /** Null where there is none. */
  find(name: string): StoredHost | null {
    return this.connection.first(hostRow, 'SELECT name, folder, job, report FROM hosts WHERE name = ?', name);
  }

  /** Adds one, or changes what is given; what its last check found stays. */
  put({ name, folder, job }: Omit<StoredHost, 'report'>): void {
    this.connection.run(
      `INSERT INTO hosts (name, folder, job) VALUES (@name, @folder, @job)
       ON CONFLICT (name) DO UPDATE SET folder = excluded.folder, job = excluded.job`,
      { name, folder, job: JSON.stringify(job) },
    );
  }

  /** Keeps what a check has found. */
  setReport(name: string, report: object): void {
    this.connection.run('UPDATE hosts SET report = ? WHERE name = ?', JSON.stringify(report), name);
  }

  remove(name: string): void {
    this.connection.run('DELETE FROM hosts WHERE name = ?', name);
  }

  /** Throws UserError that names the runs which need the host as it is: those that are there, and those that wait for it. */
  requireUnused(
    name: string,
    refused: string,
    asked: readonly Use[] = ['there', 'waits'],
    fix: Fix = 'cancel them, or wait until they have ended',
  ): void {
    const uses = Map.groupBy(this.connection.rows(useRow, USES, { name }), ({ use }) => use);
    const why = asked.flatMap((use) => {
      const runs = uses.get(use)?.map((run) => run.name);
      return runs ? [`${WHY[use]} (${examplesText(runs)})`] : [];
    });
    if (why.length === 0) return;
    const problem = `${name} ${refused} while ${why.join(' and ')}`;
    throw new UserError({ code: 'in-use', problem, fix });
  }

  /** What the database knows of each machine since a time, Unix milliseconds; this one is "". */
  activity(since: number): Record<string, MachineActivity> {
    const machines: Record<string, MachineActivity> = {};
    const of = (place: string | null) => {
      machines[place ?? ''] ??= { trained: [], silent: [], refused: [], completed: 0, toEnd: 0 };
      return machines[place ?? ''];
    };
    const counts = (sql: string) => this.connection.rows(countRow, sql);
    for (const { place, count } of counts(COMPLETED)) of(place).completed = count;
    for (const { place, count } of counts(TO_END)) of(place).toEnd = count;
    for (const row of this.connection.rows(attemptRow, RECENT, { since })) {
      const { run, place, startedAt, endedAt: to, outcome, lastPlace } = row;
      const machine = of(place);
      if (lastPlace?.starts === 0) {
        if (outcome === 'failed') machine.refused.push(run);
        continue;
      }
      // A job may have waited for hours before it began.
      const from = lastPlace?.job ? (lastPlace.startsAt ?? startedAt) : startedAt;
      machine.trained.push({ from, to });
      for (const [begin, end] of lastPlace?.gaps ?? []) machine.silent.push({ from: begin, to: end });
      if (to === null && lastPlace?.phase === 'unreachable')
        machine.silent.push({ from: lastPlace.heardAt ?? lastPlace.since, to });
    }
    return machines;
  }

  /** The folders there of trainings that go on, or are still to be ended. */
  trainingsOn(name: string): string[] {
    return this.connection.rows(endingRow, TRAININGS, { name }).map((row) => row.name);
  }

  /** Ends nothing there any more: what goes on there goes on. */
  giveUpEndings(name: string): void {
    this.connection.run('DELETE FROM host_endings WHERE host = ?', name);
  }

  /** Where something is still to be ended, on hosts that are known. */
  withEndings(): HostFolder[] {
    const sql =
      'SELECT DISTINCT host, folder FROM host_endings WHERE host IN (SELECT name FROM hosts) ORDER BY host';
    return this.connection.rows(placeRow, sql);
  }

  /** What is to be ended in a folder of a host, by the names of its trainings' folders, the oldest first. */
  endings({ host, folder }: HostFolder) {
    const { connection } = this;
    return {
      list: () => {
        const sql = 'SELECT name FROM host_endings WHERE host = ? AND folder IS ? ORDER BY since, name';
        return connection.rows(endingRow, sql, host, folder).map(({ name }) => name);
      },
      add: (name: string) => {
        const sql = 'INSERT OR IGNORE INTO host_endings (host, folder, name, since) VALUES (?, ?, ?, ?)';
        connection.run(sql, host, folder, name, Date.now());
      },
      remove: (name: string) => {
        connection.run('DELETE FROM host_endings WHERE host = ? AND name = ?', host, name);
      },
    };
  }
}
