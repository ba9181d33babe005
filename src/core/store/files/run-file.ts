/** `run.json` in a run's folder: all that the database knows of a run and its journals do not say. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';
import { isObject } from '../../files/json.ts';
import { withJson } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';
import { keyOfData } from '../home/datasets.ts';
import { isRunId } from '../runs/run-id.ts';
import { phaseOf, RUN_OUTCOMES, RUN_STATUSES, type RunOutcome } from '../runs/run-life.ts';
import { RUN_KINDS } from '../runs/run-rows.ts';

export const RUN_FILE = 'run.json';
/** A config of some thousands of keys has one; whatever is larger was not written here. */
const MAX_BYTES = 64 * 2 ** 20;

const text = z.string().nullable().default(null);
const count = z.int().nullable().default(null);
const decimal = z.number().nullable().default(null);
/** Stored as text, and an object in the file. */
const object = z.record(z.string(), z.json()).nullable().default(null);
/** As the journal writes numbers: JSON has no word for those that are not finite. */
const real = z.union([z.number(), z.enum(['Infinity', '-Infinity']).transform(Number), z.null()]);
const figures = z.record(z.string(), real).default({});

/** What has a job; earlier versions called it `slurm`. */
export function withItsJob(kept: unknown): unknown {
  if (!isObject(kept) || !('slurm' in kept)) return kept;
  const { slurm: job, ...rest } = kept;
  return { ...rest, job };
}

/** The columns of `runs`, but for its id and its project, which another home has under another id. */
export const runColumns = z.object({
  ...{ name: z.string(), kind: z.enum(RUN_KINDS), status: z.enum(RUN_STATUSES), created_at: z.int() },
  ...{ program: text, model: text, config: object, seed: count, requested_device: text, threads: count },
  ...{ dataset_id: text, dataset_name: text, dataset_fingerprint: text, data: text },
  ...{ device: text, device_reason: text, parameters: count, code_version: text, environment: object },
  ...{ message: text, started_at: count, ended_at: count, epochs: count, selected_epoch: count },
  ...{ seconds: decimal, peak_memory: count, energy: decimal, list_seconds: decimal },
  ...{ protocol: object, protocol_fingerprint: text },
  ...{
    notes: z.string().default(''),
    starred: z.int().default(0),
    archived: z.int().default(0),
    deleted_at: count,
  },
  ...{ evaluated_run: text, evaluated_checkpoint: object, place: text, job: object, result: object },
});

/** The journal of an attempt: its number, and when it began. */
export const JOURNAL_NAME = /^events-(\d+)-(\d+)(?:\.\d+)?\.jsonl$/;

const attemptColumns = z.object({
  ...{ number: z.int().positive(), pid: z.int(), started_at: z.int(), ended_at: count, from_step: z.int() },
  outcome: z.enum(RUN_OUTCOMES).nullable().default(null),
  ...{ code_version: text, place: text },
  processors: z.array(z.json()).nullable().default(null),
  journal: z.string().regex(JOURNAL_NAME).nullable().default(null),
});

const runFileSchema = z.object({
  format: z.literal('tessera-run-file'),
  version: z.literal(1),
  id: z.string().refine(isRunId, 'is no id of a run'),
  run: z.preprocess(withItsJob, runColumns),
  project: z.object({ id: z.string(), name: z.string() }).nullable().default(null),
  tags: z.array(z.string()).default([]),
  attempts: z.array(attemptColumns).default([]),
  metrics: figures,
  stated: figures,
  /** The tracker that it was imported from, and how far. */
  origin: z
    .object({ tracker: z.string(), id: z.string(), path: z.string(), cursor: object, names: object })
    .nullable()
    .default(null),
  /** Its places in studies. */
  cells: z
    .array(z.object({ study: z.string(), size: z.int(), share: z.number(), seed: z.int() }))
    .default([]),
});

export type RunFile = z.output<typeof runFileSchema>;
export type FiledAttempt = RunFile['attempts'][number];

/**
 * The file of a run in its folder. Throws UserError where there is none, or one that says what cannot be: a link, another
 * run's id, a file outside of the home.
 */
export function readRunFile(folder: string): RunFile {
  const path = join(folder, RUN_FILE);
  const wrong = (why: string, cause?: unknown) => new UserError(`${path}: ${why}`, { cause });
  const parsed = runFileSchema.safeParse(readOwnJson(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(`is not as Tessera writes it (${issue.path.join('.')}: ${issue.message})`, parsed.error);
  }
  const { id, run } = parsed.data;
  if (id !== basename(folder)) throw wrong(`is of another run, ${id}`);
  const checkpoint = run.evaluated_checkpoint?.path;
  if (checkpoint !== undefined && (typeof checkpoint !== 'string' || leadsOut(checkpoint)))
    throw wrong('names a checkpoint outside of the home');
  return parsed.data;
}

const leadsOut = (path: string) =>
  isAbsolute(path) || /^[A-Za-z]:/.test(path) || path.split(/[/\\]/).includes('..');

/** The value of a JSON file that lies in its folder itself. Throws UserError for a link, and for what is too large to be one. */
export function readOwnJson(path: string): unknown {
  try {
    if (!lstatSync(join(path, '..')).isDirectory()) throw new Error('its folder is a link');
    const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const state = fstatSync(file);
      if (!state.isFile() || state.size > MAX_BYTES) throw new Error('it is no file of Tessera');
      return JSON.parse(readFileSync(file, 'utf8'));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}

/** As a journal writes them. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_key, inner: unknown) => (inner === Infinity || inner === -Infinity ? String(inner) : inner),
    1,
  );
  return `${text}\n`;
}

const UNFINISHED = 'it had not ended when its database was lost';
const RUN_COLUMNS = Object.keys(runColumns.shape);
/** Columns that hold JSON. */
const JSON_COLUMNS = [
  'config',
  'environment',
  'protocol',
  'evaluated_checkpoint',
  'job',
  'result',
  'processors',
  'cursor',
  'names',
];

type Row = Record<string, string | number | null>;

/** A row of the database as the file has it. */
const fromRow = (row: Row) => withJson(row, JSON_COLUMNS);

/** What the file has as a row of the database. */
function toRow(columns: Record<string, unknown>): Row {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [
      name,
      value !== null && JSON_COLUMNS.includes(name)
        ? JSON.stringify(value)
        : (value as string | number | null),
    ]),
  );
}

/** Runs as files, and files as runs. */
export class RunFiles extends StoreTables {
  /** What the file of a run is to say; null where there is no such run. */
  of(id: string): RunFile | null {
    const { connection } = this;
    return connection.snapshot(() => {
      const row = connection.get(`SELECT ${RUN_COLUMNS.join(', ')} FROM runs WHERE id = ?`, id);
      if (row === undefined) return null;
      const rows = (sql: string) => (connection.all(sql, id) as Row[]).map(fromRow);
      const valued = (table: string) =>
        Object.fromEntries(
          rows(`SELECT name, value FROM ${table} WHERE run = ? ORDER BY name`).map(({ name, value }) => [
            name,
            value,
          ]),
        );
      return {
        ...{ format: 'tessera-run-file', version: 1, id, run: fromRow(row as Row) },
        project:
          rows('SELECT id, name FROM projects WHERE id = (SELECT project FROM runs WHERE id = ?)')[0] ?? null,
        tags: rows('SELECT tag FROM run_tags WHERE run = ? ORDER BY tag').map(({ tag }) => tag),
        attempts: rows(
          `SELECT ${Object.keys(attemptColumns.shape).join(', ')} FROM attempts WHERE run = ? ORDER BY number`,
        ),
        ...{ metrics: valued('run_metrics'), stated: valued('stated_metrics') },
        origin: rows('SELECT tracker, id, path, cursor, names FROM run_origins WHERE run = ?')[0] ?? null,
        cells: rows('SELECT study, size, share, seed FROM study_runs WHERE run = ? ORDER BY study'),
      } as RunFile;
    });
  }

  /**
   * Adds the run of a file, without what its journals say. One that waited or was trained when the file was written is
   * interrupted: nothing begins by itself. What it names and is not there is left out.
   */
  add({ id, run, project, tags, origin }: RunFile): void {
    const { connection } = this;
    const isThere = (table: string, key: string | null) =>
      key !== null && connection.get(`SELECT id FROM ${table} WHERE id = ?`, key) !== undefined;
    const goesOn = phaseOf(run.status) !== 'ended';
    connection.insert('runs', {
      ...{ id, ...toRow(run), project: project === null ? null : this.#project(project) },
      dataset_id: isThere('datasets', run.dataset_id) ? run.dataset_id : null,
      data: this.#dataOf(run),
      evaluated_run: isThere('runs', run.evaluated_run) ? run.evaluated_run : null,
      ...(goesOn
        ? { status: 'interrupted', message: UNFINISHED, ended_at: run.ended_at ?? run.created_at }
        : {}),
    });
    for (const tag of tags) connection.insert('run_tags', { run: id, tag });
    const isKnown = `SELECT run FROM run_origins WHERE tracker = ? AND id = ?`;
    if (origin !== null && connection.get(isKnown, origin.tracker, origin.id) === undefined)
      connection.insert('run_origins', {
        run: id,
        ...toRow({ ...origin, cursor: origin.cursor ?? {}, names: origin.names ?? {} }),
      });
  }

  addAttempt(run: string, attempt: FiledAttempt): void {
    this.connection.insert('attempts', { run, ...toRow(attempt) });
  }

  /** What the file says in the end, behind what the journals said: of a run that had ended when it was written. */
  finish(file: RunFile): void {
    const { id, run, attempts, cells } = file;
    for (const { number, processors } of attempts) {
      const kinds = processors === null ? null : JSON.stringify(processors);
      this.connection.run(
        'UPDATE attempts SET processors = ? WHERE run = ? AND number = ?',
        kinds,
        id,
        number,
      );
    }
    if (phaseOf(run.status) === 'ended') this.#setEnd(file);
    for (const { study, size, share, seed } of cells) {
      this.connection.run(
        `INSERT OR IGNORE INTO study_runs (study, size, share, seed, run)
         SELECT @study, @size, @share, @seed, @id WHERE EXISTS (SELECT 1 FROM studies WHERE id = @study)`,
        { study, size, share, seed, id },
      );
    }
  }

  /** How a run ended that had not when its file was written. */
  end(
    run: string,
    attempt: number,
    { outcome, message, time }: { outcome: RunOutcome; message: string | null; time: number },
  ): void {
    const ended = { run, outcome, time };
    this.connection.run(
      'UPDATE runs SET status = @outcome, message = @message, ended_at = @time WHERE id = @run',
      {
        ...ended,
        message,
      },
    );
    this.connection.run(
      'UPDATE attempts SET outcome = @outcome, ended_at = @time WHERE run = @run AND number = @attempt',
      { ...ended, attempt },
    );
  }

  #setEnd({ id, run, metrics, stated }: RunFile): void {
    const { dataset_id: _, evaluated_run: __, data: ___, ...columns } = toRow(run);
    const sets = Object.keys(columns).map((name) => `${name} = @${name}`);
    this.connection.run(`UPDATE runs SET ${sets.join(', ')} WHERE id = @id`, { ...columns, id });
    for (const [table, values] of [
      ['run_metrics', metrics],
      ['stated_metrics', stated],
    ] as const) {
      this.connection.run(`DELETE FROM ${table} WHERE run = ?`, id);
      for (const [name, value] of Object.entries(values))
        this.connection.insert(table, { run: id, name, value });
    }
  }

  /** Files of earlier versions name the data set alone: what that holds, else its id, which its other runs have, too. */
  #dataOf({ data, dataset_id: id }: RunFile['run']): string | null {
    return data ?? (id === null ? null : (keyOfData(this.connection, id) ?? id));
  }

  /** The project of this name, else a new one with its id if that is free. */
  #project({ id, name }: { id: string; name: string }): string {
    const found = this.connection.get('SELECT id FROM projects WHERE name = ? AND deleted_at IS NULL', name);
    if (found !== undefined) return (found as { id: string }).id;
    if (this.connection.get('SELECT id FROM projects WHERE id = ?', id) === undefined && isRunId(id))
      this.connection.insert('projects', { id, name, created_at: Date.now() });
    return id;
  }
}
