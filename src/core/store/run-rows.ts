/** How rows of the run tables become records. */

import { z } from 'zod';
import { DEVICES } from '../device-names.ts';
import type { Protocol } from '../evaluation/types.ts';
import { jsonOf, real } from './columns.ts';
import type { Connection } from './connection.ts';
import { RUN_OUTCOMES, RUN_STATUSES } from './run-life.ts';
import type { AttemptRecord, EvaluatedCheckpoint, RunRecord } from './types.ts';

const status = z.enum(RUN_STATUSES);
const count = z.number().int();

const runRow = z.object({
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
  const run = runRow.parse(row);
  return {
    id: run.id,
    name: run.name,
    model: run.model,
    config: run.config,
    dataset: { id: run.dataset_id, name: run.dataset_name, fingerprint: run.dataset_fingerprint },
    seed: run.seed,
    requestedDevice: run.requested_device,
    threads: run.threads,
    device: run.device,
    deviceReason: run.device_reason,
    parameters: run.parameters,
    codeVersion: run.code_version,
    environment: run.environment,
    status: run.status,
    message: run.message,
    createdAt: run.created_at,
    startedAt: run.started_at,
    endedAt: run.ended_at,
    epochs: run.epochs,
    selectedEpoch: run.selected_epoch,
    seconds: run.seconds,
    metrics,
    protocol: run.protocol,
    protocolFingerprint: run.protocol_fingerprint,
    evaluates: run.evaluated_checkpoint && { ...run.evaluated_checkpoint, run: run.evaluated_run },
  };
}

const metricRow = z.object({ run: z.string(), name: z.string(), value: real });
const idRow = z.object({ id: z.string() });

/** Runs under a condition on `runs`, newest first, with all their metrics or those that are named. */
export function readRuns(
  connection: Connection,
  where: string,
  { parameters = {}, metrics }: { parameters?: Record<string, string>; metrics?: readonly string[] } = {},
): RunRecord[] {
  const values = new Map<string, Record<string, number>>();
  const named = metrics ? ' AND name IN (SELECT value FROM json_each(@metrics))' : '';
  const rows = connection.all(
    `SELECT run, name, value FROM run_metrics WHERE run IN (SELECT id FROM runs WHERE ${where})${named}
     ORDER BY run, name`,
    metrics ? { ...parameters, metrics: JSON.stringify(metrics) } : parameters,
  );
  for (const row of rows) {
    const { run, name, value } = metricRow.parse(row);
    const known = values.get(run) ?? {};
    known[name] = value;
    values.set(run, known);
  }
  return connection
    .all(`SELECT * FROM runs WHERE ${where} ORDER BY id DESC`, parameters)
    .map((row) => toRunRecord(row, values.get(idRow.parse(row).id) ?? {}));
}

export const attemptRow = z
  .object({
    number: count,
    pid: count,
    started_at: count,
    ended_at: count.nullable(),
    outcome: z.enum(RUN_OUTCOMES).nullable(),
    from_step: count,
  })
  .transform(
    (row): AttemptRecord => ({
      number: row.number,
      pid: row.pid,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      outcome: row.outcome,
      fromStep: row.from_step,
    }),
  );
