/** How rows of the run tables become records. */

import { z } from 'zod';
import { DEVICES } from '../../device-names.ts';
import type { Protocol } from '../../evaluation/types.ts';
import type { Processor } from '../../processor-kinds.ts';
import type { JobOptions } from '../../training/job-options.ts';
import { jsonOf, real, rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import type { EvaluatedCheckpoint, RunRecord } from '../types.ts';
import { RUN_OUTCOMES, RUN_STATUSES } from './run-life.ts';

const status = z.enum(RUN_STATUSES);
const count = z.number().int();

const runRow = rowOf({
  id: z.string(),
  name: z.string(),
  model: z.string(),
  config: jsonOf<RunRecord['config']>(),
  dataset_id: z.string().nullable(),
  dataset_name: z.string(),
  dataset_fingerprint: z.string(),
  seed: count,
  requested_device: z.enum(DEVICES),
  threads: count,
  place: z.string().nullable(),
  slurm: jsonOf<JobOptions>().nullable(),
  device: z.string().nullable(),
  device_reason: z.string().nullable(),
  parameters: count.nullable(),
  code_version: z.string(),
  environment: jsonOf<NonNullable<RunRecord['environment']>>().nullable(),
  status,
  message: z.string().nullable(),
  created_at: count,
  started_at: count.nullable(),
  ended_at: count.nullable(),
  epochs: count.nullable(),
  selected_epoch: count.nullable(),
  seconds: z.number().nullable(),
  protocol: jsonOf<Protocol>().nullable(),
  protocol_fingerprint: z.string().nullable(),
  evaluated_run: z.string().nullable(),
  evaluated_checkpoint: jsonOf<Omit<EvaluatedCheckpoint, 'run'>>().nullable(),
});

/** A row of `runs`, with the run's metrics, as a record. */
function toRunRecord(row: unknown, metrics: Record<string, number>): RunRecord {
  const { id, name, model, config, protocol, protocolFingerprint, ...columns } = runRow.parse(row);
  const { datasetId, datasetName, datasetFingerprint, evaluatedRun, evaluatedCheckpoint, ...run } = columns;
  const dataset = { id: datasetId, name: datasetName, fingerprint: datasetFingerprint };
  const evaluates = evaluatedCheckpoint && { ...evaluatedCheckpoint, run: evaluatedRun };
  return { id, name, model, config, dataset, ...run, metrics, protocol, protocolFingerprint, evaluates };
}

const metricRow = z.object({ run: z.string(), name: z.string(), value: real });
const idRow = z.object({ id: z.string() });

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
  const values = new Map<string, Record<string, number>>();
  const named = metrics ? ' AND name IN (SELECT value FROM json_each(@metrics))' : '';
  const rows =
    metrics?.length === 0
      ? []
      : connection.rows(
          metricRow,
          `SELECT run, name, value FROM run_metrics WHERE run IN (SELECT id FROM runs WHERE ${where})${named}
     ORDER BY run, name`,
          metrics ? { ...parameters, metrics: JSON.stringify(metrics) } : parameters,
        );
  for (const { run, name, value } of rows) {
    const known = values.get(run) ?? {};
    known[name] = value;
    values.set(run, known);
  }
  return connection
    .all(`SELECT runs.*, ${REFERENCES} FROM runs WHERE ${where} ORDER BY id DESC`, parameters)
    .map((row) => toRunRecord(row, values.get(idRow.parse(row).id) ?? {}));
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
});
