import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { DatasetSummary } from '../data/types.ts';
import { UserError } from '../errors.ts';
import { countText } from '../names.ts';
import { jsonOf } from './columns.ts';
import { sqliteCode } from './connection.ts';
import { StorePart } from './part.ts';
import { RUN_STATUSES, type RunStatus } from './run-life.ts';

const datasetRow = z.object({ summary: jsonOf<DatasetSummary>() }).transform((row) => row.summary);
const idRow = z.object({ id: z.string() });
const runRow = z.object({ id: z.string(), name: z.string(), status: z.enum(RUN_STATUSES) });

/** A data set that was deleted and can still be brought back. */
export interface DeletedDataset {
  summary: DatasetSummary;
  /** Runs that were trained on it. */
  runs: string[];
  /** Where its files wait. */
  folder: string;
}

/** ".deleted-<Unix milliseconds>-<id>" */
const DELETED = /^\.deleted-(\d+)-/;

/** The imported data sets. Their rows are here, their interactions in `<home>/datasets/<id>`. */
export class Datasets extends StorePart {
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

  /** Throws UserError where a data set has this name. */
  requireFreeName(name: string): void {
    if (this.connection.get('SELECT id FROM datasets WHERE name = ?', name)) throw nameTaken(name);
  }

  has(id: string): boolean {
    return this.connection.get('SELECT id FROM datasets WHERE id = ?', id) !== undefined;
  }

  /** The data set with exactly this id. Throws UserError where there is none. */
  get(id: string): DatasetSummary {
    const found = this.connection.first(datasetRow, 'SELECT summary FROM datasets WHERE id = ?', id);
    if (found === null) throw noSuch(id);
    return found;
  }

  /** By name, by id, or by the beginning of its id. Throws UserError where none or several fit. */
  find(reference: string): DatasetSummary {
    const lookups = [
      'SELECT summary FROM datasets WHERE name = @reference',
      'SELECT summary FROM datasets WHERE id = @reference',
      'SELECT summary FROM datasets WHERE substr(id, 1, length(@reference)) = @reference',
    ];
    for (const sql of reference === '' ? [] : lookups) {
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
    const sql = 'SELECT summary FROM datasets ORDER BY created_at DESC, id DESC';
    return this.connection.rows(datasetRow, sql);
  }

  /** The runs trained on a data set, oldest first. */
  runsOf(id: string): { id: string; name: string; status: RunStatus }[] {
    const sql = 'SELECT id, name, status FROM runs WHERE dataset_id = ? AND deleted_at IS NULL ORDER BY id';
    return this.connection.rows(runRow, sql, id);
  }

  /**
   * Deletes a data set and its files. Runs trained on it stay and keep its name and fingerprint.
   * Throws UserError where there are such runs and `force` is false.
   */
  delete(id: string, force: boolean): void {
    this.discard(this.markDeleted(id, force));
  }

  /** As `delete`, but its files wait under another name until they are discarded, restored or purged. */
  markDeleted(id: string, force: boolean): DeletedDataset {
    const folder = join(this.connection.home, 'datasets', `.deleted-${Date.now()}-${id}`);
    return this.connection.transaction(() => {
      const summary = this.get(id);
      const runs = this.runsOf(id);
      if (runs.length > 0 && !force) throw inUse(summary.name, runs);
      const referring = this.#referring(id);
      this.connection.run('DELETE FROM datasets WHERE id = ?', id);
      if (existsSync(this.folder(id))) renameSync(this.folder(id), folder);
      return { summary, runs: referring, folder };
    });
  }

  /** Brings a deleted data set back, and its runs to it. Throws UserError if its files are missing or its name is taken. */
  restore({ summary, runs, folder }: DeletedDataset): void {
    if (!existsSync(folder)) {
      throw new UserError(
        `the data set ${summary.name} cannot be brought back: its files are gone; import it again`,
      );
    }
    this.connection.transaction(() => {
      this.add(summary);
      this.connection.run(
        'UPDATE runs SET dataset_id = ? WHERE dataset_id IS NULL AND id IN (SELECT value FROM json_each(?))',
        summary.id,
        JSON.stringify(runs),
      );
      renameSync(folder, this.folder(summary.id));
    });
  }

  /** Removes the files of a deleted data set. */
  discard({ folder }: DeletedDataset): void {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Removes the files of data sets that were deleted before a time (Unix milliseconds). */
  purge(before: number): void {
    const datasets = join(this.connection.home, 'datasets');
    for (const entry of existsSync(datasets) ? readdirSync(datasets) : []) {
      const deletedAt = Number(DELETED.exec(entry)?.[1] ?? Number.NaN);
      if (deletedAt < before) rmSync(join(datasets, entry), { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Ids of all runs on it, hidden ones included. */
  #referring(id: string): string[] {
    return this.connection.rows(idRow, 'SELECT id FROM runs WHERE dataset_id = ?', id).map((run) => run.id);
  }
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
