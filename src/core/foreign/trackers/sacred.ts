/** Runs of Sacred's FileStorageObserver: a folder a run, with `run.json`, `config.json` and `metrics.json`. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { utcMs } from '../../dates.ts';
import { isObject } from '../../files/json.ts';
import { onOneLine } from '../../names.ts';
import { flatEntries, loggedNumber, pythonJson, type ToldStatus, type TrackerListener } from './told.ts';

const runSchema = z.object({
  experiment: z.object({ name: z.string() }),
  status: z.string(),
  start_time: z.string().nullish(),
  stop_time: z.string().nullish(),
  heartbeat: z.string().nullish(),
  host: z.object({ hostname: z.string() }).optional().catch(undefined),
  result: z.unknown(),
  fail_trace: z.array(z.string()).optional().catch(undefined),
});

const metricSchema = z.object({
  steps: z.array(z.number()),
  values: z.array(z.unknown()),
  timestamps: z.array(z.string()).catch([]),
});

const ENDINGS: Record<string, ToldStatus> = {
  ...{ COMPLETED: 'completed', FAILED: 'failed', INTERRUPTED: 'cancelled' },
};

const jsonAt = (path: string) => (existsSync(path) ? pythonJson(readFileSync(path, 'utf8')) : null);

export function isSacredFile(path: string): boolean {
  if (basename(path) !== 'run.json' || !existsSync(join(dirname(path), 'config.json'))) return false;
  return runSchema.safeParse(jsonAt(path)).success;
}

export function readSacred([path]: readonly string[], to: TrackerListener): void {
  const [folder, run] = [dirname(path), runSchema.parse(jsonAt(path))];
  const { experiment, status, start_time: start, host, fail_trace: trace } = run;
  if (!start) {
    to.lost('runs that have not begun');
    return;
  }
  // Its own ids count from 1 in every folder.
  const id = `${experiment.name}/${basename(folder)}@${start}`;
  const config = flatEntries(plain(jsonAt(join(folder, 'config.json'))) ?? {}, '.');
  const ending = ENDINGS[status] ?? 'interrupted';
  to.facts(id, {
    ...{ name: `${experiment.name} ${basename(folder)}`, program: 'Sacred', status: ending },
    message: ending === 'failed' ? onOneLine(trace?.at(-1) ?? '') : '',
    config: Object.fromEntries(config.filter(([key]) => key !== '')),
    project: experiment.name,
    environment: host ? { host: host.hostname } : {},
    ...{ startedAt: utcMs(start), endedAt: utcMs(run.stop_time ?? run.heartbeat ?? '') || undefined },
    stated: Object.fromEntries(
      flatEntries(plain(run.result), '.', isObject(run.result) ? '' : 'result').flatMap(([key, value]) => {
        const number = loggedNumber(value);
        return number === undefined ? [] : [[key || 'result', number]];
      }),
    ),
  });
  const metrics = jsonAt(join(folder, 'metrics.json'));
  for (const [metric, told] of Object.entries(isObject(metrics) ? metrics : {})) {
    const { data } = metricSchema.safeParse(told);
    if (!data) to.lost('metrics that cannot be read');
    for (const [at, step] of data?.steps.entries() ?? []) {
      const number = loggedNumber(plain(data?.values[at]));
      if (number === undefined) to.lost('logged values that are no numbers');
      else to.point(id, metric, step, utcMs(data?.timestamps[at] ?? ''), number);
    }
  }
}

/** Numbers of NumPy, as Sacred writes them, are numbers; other values of Python are what they hold. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  if ('py/object' in value && 'value' in value) return value.value;
  if ('py/tuple' in value) return plain(value['py/tuple']);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
