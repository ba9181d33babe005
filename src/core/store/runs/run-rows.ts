/** How rows of the run tables become records. */

import { z } from 'zod';
import { DEVICES } from '../../device-names.ts';
import type { Protocol } from '../../evaluation/types.ts';
import type { Processor } from '../../processor-kinds.ts';
import type { JobOptions } from '../../training/job-options.ts';
import type { PlaceState } from '../../training/place.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import type { EvaluatedCheckpoint, OwnRun, ResultFacts, RunRecord } from '../types.ts';
import { RUN_OUTCOMES, RUN_STATUSES } from './run-life.ts';

/** A run in the trash is in no list. */
export const NOT_DELETED = 'deleted_at IS NULL';

const status = z.enum(RUN_STATUSES);
const count = z.number().int();

const factsRow = rowOf({
  id: z.string(),
  name: z.string(),
  device: z.string().nullable(),
  device_reason: z.string().nullable(),
  parameters: count.nullable(),
  environment: jsonOf<NonNullable<RunRecord['environment']>>().nullable(),
  status,
  message: z.string().nullable(),
  created_at: count,
  started_at: count.nullable(),
  ended_at: count.nullable(),
  epochs: count.nullable(),
  selected_epoch: count.nullable(),
  seconds: z.number().nullable(),
  peak_memory: count.nullable(),
  energy: z.number().nullable(),
  list_seconds: z.number().nullable(),
  protocol: jsonOf<Protocol>().nullable(),
  protocol_fingerprint: z.string().nullable(),
});

const ownRow = rowOf({
  model: z.string(),
  config: jsonOf<OwnRun['config']>(),
  dataset_id: z.string().nullable(),
  dataset_name: z.string(),
  dataset_fingerprint: z.string(),
  seed: count,
  requested_device: z.enum(DEVICES),
  threads: count,
  place: z.string().nullable(),
  job: jsonOf<JobOptions>().nullable(),
  code_version: z.string(),
  evaluated_run: z.string().nullable(),
  evaluated_checkpoint: jsonOf<Omit<EvaluatedCheckpoint, 'run'>>().nullable(),
});

const externalRow = rowOf({
  ...{ program: z.string(), model: z.string().nullable(), seed: count.nullable() },
  config: jsonOf<OwnRun['config']>().nullable(),
  dataset_id: z.string().nullable(),
  dataset_name: z.string(),
  dataset_fingerprint: z.string(),
  result: jsonOf<ResultFacts>(),
});

const importedRow = rowOf({
  program: z.string(),
  model: z.string().nullable(),
  config: jsonOf<OwnRun['config']>().nullable(),
  dataset_name: z.string().nullable(),
  seed: count.nullable(),
});

export const RUN_KINDS = ['own', 'external', 'imported'] as const;
export type RunKind = (typeof RUN_KINDS)[number];
export const kindRow = z.object({ kind: z.enum(RUN_KINDS) });

type Metrics = Record<string, number>;

/** A row of `runs`, with the run's metrics, as a record. */
function toRunRecord(
  connection: Connection,
  row: unknown,
  metricsOf: (table: MetricTable, run: string) => Metrics,
): RunRecord {
  const read = <T>(schema: z.ZodType<T>) => connection.readRow(schema, row);
  const { kind } = read(kindRow);
  const { id, ...rest } = read(factsRow);
  const facts = { id, ...rest, metrics: metricsOf('run_metrics', id) };
  if (kind === 'imported') {
    const { datasetName, ...imported } = read(importedRow);
    const dataset = datasetName === null ? null : { id: null, name: datasetName, fingerprint: null };
    return { kind, ...facts, ...imported, dataset, stated: metricsOf('stated_metrics', id) };
  }
  const { datasetId, datasetName, datasetFingerprint, ...measured } =
    kind === 'own' ? read(ownRow) : read(externalRow);
  const dataset = { id: datasetId, name: datasetName, fingerprint: datasetFingerprint };
  if ('result' in measured)
    return { kind: 'external', ...facts, ...measured, dataset, stated: metricsOf('stated_metrics', id) };
  const { evaluatedRun, evaluatedCheckpoint, ...own } = measured;
  const evaluates = evaluatedCheckpoint && { ...evaluatedCheckpoint, run: evaluatedRun };
  return { kind: 'own', ...facts, ...own, dataset, evaluates };
}

const METRIC_TABLES = ['run_metrics', 'stated_metrics'] as const;
type MetricTable = (typeof METRIC_TABLES)[number];
interface MetricRow {
  run: string;
  name: string;
  /** NULL stands for what is not a number. */
  value: number | null;
}

/** What is in the trash is as if deleted: its name alone is left. */
const REFERENCES = `
  (SELECT id FROM datasets WHERE datasets.id = runs.dataset_id AND datasets.deleted_at IS NULL) AS dataset_id,
  (SELECT id FROM runs AS other WHERE other.id = runs.evaluated_run AND other.deleted_at IS NULL) AS evaluated_run`;

/** Runs under a condition on `runs`, newest first, with all their metrics or those that are named. */
export function readRuns(
  connection: Connection,
  where: string,
  {
    parameters = {},
    metrics,
  }: { parameters?: Record<string, string | number>; metrics?: readonly string[] } = {},
): RunRecord[] {
  const named = metrics ? ' AND name IN (SELECT value FROM json_each(@metrics))' : '';
  const withNames = metrics ? { ...parameters, metrics: JSON.stringify(metrics) } : parameters;
  const values = new Map(
    METRIC_TABLES.map((table) => {
      const sql = `SELECT run, name, value FROM ${table}
        WHERE run IN (SELECT id FROM runs WHERE ${where})${named} ORDER BY run, name`;
      // The strict table vouches for the types; to check ten thousand rows takes longer than to read them.
      const rows = metrics?.length === 0 ? [] : (connection.all(sql, withNames) as MetricRow[]);
      return [table, Map.groupBy(rows, ({ run }) => run)];
    }),
  );
  const metricsOf = (table: MetricTable, run: string): Metrics =>
    Object.fromEntries(
      (values.get(table)?.get(run) ?? []).map(({ name, value }) => [name, value ?? Number.NaN]),
    );
  return connection
    .all(`SELECT runs.*, ${REFERENCES} FROM runs WHERE ${where} ORDER BY id DESC`, parameters)
    .map((row) => toRunRecord(connection, row, metricsOf));
}

export const attemptRow = rowOf({
  number: count,
  pid: count,
  started_at: count,
  ended_at: count.nullable(),
  outcome: z.enum(RUN_OUTCOMES).nullable(),
  from_step: count,
  code_version: z
    .string()
    .nullable()
    .transform((version) => version ?? undefined),
  processors: jsonOf<Processor[]>()
    .nullable()
    .transform((kinds) => kinds ?? undefined),
  last_place: jsonOf<PlaceState>()
    .nullable()
    .transform((place) => place ?? undefined),
});
