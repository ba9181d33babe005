import { join } from 'node:path';
import { z } from 'zod';
import type { DatasetSummary } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { dataKey } from '../../evaluation/same-data.ts';
import { countText } from '../../names.ts';
import { jsonOf } from '../db/columns.ts';
import { type Connection, sqliteCode } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { type NamedRun, namedRuns } from '../runs/named-rows.ts';

const datasetRow = z.object({ summary: jsonOf<DatasetSummary>() }).transform((row) => row.summary);
const trainedRow = z.object({ run: z.string(), dataset: z.string() });
const keyRow = z.object({ id: z.string(), data: z.string().nullable() });
const countRow = z.object({ count: z.number() });

/** What is in the trash is in no list. */
const LISTED = 'deleted_at IS NULL';

/** The imported data sets. Their rows are here, their interactions in `<home>/datasets/<id>`. */
export class Datasets extends StoreTables {
  /** Where a data set keeps its files. */
  folder(id: string): string {
    return join(this.connection.home, 'datasets', id);
  }

  /** Adds an imported data set. Throws UserError where its name is taken. */
  add(summary: DatasetSummary): void {
    const { statistics } = summary;
    try {
      this.connection.insert('datasets', {
        id: summary.id,
        name: summary.name,
        fingerprint: summary.fingerprint,
        created_at: summary.createdAt,
        users: statistics.users,
        items: statistics.items,
        interactions: statistics.interactions,
        summary: JSON.stringify(summary),
      });
    } catch (error) {
      if (sqliteCode(error).startsWith('SQLITE_CONSTRAINT')) throw nameTaken(summary.name);
      throw error;
    }
  }

  /** Adds a data set whose folder was there before, under a free name, and gives it back to its runs. */
  adopt(summary: DatasetSummary, deletedAt: number | null = null): void {
    const taken = `SELECT id FROM datasets WHERE name = ? AND ${LISTED}`;
    let { name } = summary;
    for (let number = 2; this.connection.get(taken, name) !== undefined; number++)
      name = `${summary.name}-${number}`;
    this.connection.transaction(() => {
      this.add({ ...summary, name });
      this.connection.run('UPDATE datasets SET deleted_at = ? WHERE id = ?', deletedAt, summary.id);
      // Of a run whose file names it and knows no more, its id is what is known of its data.
      this.connection.run(
        'UPDATE runs SET dataset_id = @id, data = @data WHERE dataset_id IS NULL AND data IN (@id, @data)',
        { id: summary.id, data: dataKey(summary) },
      );
    });
  }

  /** Throws UserError where a data set has this name. */
  requireFreeName(name: string): void {
    if (this.connection.get(`SELECT id FROM datasets WHERE name = ? AND ${LISTED}`, name))
      throw nameTaken(name);
  }

  /** Whether there is this data set, in the trash or not. */
  has(id: string): boolean {
    return this.connection.get('SELECT id FROM datasets WHERE id = ?', id) !== undefined;
  }

  /** The data set with exactly this id. Throws UserError where there is none. */
  get(id: string): DatasetSummary {
    const found = this.connection.first(
      datasetRow,
      `SELECT summary FROM datasets WHERE id = ? AND ${LISTED}`,
      id,
    );
    if (found === null) throw noSuch(id);
    return found;
  }

  /** By name, by id, or by the beginning of its id. Throws UserError where none or several fit. */
  find(reference: string): DatasetSummary {
    const lookups = [
      'name = @reference',
      'id = @reference',
      'substr(id, 1, length(@reference)) = @reference',
    ];
    for (const fits of reference === '' ? [] : lookups) {
      const sql = `SELECT summary FROM datasets WHERE ${fits} AND ${LISTED}`;
      const found = this.connection.rows(datasetRow, sql, { reference });
      if (found.length === 1) return found[0];
      if (found.length > 1) {
        const names = found.map((summary) => `${summary.name} (${summary.id})`).join(', ');
        throw new UserError(`${found.length} data sets fit "${reference}" (${names}): give the name in full`);
      }
    }
    throw noSuch(reference);
  }

  /** All data sets, newest first. */
  list(): DatasetSummary[] {
    const sql = `SELECT summary FROM datasets WHERE ${LISTED} ORDER BY created_at DESC, id DESC`;
    return this.connection.rows(datasetRow, sql);
  }

  /** The data set with exactly this id, in the trash or not; null where there is none. */
  evenDeleted(id: string): DatasetSummary | null {
    return this.connection.first(datasetRow, 'SELECT summary FROM datasets WHERE id = ?', id);
  }

  /** The data set that a run was trained on, in the trash or not; null where it has been deleted for good. */
  ofRun(run: string): DatasetSummary | null {
    const sql = 'SELECT summary FROM datasets JOIN runs ON runs.dataset_id = datasets.id WHERE runs.id = ?';
    return this.connection.first(datasetRow, sql, run);
  }

  /**
   * The data set of each run of these models on these sequences, by the run's id, in the trash or not. A run is left out where its data set has been deleted
   * for good: another one of the same sequences need not have its titles, ratings and times.
   */
  trainedOn(models: readonly string[], fingerprint: string): Map<string, DatasetSummary> {
    const sql = `SELECT id AS run, dataset_id AS dataset FROM runs WHERE model IN (SELECT value FROM json_each(@models))
      AND dataset_fingerprint = @fingerprint AND dataset_id IS NOT NULL`;
    const found = this.connection.rows(trainedRow, sql, { models: JSON.stringify(models), fingerprint });
    const known = new Map(
      [...new Set(found.map(({ dataset }) => dataset))].map((id) => [id, this.evenDeleted(id)]),
    );
    return new Map(
      found.flatMap(({ run, dataset }) => {
        const summary = known.get(dataset);
        return summary ? [[run, summary] as const] : [];
      }),
    );
  }

  /** What tells the data of these runs apart (`dataKey`), also once their data sets have been deleted; a run of which nobody knows it is left out. */
  keysOf(runs: readonly string[]): Map<string, string> {
    const sql = 'SELECT id, data FROM runs WHERE id IN (SELECT value FROM json_each(?))';
    const found = this.connection.rows(keyRow, sql, JSON.stringify(runs));
    return new Map(found.flatMap(({ id, data }) => (data === null ? [] : [[id, data] as const])));
  }

  /** Those of the runs whose data have this key: not only the same sequences. */
  withData<Run extends { id: string }>(runs: readonly Run[], data: string): Run[] {
    const keys = this.keysOf(runs.map(({ id }) => id));
    return runs.filter(({ id }) => keys.get(id) === data);
  }

  /** The runs trained on a data set, oldest first. */
  runsOf(id: string): NamedRun[] {
    return namedRuns(this.connection, 'dataset_id = @id', { id });
  }

  /** How many runs were trained on a data set. */
  countRunsOf(id: string): number {
    const sql = 'SELECT count(*) AS count FROM runs WHERE dataset_id = ? AND deleted_at IS NULL';
    return this.connection.first(countRow, sql, id)?.count ?? 0;
  }

  /** Throws UserError that lists the runs trained on a data set, where there are any. */
  requireUnused({ id, name }: Pick<DatasetSummary, 'id' | 'name'>): void {
    const runs = this.runsOf(id);
    if (runs.length > 0) throw inUse(name, runs);
  }
}

/** What tells a data set from others that may have the same sequences (`dataKey`); null where there is none of this id. */
export function keyOfData(connection: Connection, id: string): string | null {
  const summary = connection.first(datasetRow, 'SELECT summary FROM datasets WHERE id = ?', id);
  return summary && dataKey(summary);
}

function inUse(name: string, runs: readonly { id: string; name: string }[]): UserError {
  const shown = runs.slice(0, 10).map((run) => `${run.name} (${run.id})`);
  if (runs.length > shown.length) shown.push(`and ${runs.length - shown.length} more`);
  return new UserError({
    code: 'in-use',
    problem: `the data set ${name} is used by ${countText(runs.length, 'run')}, ${shown.join(', ')}`,
    fix: { cli: 'delete them first, or add --force', window: 'delete them first' },
  });
}

function nameTaken(name: string): UserError {
  return new UserError({
    code: 'name-taken',
    problem: `there is already a data set named ${name}`,
    fix: {
      cli: 'delete it, or choose another name with --name',
      window: 'delete it, or choose another name',
    },
  });
}

function noSuch(reference: string): UserError {
  return new UserError({
    code: 'unknown-dataset',
    problem: `there is no data set "${reference}"`,
    fix: { cli: '"datasets list" shows the data sets there are' },
  });
}
