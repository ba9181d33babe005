/** Runs of MLflow: its folders (`mlruns/EXPERIMENT/RUN/` with `meta.yaml`, `params/`, `metrics/`, `tags/`) and its database (`mlflow.db`). */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { z } from 'zod';
import { isDatabaseWith, type TrackerDatabase, withDatabase } from './database.ts';
import { configValue, pythonNumber, type ToldFacts, type ToldStatus, type TrackerListener } from './told.ts';
import { type Frames, READ_BYTES, readFrames } from './wire.ts';

const DELETED = 'runs that were deleted in MLflow';
/** What MLflow calls the experiment of runs that are given none. */
const UNNAMED = ['', '0', 'Default'];
const NOT_ENDED = 'it was still running when it was imported, or was killed';
/** As its database names them; its folders count them from 1. */
const STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
const ENDINGS: Partial<Record<string, ToldStatus>> = {
  FINISHED: 'completed',
  FAILED: 'failed',
  KILLED: 'cancelled',
};

export function isMlflowFile(path: string): boolean {
  return (
    basename(path) === 'meta.yaml' ||
    isDatabaseWith(path, 'runs', ['run_uuid', 'lifecycle_stage', 'experiment_id'])
  );
}

export function readMlflow([file]: readonly string[], to: TrackerListener): void {
  if (basename(file) === 'meta.yaml') readFolder(dirname(file), to);
  else withDatabase(file, (database) => readDatabase(database, to), to);
}

/** As its database has it. */
const runRow = z.object({
  ...{ run_uuid: z.string(), name: z.string().nullish(), status: z.string().nullable() },
  ...{ start_time: z.number().nullish(), end_time: z.number().nullish() },
  ...{ lifecycle_stage: z.string().nullish(), experiment: z.string().nullable() },
});

function factsOf(
  { run_uuid: run, name, status, start_time: start, end_time: end, experiment }: z.output<typeof runRow>,
  params: Record<string, string>,
  tags: Record<string, string>,
): Partial<ToldFacts> {
  const { 'mlflow.note.content': notes, 'mlflow.runName': named, ...environment } = tags;
  const config = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, configValue(value)]));
  const ending = ENDINGS[status ?? ''];
  return {
    ...{ program: 'MLflow', name: (name || named) ?? run, config, environment, notes },
    project: UNNAMED.includes(experiment ?? '') ? undefined : (experiment ?? undefined),
    ...{ status: ending ?? 'interrupted', message: ending ? '' : NOT_ENDED },
    ...{ startedAt: start || undefined, endedAt: end || undefined },
  };
}

/** Of YAML, read as text. */
const word = z
  .string()
  .optional()
  .transform((text) => (text === 'null' || text === '' ? undefined : text));
const time = word.transform((text) => pythonNumber(text ?? ''));
const runSchema = z
  .object({
    ...{ run_id: word, run_uuid: word, run_name: word, name: word, start_time: time, end_time: time },
    status: word.transform((text = '') => STATUSES[Number(text) - 1] ?? text),
    lifecycle_stage: word,
  })
  .refine(({ run_id, run_uuid }) => run_id !== undefined || run_uuid !== undefined);
const experimentSchema = z.object({ name: z.string() });

function readFolder(folder: string, to: TrackerListener): void {
  const meta = yamlOf(join(folder, 'meta.yaml'));
  const { data } = runSchema.safeParse(meta);
  if (!data) {
    // Experiments, models and traces have such a file, too.
    if (meta === undefined) to.lost('files meta.yaml that cannot be read');
    return;
  }
  if (data.lifecycle_stage === 'deleted' || folder.split(sep).includes('.trash')) {
    to.lost(DELETED);
    return;
  }
  const run = data.run_id ?? data.run_uuid ?? basename(folder);
  const named = experimentSchema.safeParse(yamlOf(join(dirname(folder), 'meta.yaml'))).data?.name;
  const experiment = named ?? basename(dirname(folder));
  const texts = (name: string) =>
    Object.fromEntries(
      filesBelow(join(folder, name)).map(([key, path]) => [key, readFileSync(path, 'utf8')]),
    );
  const row = { ...data, run_uuid: run, name: data.run_name ?? data.name, experiment };
  to.facts(run, factsOf(row, texts('params'), texts('tags')));
  for (const [metric, path] of filesBelow(join(folder, 'metrics'))) readCurve(run, metric, path, to);
}

const UNREAD = 'lines of metrics that cannot be read';

/** Lines of time, value and step; MLflow 3 adds the data set that was measured. */
function readCurve(run: string, metric: string, path: string, to: TrackerListener): void {
  for (const { records, damaged } of readFrames(path, 0, wholeLines)) {
    to.lost(UNREAD, damaged);
    for (const line of records.flatMap((lines) => Buffer.from(lines).toString('latin1').split('\n'))) {
      const [at, value, step = '0'] = line.split(' ', 3).map(pythonNumber);
      if (line === '') continue;
      if (at === undefined || value === undefined || step === undefined) to.lost(UNREAD);
      else to.point(run, metric, Number(step), at, value);
    }
  }
}

/** A last line without its end is still being written, but none is of megabytes. */
function wholeLines(bytes: Uint8Array): Frames {
  const end = bytes.lastIndexOf(10) + 1;
  const isEndless = end === 0 && bytes.length >= READ_BYTES;
  const used = isEndless ? bytes.length : end;
  return { records: [bytes.subarray(0, end)], used, damaged: Number(isEndless), wanted: bytes.length + 1 };
}

/** Files by their path within a folder: slashes in a name make folders. */
function filesBelow(folder: string): [name: string, path: string][] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): [string, string] => [relative(folder, path).split(sep).join('/'), path])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  } catch {
    return [];
  }
}

/** Undefined where it is no YAML. */
function yamlOf(path: string): unknown {
  try {
    // All texts: of names such as 5e12, others make numbers.
    return load(readFileSync(path, 'utf8'), { schema: FAILSAFE_SCHEMA });
  } catch {
    return undefined;
  }
}

const text = z
  .string()
  .nullable()
  .transform((value) => value ?? '');
const pointRow = z
  .object({
    ...{ key: z.string(), value: z.number(), timestamp: z.number(), step: z.number(), is_nan: z.number() },
  })
  .transform(({ is_nan, value, ...point }) => ({ ...point, value: is_nan === 1 ? Number.NaN : value }));

function readDatabase(database: TrackerDatabase, to: TrackerListener): void {
  const sql = `SELECT run_uuid, runs.name, status, start_time, end_time, runs.lifecycle_stage, experiments.name AS experiment
    FROM runs LEFT JOIN experiments ON experiments.experiment_id = runs.experiment_id ORDER BY start_time, run_uuid`;
  for (const row of database.rows(runRow, sql)) {
    if (row.lifecycle_stage === 'deleted') to.lost(DELETED);
    else readRow(database, row, to);
  }
}

function readRow(database: TrackerDatabase, row: z.output<typeof runRow>, to: TrackerListener): void {
  const run = row.run_uuid;
  const pairs = (table: string) =>
    database.pairs(text, `SELECT key, value FROM ${table} WHERE run_uuid = ?`, run);
  const points = (table: string) =>
    database.rows(
      pointRow,
      `SELECT key, value, timestamp, step, is_nan FROM ${table} WHERE run_uuid = ? ORDER BY timestamp, rowid`,
      run,
    );
  const stated = Object.fromEntries([...points('latest_metrics')].map(({ key, value }) => [key, value]));
  to.facts(run, { ...factsOf(row, pairs('params'), pairs('tags')), stated });
  for (const { key, step, timestamp, value } of points('metrics')) to.point(run, key, step, timestamp, value);
}
