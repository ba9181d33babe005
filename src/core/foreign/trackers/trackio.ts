/** Runs of trackio: a SQLite file a project, with a row of JSON a step. */
import { basename } from 'node:path';
import { z } from 'zod';
import { utcMs } from '../../dates.ts';
import { isObject } from '../../files/json.ts';
import { isDatabaseWith, type TrackerDatabase, withDatabase } from './database.ts';
import { flatEntries, pythonJson, type TrackerListener, tellLogged } from './told.ts';

export function isTrackioFile(path: string): boolean {
  return isDatabaseWith(path, 'metrics', ['run_name', 'step', 'metrics', 'timestamp']);
}

/** Text, or its bytes. */
const json = z
  .union([z.string(), z.instanceof(Uint8Array)])
  .transform((text) => pythonJson(Buffer.from(text as string).toString('utf8')));

const runRow = z.object({
  ...{ id: z.string(), run_name: z.string(), config: json.nullable() },
  ...{ first: z.string().nullable(), last: z.string().nullable() },
});
const stepRow = z.object({ timestamp: z.string(), step: z.number(), metrics: json });

/** A file is a project. */
export function readTrackio([path]: readonly string[], to: TrackerListener): void {
  const project = basename(path).replace(/\.[^.]+$/, '');
  const read = (database: TrackerDatabase) => {
    // Earlier versions told runs of a project apart by their name alone.
    const key = database.columns('metrics').has('run_id') ? 'run_id' : 'run_name';
    const hasConfigs = database.columns('configs').has(key);
    const config = hasConfigs
      ? `(SELECT config FROM configs WHERE configs.${key} = metrics.${key} ORDER BY id DESC LIMIT 1)`
      : 'NULL';
    const runs = `SELECT ${key} AS id, run_name, ${config} AS config, min(timestamp) AS first, max(timestamp) AS last
      FROM metrics GROUP BY ${key} ORDER BY min(id)`;
    for (const { id, run_name: name, config, first, last } of [...database.rows(runRow, runs)]) {
      const run = key === 'run_id' ? id : `${project}/${id}`;
      const known = (isObject(config) ? flatEntries(config, '.') : []).filter(
        ([own]) => !own.startsWith('_'),
      );
      to.facts(run, {
        ...{ name, program: 'trackio', status: 'completed', project, config: Object.fromEntries(known) },
        ...{ startedAt: utcMs(first ?? '') || undefined, endedAt: utcMs(last ?? '') || undefined },
      });
      const steps = `SELECT timestamp, step, metrics FROM metrics WHERE ${key} = ? ORDER BY id`;
      for (const { timestamp, step, metrics } of database.rows(stepRow, steps, id))
        if (isObject(metrics))
          tellLogged(run, Object.entries(metrics).flatMap(logged), [step, utcMs(timestamp)], to);
        else to.lost('rows that are no JSON');
    }
  };
  withDatabase(path, read, to);
}

/** Pictures and tables say what they are; other nested values have keys with dots. */
function logged([name, value]: [string, unknown]): [string, unknown][] {
  return isObject(value) && '_type' in value ? [[name, value]] : flatEntries(value, '.', name);
}
