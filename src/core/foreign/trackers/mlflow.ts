/** Runs of MLflow: its folders (`mlruns/EXPERIMENT/RUN/` with `meta.yaml`, `params/`, `metrics/`, `tags/`) and its database (`mlflow.db`). */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { z } from 'zod';
import { isDatabaseWith, type TrackerDatabase, withDatabase } from './database.ts';
import { configValue, pythonNumber, type ToldFacts, type ToldStatus, type TrackerListener } from './told.ts';

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

interface Head {
  name: string | null | undefined;
  status: string;
  start: number | null | undefined;
  end: number | null | undefined;
  experiment: string;
}

function factsOf(
  { name, status, start, end, experiment }: Head,
  params: Record<string, string>,
  tags: Record<string, string>,
): Partial<ToldFacts> {
  const { 'mlflow.note.content': notes, 'mlflow.runName': named, ...environment } = tags;
  const config = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, configValue(value)]));
  return {
    ...{ program: 'MLflow', name: name || named, config, environment, notes },
    project: UNNAMED.includes(experiment) ? undefined : experiment,
    status: ENDINGS[status] ?? 'interrupted',
    message: status in ENDINGS ? '' : NOT_ENDED,
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
  const experiment = experimentSchema.safeParse(yamlOf(join(dirname(folder), 'meta.yaml'))).data?.name;
  const head = {
    name: data.run_name ?? data.name,
    status: data.status,
    start: data.start_time,
    end: data.end_time,
  };
  const texts = (name: string) =>
    Object.fromEntries(
      filesBelow(join(folder, name)).map(([key, path]) => [key, readFileSync(path, 'utf8')]),
    );
  const facts = factsOf(
    { ...head, experiment: experiment ?? basename(dirname(folder)) },
    texts('params'),
    texts('tags'),
  );
  to.facts(run, { ...facts, name: facts.name ?? run });
  for (const [metric, path] of filesBelow(join(folder, 'metrics'))) readCurve(run, metric, path, to);
}

/** Lines of time, value and step; MLflow 3 adds the data set that was measured. */
function readCurve(run: string, metric: string, path: string, to: TrackerListener): void {
  for (const lines of linesOf(path)) {
    for (const line of lines) {
      const [at, value, step = '0'] = line.split(' ', 3).map(pythonNumber);
      if (at === undefined || value === undefined || step === undefined)
        to.lost('lines of metrics that cannot be read');
      else to.point(run, metric, Number(step), at, value);
    }
  }
}

const READ_BYTES = 2 ** 20;

/** The whole lines of a file, some at a time. A last one without its end is still being written. */
function* linesOf(path: string): Generator<string[]> {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(READ_BYTES);
    let rest = '';
    for (let read = readSync(file, bytes); read > 0; read = readSync(file, bytes)) {
      const lines = (rest + bytes.toString('latin1', 0, read)).split('\n');
      rest = lines.pop() ?? '';
      yield lines.filter((line) => line !== '');
    }
  } finally {
    closeSync(file);
  }
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

const runRow = z.object({
  run_uuid: z.string(),
  name: z.string().nullable(),
  status: z.string().nullable(),
  start_time: z.number().nullable(),
  end_time: z.number().nullable(),
  lifecycle_stage: z.string().nullable(),
  experiment: z.string().nullable(),
});
const pairRow = z.object({ key: z.string(), value: z.string().nullable() });
const pointRow = z.object({
  key: z.string(),
  value: z.number(),
  timestamp: z.number(),
  step: z.number(),
  is_nan: z.number(),
});

function readDatabase(database: TrackerDatabase, to: TrackerListener): void {
  const sql = `SELECT run_uuid, runs.name, status, start_time, end_time, runs.lifecycle_stage, experiments.name AS experiment
    FROM runs LEFT JOIN experiments ON experiments.experiment_id = runs.experiment_id ORDER BY start_time, run_uuid`;
  for (const row of database.rows(runRow, sql)) {
    if (row.lifecycle_stage === 'deleted') to.lost(DELETED);
    else readRow(database, row, to);
  }
}

function readRow(database: TrackerDatabase, row: z.output<typeof runRow>, to: TrackerListener): void {
  const { run_uuid: run, name, status, start_time: start, end_time: end, experiment } = row;
  const pairs = (table: string) => {
    const rows = database.rows(pairRow, `SELECT key, value FROM ${table} WHERE run_uuid = ?`, run);
    return Object.fromEntries([...rows].map(({ key, value }) => [key, value ?? '']));
  };
  const head = { name, status: status ?? '', start, end, experiment: experiment ?? '' };
  const facts = factsOf(head, pairs('params'), pairs('tags'));
  const valueAt = ({ is_nan, value }: { is_nan: number; value: number }) =>
    is_nan === 1 ? Number.NaN : value;
  const points = (table: string) =>
    database.rows(
      pointRow,
      `SELECT key, value, timestamp, step, is_nan FROM ${table} WHERE run_uuid = ? ORDER BY timestamp, rowid`,
      run,
    );
  const stated = Object.fromEntries(
    [...points('latest_metrics')].map((point) => [point.key, valueAt(point)]),
  );
  to.facts(run, { ...facts, name: facts.name ?? run, stated });
  for (const point of points('metrics'))
    to.point(run, point.key, point.step, point.timestamp, valueAt(point));
}
