/** Runs as a list prints them: what it shows alone, for the configs and protocols of thousands take most of the time of a list. */
import type { Connection } from '../db/connection.ts';
import type { RunRecord } from '../types.ts';

export interface ListedRun
  extends Pick<
    RunRecord,
    | 'id'
    | 'name'
    | 'model'
    | 'seed'
    | 'status'
    | 'epochs'
    | 'seconds'
    | 'peakMemory'
    | 'energy'
    | 'listSeconds'
    | 'createdAt'
  > {
  dataset: string | null;
  /** Those that were asked for. */
  metrics: Record<string, number>;
}

/** Runs under a condition on `runs`, newest first. */
export function listedRuns(
  connection: Connection,
  where: string,
  { parameters, metrics }: { parameters: Record<string, string | number>; metrics: readonly string[] },
): ListedRun[] {
  // The strict tables vouch for the types: to check thousands of rows takes longer than to read them.
  const values = connection.all(
    `SELECT run, name, value FROM run_metrics
      WHERE run IN (SELECT id FROM runs WHERE ${where}) AND name IN (SELECT value FROM json_each(@metrics))`,
    { ...parameters, metrics: JSON.stringify(metrics) },
  ) as { run: string; name: string; value: number | null }[];
  const byRun = Map.groupBy(values, ({ run }) => run);
  const rows = connection.all(
    `SELECT id, name, model, dataset_name AS dataset, seed, status, epochs, seconds, peak_memory AS peakMemory, energy,
       list_seconds AS listSeconds, created_at AS createdAt FROM runs WHERE ${where} ORDER BY id DESC`,
    parameters,
  ) as Omit<ListedRun, 'metrics'>[];
  return rows.map((row) => ({
    ...row,
    metrics: Object.fromEntries(
      (byRun.get(row.id) ?? []).map(({ name, value }) => [name, value ?? Number.NaN]),
    ),
  }));
}
