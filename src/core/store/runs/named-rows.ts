/** Runs as a list names them. */
import { z } from 'zod';
import { nameAlone } from '../../run-names.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import type { RunRecord } from '../types.ts';
import { RUN_STATUSES } from './run-life.ts';
import { NOT_DELETED } from './run-rows.ts';

/** `name` is what commands take, and `title` what the run is called where nothing else is shown. */
export interface NamedRun extends Pick<RunRecord, 'id' | 'name' | 'status'> {
  title: string;
}

const namedRow = rowOf({
  ...{ id: z.string(), name: z.string(), status: z.enum(RUN_STATUSES) },
  ...{ model: z.string().nullable(), program: z.string().nullable(), seed: z.number().nullable() },
  dataset_name: z.string().nullable(),
  evaluated_checkpoint: jsonOf<{ kind: string }>().nullable(),
});

/** Runs under a condition, oldest first. */
export function namedRuns(
  connection: Connection,
  where: string,
  parameters: Record<string, string>,
): NamedRun[] {
  const sql = `SELECT id, name, status, model, program, seed, dataset_name, evaluated_checkpoint
    FROM runs WHERE (${where}) AND ${NOT_DELETED} ORDER BY id`;
  return connection.rows(namedRow, sql, parameters).map(({ id, name, status, ...facts }) => {
    const { datasetName, evaluatedCheckpoint: evaluates, ...run } = facts;
    const dataset = datasetName === null ? null : { name: datasetName };
    return { id, name, status, title: nameAlone({ name, ...run, dataset, evaluates }) };
  });
}
