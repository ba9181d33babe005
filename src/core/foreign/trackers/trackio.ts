/** Runs of trackio: a SQLite file a project, with a row of JSON a step. */
import { basename } from 'node:path';
import { z } from 'zod';
import { isObject } from '../../files/json.ts';
import { isDatabaseWith, TrackerDatabase } from './database.ts';
import {
  factsOfConfig,
  flatEntries,
  Losses,
  loggedNumber,
  PointBatch,
  pythonJson,
  type Told,
} from './told.ts';

export function isTrackioFile(path: string): boolean {
  return isDatabaseWith(path, 'metrics', ['run_name', 'step', 'metrics', 'timestamp']);
}

/** Text, or its bytes. */
const json = z
  .union([z.string(), z.instanceof(Uint8Array)])
  .transform((text) => pythonJson(Buffer.from(text as string).toString('utf8')));

const runRow = z.object({
  id: z.string(),
  run_name: z.string(),
  config: json.nullable(),
  first: z.string().nullable(),
  last: z.string().nullable(),
});
const stepRow = z.object({
  timestamp: z.string(),
  step: z.number(),
  metrics: json,
});

const HELD_ROWS = 10_000;

/** A file is a project. */
export function* readTrackio([path]: readonly string[]): Generator<Told> {
  const project = basename(path).replace(/\.[^.]+$/, '');
  const database = new TrackerDatabase(path);
  try {
    // Earlier versions told runs of a project apart by their name alone.
    const key = database.columns('metrics').has('run_id') ? 'run_id' : 'run_name';
    const hasConfigs = database.columns('configs').has(key);
    const config = hasConfigs
      ? `(SELECT config FROM configs WHERE configs.${key} = metrics.${key} ORDER BY id DESC LIMIT 1)`
      : 'NULL';
    const runs = `SELECT ${key} AS id, run_name, ${config} AS config, min(timestamp) AS first, max(timestamp) AS last
      FROM metrics GROUP BY ${key} ORDER BY min(id)`;
    for (const { id, run_name, config, first, last } of [...database.rows(runRow, runs)]) {
      const run = key === 'run_id' ? id : `${project}/${id}`;
      const known = Object.fromEntries(
        (isObject(config) ? flatEntries(config, '.') : []).filter(([name]) => !name.startsWith('_')),
      );
      const times = { startedAt: utcMs(first), endedAt: utcMs(last) };
      const told = { name: run_name, program: 'trackio', status: 'completed', ...times } as const;
      yield {
        type: 'facts',
        run,
        facts: { ...factsOfConfig(known), ...told, config: known, environment: { project } },
      };
      yield* readSteps(database, run, key, id);
    }
    yield* database.lost.take();
  } finally {
    database.close();
  }
}

function* readSteps(database: TrackerDatabase, run: string, key: string, id: string): Generator<Told> {
  const [batch, lost] = [new PointBatch(), new Losses()];
  let held = 0;
  const sql = `SELECT timestamp, step, metrics FROM metrics WHERE ${key} = ? ORDER BY id`;
  for (const { timestamp, step, metrics: values } of database.rows(stepRow, sql, id)) {
    if (!isObject(values)) lost.add('rows that are no JSON');
    for (const [name, value] of isObject(values) ? Object.entries(values).flatMap(logged) : []) {
      const number = loggedNumber(value);
      if (number === undefined) lost.add('logged values that are no numbers');
      else batch.add(name, step, utcMs(timestamp) ?? Number.NaN, number);
    }
    if (++held % HELD_ROWS === 0) yield* batch.take(run);
  }
  yield* batch.take(run);
  yield* lost.take();
}

/** Pictures and tables say what they are; other nested values have keys with dots. */
function logged([name, value]: [string, unknown]): [string, unknown][] {
  return isObject(value) && '_type' in value ? [[name, value]] : flatEntries(value, '.', name);
}

/** Unix milliseconds of a time without a zone, which is UTC's. */
function utcMs(text: string | null): number | undefined {
  const time = text === null ? Number.NaN : Date.parse(/(Z|[-+]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}
