import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { freeName } from '../../names.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import { sqliteCode } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { newRunId } from '../runs/run-id.ts';
import { RUN_STATUSES, type RunStatus } from '../runs/run-life.ts';
import {
  isSweep,
  kindOf,
  type StudyCell,
  type StudyKind,
  type StudySpec,
  type SweepSpec,
} from './study-spec.ts';

export interface StudyRecord {
  id: string;
  name: string;
  /** Unix milliseconds. */
  createdAt: number;
  spec: StudySpec;
}

const studyRow = rowOf({
  id: z.string(),
  name: z.string(),
  created_at: z.number(),
  spec: jsonOf<StudySpec>(),
});

const holdingRow = rowOf({ id: z.string(), deleted_at: z.number().nullable() });

const openRow = z.object({ id: z.string(), device: z.string(), place: z.string().nullable() });
const untilRow = z.object({ until: z.number().nullable() });

const cellRow = z.object({
  size: z.number(),
  share: z.number(),
  seed: z.number(),
  run: z.string(),
  status: z.enum(RUN_STATUSES),
  message: z.string().nullable(),
});

export type StudyRun = StudyCell & { run: string; status: RunStatus; message: string | null };

/** SQL of the kind of a row of `studies`. */
export const STUDY_KIND_SQL = "iif(json_extract(spec, '$.kind') = 'sweep', 'sweep', 'study')";

/** What is in the trash is in no list; its runs stand by themselves. */
const LISTED = 'deleted_at IS NULL';

/** The studies, sweeps among them: what each asks, and the runs of its grid. */
export class Studies extends StoreTables {
  /** Throws UserError where the name is taken. */
  create(name: string, spec: StudySpec): StudyRecord {
    const id = newRunId();
    const createdAt = Date.now();
    try {
      this.connection.insert('studies', { id, name, created_at: createdAt, spec: JSON.stringify(spec) });
    } catch (error) {
      if (!sqliteCode(error).startsWith('SQLITE_CONSTRAINT')) throw error;
      throw new UserError(`there is a study or a sweep "${name}" already: choose another name`);
    }
    return { id, name, createdAt, spec };
  }

  /** The name, with a number behind it where a study or a sweep has it. */
  freeName(base: string): string {
    const sql = 'SELECT id FROM studies WHERE name = ?';
    return freeName(base, (name) => Boolean(this.connection.get(sql, name)));
  }

  /** The study that has one of these runs, also where it lies in the trash. */
  holding(runs: readonly string[]): { id: string; isDeleted: boolean } | null {
    const sql = `SELECT id, deleted_at FROM study_runs JOIN studies ON id = study
      WHERE run IN (SELECT value FROM json_each(?)) LIMIT 1`;
    const found = this.connection.first(holdingRow, sql, JSON.stringify(runs));
    return found && { id: found.id, isDeleted: found.deletedAt !== null };
  }

  /** Searches that may begin a trial, the oldest first, and where their trials train. */
  open(): { id: string; device: string; place: string | null }[] {
    return this.connection.rows(
      openRow,
      `SELECT id, spec ->> '$.device' AS device, spec ->> '$.on' AS place FROM studies
       WHERE ${LISTED} AND instr(spec, '"state":"open"') > 0 AND spec ->> '$.sweep.state' = 'open'
       ORDER BY created_at, id`,
    );
  }

  /** The epochs after which a run stops for now, as the trial of a search; null where it trains to its end. */
  stopsAt(run: string): number | null {
    const sql = `SELECT json_extract(spec, '$.sizes[' || size || '].until') AS until
      FROM study_runs JOIN studies ON id = study WHERE run = ? AND ${LISTED}
        AND study_runs.seed = json_extract(spec, '$.seeds[0]')`;
    return this.connection.first(untilRow, sql, run)?.until ?? null;
  }

  /** Gives a study another spec, with places for more runs. */
  setSpec(study: string, spec: StudySpec): void {
    this.connection.run('UPDATE studies SET spec = ? WHERE id = ?', JSON.stringify(spec), study);
  }

  /** Puts a run into its cell. Throws where the cell has one that is not deleted. */
  setRun(study: string, { size, share, seed }: StudyCell, run: string): void {
    const put = this.connection.run(
      `INSERT INTO study_runs (study, size, share, seed, run) VALUES (@study, @size, @share, @seed, @run)
       ON CONFLICT DO UPDATE SET run = excluded.run
         WHERE run IN (SELECT id FROM runs WHERE deleted_at IS NOT NULL)`,
      { study, size, share, seed, run },
    );
    if (put === 0)
      throw new Error(`the study ${study} has a run of size ${size}, share ${share}, seed ${seed}`);
  }

  /** Of one kind or of both, newest first. */
  list(kind?: StudyKind): StudyRecord[] {
    const all = this.connection.rows(
      studyRow,
      `SELECT * FROM studies WHERE ${LISTED} ORDER BY created_at DESC, id DESC`,
    );
    return all.filter(({ spec }) => kind === undefined || kindOf(spec) === kind);
  }

  /** All sweeps, newest first. */
  sweeps(): { id: string; spec: SweepSpec }[] {
    return this.list('sweep').flatMap(({ id, spec }) => (isSweep(spec) ? [{ id, spec }] : []));
  }

  /** By name, id, or the beginning of one. Throws UserError where none or several fit. */
  find(reference: string, kind?: StudyKind): StudyRecord {
    const known = this.list(kind);
    const exact = known.find(({ id, name }) => id === reference || name === reference);
    if (exact) return exact;
    const like = known.filter(({ id }) => reference !== '' && id.startsWith(reference));
    if (like.length === 1) return like[0];
    if (like.length > 1) {
      const found = like.map(({ id, name }) => `${name} (${id})`).join(', ');
      throw new UserError(
        `${like.length} studies fit "${reference}" (${found}): give the name or the id in full`,
      );
    }
    const names = known.map(({ name }) => name).join(', ') || 'none';
    throw new UserError(`there is no ${kind ?? 'study'} "${reference}"; there are: ${names}`);
  }

  /** Ids of its runs, without those marked as deleted. */
  runIds(study: string): string[] {
    const sql = `SELECT run FROM study_runs JOIN runs ON runs.id = run WHERE study = ? AND ${LISTED}`;
    return (this.connection.all(sql, study) as { run: string }[]).map(({ run }) => run);
  }

  /** Of the cells that have a run, small sizes first; runs marked as deleted are left out. */
  runs(study: string): StudyRun[] {
    return this.connection.rows(
      cellRow,
      `SELECT size, share, study_runs.seed, run, status, message FROM study_runs JOIN runs ON runs.id = study_runs.run
         WHERE study = ? AND ${LISTED} ORDER BY size, share, study_runs.seed`,
      study,
    );
  }
}
