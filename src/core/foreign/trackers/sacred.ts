/** Runs of Sacred's FileStorageObserver: a folder a run, with `run.json`, `config.json` and `metrics.json`. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { utcMs } from '../../dates.ts';
import { isObject } from '../../files/json.ts';
import { onOneLine } from '../../names.ts';
import { figuresOf, flatEntries, type ToldStatus, type TrackerListener, tellLogged } from './told.ts';
import { jsonIn } from './yaml.ts';

const runSchema = z.object({
  ...{ experiment: z.object({ name: z.string() }), status: z.string(), result: z.unknown() },
  ...{ start_time: z.string().nullish(), stop_time: z.string().nullish(), heartbeat: z.string().nullish() },
  host: z.object({ hostname: z.string() }).optional().catch(undefined),
  fail_trace: z.array(z.string()).optional().catch(undefined),
});
const metricSchema = z.object({
  ...{ steps: z.array(z.number()), values: z.array(z.unknown()) },
  timestamps: z.array(z.string()).catch([]),
});
const ENDINGS: Record<string, ToldStatus> = {
  ...{ COMPLETED: 'completed', FAILED: 'failed', INTERRUPTED: 'cancelled' },
};

export function isSacredFile(path: string): boolean {
  if (basename(path) !== 'run.json' || !existsSync(join(dirname(path), 'config.json'))) return false;
  return runSchema.safeParse(jsonIn(path)).success;
}

export function readSacred([path]: readonly string[], to: TrackerListener): void {
  const [folder, { data: run }] = [dirname(path), runSchema.safeParse(jsonIn(path))];
  if (!run) {
    to.lost(`${path} is no run of Sacred`, null);
    return;
  }
  const { experiment, status, start_time: start, host, fail_trace: trace } = run;
  if (!start) {
    to.lost('runs that have not begun');
    return;
  }
  // Its own ids count from 1 in every folder.
  const id = `${experiment.name}/${basename(folder)}@${start}`;
  const config = flatEntries(plain(jsonIn(join(folder, 'config.json'))) ?? {}, '.');
  const result = flatEntries(plain(run.result), '.', isObject(run.result) ? '' : 'result');
  const ending = ENDINGS[status] ?? 'interrupted';
  to.facts(id, {
    ...{ name: `${experiment.name} ${basename(folder)}`, program: 'Sacred', status: ending },
    message: ending === 'failed' ? onOneLine(trace?.at(-1) ?? '') : '',
    config: Object.fromEntries(config.filter(([key]) => key !== '')),
    project: experiment.name,
    environment: host ? { host: host.hostname } : {},
    ...{ startedAt: utcMs(start), endedAt: utcMs(run.stop_time ?? run.heartbeat ?? '') || undefined },
    stated: figuresOf(result.map(([key, value]) => [key || 'result', value])),
  });
  for (const [metric, told] of Object.entries(jsonIn(join(folder, 'metrics.json')) ?? {})) {
    const { data = { steps: [], values: [], timestamps: [] }, success } = metricSchema.safeParse(told);
    if (!success) to.lost('metrics that cannot be read');
    for (const [at, step] of data.steps.entries())
      tellLogged(id, [[metric, plain(data.values[at])]], [step, utcMs(data.timestamps[at] ?? '')], to);
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
