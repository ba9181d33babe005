/** Runs with their metrics, settings and curves as files, for other programs. */
import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Duck, literal, withDuck } from '../../../core/data/duck.ts';
import { slug } from '../../../core/data/import/staging.ts';
import { throwIfCancelled } from '../../../core/errors.ts';
import { EXPORT_ADVICE } from '../../../core/files/durable.ts';
import { requireEmptyFolder, writeWholeFolder } from '../../../core/files/whole-folder.ts';
import type { RunFormat } from '../../../core/foreign/export-formats.ts';
import {
  eventRecord,
  scalarEvent,
  textEvent,
  versionEvent,
} from '../../../core/foreign/trackers/write-events.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { appendRanks, idsOfDatasets, RANK_COLUMNS, rowsOf } from './rank-rows.ts';

export interface RunsExport {
  runs: readonly RunRecord[];
  /** New or empty. */
  folder: string;
  format: RunFormat;
  /** What is done to each row as JSON, where it leaves the machine. Default: nothing. */
  written?(row: string): string;
}

/** Writes a folder whole or not at all. Throws UserError for one that holds something. Returns the names of what is in it. */
export async function exportRuns(
  store: Store,
  { runs, folder: given, format, written = (row) => row }: RunsExport,
  { signal, onProgress }: WorkContext<{ done: number; total: number }>,
): Promise<string[]> {
  const folder = resolve(given);
  requireEmptyFolder(folder);
  const write = format === 'tensorboard' ? writeEvents : writeRows;
  const ids = idsOfDatasets(store);
  return writeWholeFolder(folder, async (partial) => {
    for (const [at, run] of runs.entries()) {
      throwIfCancelled(signal);
      write(store, run, partial, written);
      if (format !== 'tensorboard') await appendRanks(store, run, ids, join(partial, 'ranks.rows'));
      onProgress?.({ done: at + 1, total: runs.length });
      await setImmediate();
    }
    if (format !== 'tensorboard') await convert(partial, format, signal);
    return readdirSync(partial);
  });
}

/** The columns of each table with their types, as DuckDB reads them. */
const TABLES = {
  runs: `run: VARCHAR, name: VARCHAR, kind: VARCHAR, program: VARCHAR, model: VARCHAR, dataset: VARCHAR, seed: BIGINT,
    status: VARCHAR, device: VARCHAR, created: TIMESTAMP, started: TIMESTAMP, ended: TIMESTAMP, epochs: INTEGER,
    selected_epoch: INTEGER, seconds: DOUBLE, peak_memory: BIGINT, energy: DOUBLE, list_seconds: DOUBLE, parameters: BIGINT, protocol: VARCHAR, notes: VARCHAR, tags: VARCHAR, project: VARCHAR`,
  metrics: 'run: VARCHAR, metric: VARCHAR, value: DOUBLE, stated: BOOLEAN',
  config: 'run: VARCHAR, key: VARCHAR, value: VARCHAR',
  curves: 'run: VARCHAR, metric: VARCHAR, step: BIGINT, epoch: DOUBLE, time: TIMESTAMP, value: DOUBLE',
  ranks: RANK_COLUMNS,
};

/** Null for a time that is not known, as in the curves of some trackers. */
const iso = (time: number | null) =>
  time === null || Number.isNaN(time) ? null : new Date(time).toISOString();
/** What its own program found. */
const statedOf = (run: RunRecord) => (run.kind === 'own' ? {} : run.stated);
const configText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
/** JSON has no word for NaN and the infinities; DuckDB reads these. */
const number = (value: number) => (Number.isFinite(value) ? value : String(value));

function writeRows(store: Store, run: RunRecord, folder: string, written: (row: string) => string): void {
  const { id, config, ...known } = run;
  const { tags, ...annotations } = store.table.annotations(id);
  const append = (table: keyof typeof TABLES, rows: readonly object[]) =>
    appendFileSync(
      join(folder, `${table}.rows`),
      rows.map((row) => `${written(JSON.stringify(row))}\n`).join(''),
    );
  append('runs', [
    {
      ...{ ...known, ...annotations, run: id, program: run.kind === 'own' ? null : run.program },
      ...{ dataset: run.dataset?.name ?? null, protocol: run.protocolFingerprint, tags: tags.join(' ') },
      ...{ created: iso(run.createdAt), started: iso(run.startedAt), ended: iso(run.endedAt) },
      selected_epoch: run.selectedEpoch,
      ...{ peak_memory: run.peakMemory, energy: run.energy, list_seconds: run.listSeconds },
    },
  ]);
  const metrics = (of: Record<string, number>, isStated: boolean) =>
    Object.entries(of).map(([metric, value]) => ({
      run: id,
      metric,
      value: number(value),
      stated: isStated,
    }));
  append('metrics', [...metrics(run.metrics, false), ...metrics(statedOf(run), true)]);
  append(
    'config',
    Object.entries(config ?? {}).map(([key, value]) => ({ run: id, key, value: configText(value) })),
  );
  for (const { metric } of store.series.list(id)) {
    const { steps, epochs: at, times, values } = store.series.read(id, metric);
    append(
      'curves',
      steps.map((step, place) => {
        const [epoch, time, value] = [at[place], iso(times[place]), number(values[place])];
        return { run: id, metric, step, epoch, time, value };
      }),
    );
  }
}

const COPIES = { csv: 'FORMAT csv, HEADER true', parquet: 'FORMAT parquet', jsonl: 'FORMAT json' };

/** The columns with an apostrophe before texts that a spreadsheet would run; other programs give names as they like. */
function inert(columns: string): string {
  return [...columns.matchAll(/(\w+): (\w+)/g)]
    .map(([, name, type]) => {
      if (type !== 'VARCHAR') return `"${name}"`;
      const runs = `regexp_matches("${name}", '^[=+@\\-\\t\\r]') AND try_cast("${name}" AS DOUBLE) IS NULL`;
      return `CASE WHEN ${runs} THEN '''' || "${name}" ELSE "${name}" END AS "${name}"`;
    })
    .join(', ');
}

async function convert(folder: string, format: keyof typeof COPIES, signal?: AbortSignal): Promise<void> {
  const write = async (duck: Duck) => {
    for (const [table, columns] of Object.entries(TABLES)) {
      const rows = join(folder, `${table}.rows`);
      appendFileSync(rows, '');
      const query = rowsOf(rows, columns);
      const safe = format === 'csv' ? `SELECT ${inert(columns)} FROM (${query})` : query;
      await duck.run(`COPY (${safe}) TO ${literal(join(folder, `${table}.${format}`))} (${COPIES[format]})`);
      rmSync(rows);
    }
  };
  await withDuck(write, { temporaryDirectory: join(folder, 'spill'), signal, advice: EXPORT_ADVICE });
}

/** A folder a run, with its curves, at the last step the final metrics that have none, and its settings as a text. */
function writeEvents(store: Store, run: RunRecord, folder: string): void {
  const own = join(folder, `${slug(run.name)}-${run.id}`);
  mkdirSync(own);
  const started = (run.startedAt ?? run.createdAt) / 1000;
  const file = join(own, `events.out.tfevents.${Math.floor(started)}.tessera`);
  const append = (events: readonly Uint8Array[]) =>
    appendFileSync(file, Buffer.concat(events.map(eventRecord)));
  const settings = Object.entries(run.config ?? {}).map(
    ([key, value]) => `| ${key} | ${configText(value)} |`,
  );
  append([
    versionEvent(started),
    textEvent(started, 'config', ['| key | value |', '| --- | --- |', ...settings].join('\n')),
  ]);
  // An event has a time; one that is not known is that of the run.
  const timeOf = (time: number) => (Number.isNaN(time) ? started : time / 1000);
  const drawn = new Set<string>();
  let last = 0;
  for (const { metric } of store.series.list(run.id)) {
    const { steps, times, values } = store.series.read(run.id, metric);
    drawn.add(metric);
    last = Math.max(last, ...steps.slice(-1));
    append(
      steps.map((step, at) => scalarEvent(timeOf(times[at]), step, [{ tag: metric, value: values[at] }])),
    );
  }
  const final = { ...statedOf(run), ...run.metrics };
  const scalars = Object.entries(final).flatMap(([tag, value]) => (drawn.has(tag) ? [] : [{ tag, value }]));
  if (scalars.length > 0) append([scalarEvent((run.endedAt ?? run.createdAt) / 1000, last, scalars)]);
}
