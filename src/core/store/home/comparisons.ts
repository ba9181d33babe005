import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { requireName } from '../../names.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import { sqliteCode } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { newRunId } from '../runs/run-id.ts';

/** A comparison that the user keeps: its runs, how they are looked at, and what was concluded. */
export interface ComparisonContent {
  name: string;
  /** What was concluded; it goes into reports. */
  notes: string;
  /** Ids. */
  runs: string[];
  /** Id of a run; undefined for the usual one, null for none. */
  baseline?: string | null;
  /** Undefined for the usual ones. */
  metrics?: string[];
  /** What rows are called, by the id of one of their runs. */
  labels?: Record<string, string>;
  /** Id of the project that it belongs to, or null. */
  project: string | null;
}

export interface SavedComparison extends ComparisonContent {
  id: string;
  /** Unix milliseconds. */
  savedAt: number;
}

const comparisonRow = rowOf({
  id: z.string(),
  name: z.string(),
  notes: z.string(),
  runs: jsonOf<string[]>(),
  look: jsonOf<Pick<ComparisonContent, 'baseline' | 'metrics' | 'labels'>>(),
  project: z.string().nullable(),
  saved_at: z.number(),
});

/** The saved comparisons of a home. What is in the trash is in no list, and its name is free. */
export class Comparisons extends StoreTables {
  /** By name. */
  list(): SavedComparison[] {
    const sql = 'SELECT * FROM comparisons WHERE deleted_at IS NULL ORDER BY fold_case(name), id';
    return this.connection.rows(comparisonRow, sql).map(({ look, ...row }) => ({ ...row, ...look }));
  }

  /** Those with at least one of these runs, by name. */
  showing(runs: readonly string[]): SavedComparison[] {
    const chosen = new Set(runs);
    return this.list().filter((one) => one.runs.some((run) => chosen.has(run)));
  }

  /** Writes over the saved comparison of this id, or makes one without it. Throws UserError where the name is taken or it is gone. */
  save(content: ComparisonContent, known?: string): SavedComparison {
    requireName(content.name, 'comparison');
    const { baseline, metrics, labels, runs, notes, project } = content;
    const name = content.name.trim();
    const savedAt = Date.now();
    const id = known ?? newRunId();
    const row = { id, name, notes, project, saved_at: savedAt };
    const json = { runs: JSON.stringify(runs), look: JSON.stringify({ baseline, metrics, labels }) };
    try {
      if (known === undefined) this.connection.insert('comparisons', { ...row, ...json });
      else this.#update({ ...row, ...json });
    } catch (error) {
      const code = sqliteCode(error);
      if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') throw new UserError(`there is no project ${project}`);
      if (code !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
      throw new UserError(`there is a saved comparison "${name}" already: choose another name`);
    }
    return { ...content, id, name, savedAt };
  }

  #update(row: Record<string, string | number | null>): void {
    const changed = this.connection.run(
      `UPDATE comparisons SET name = @name, notes = @notes, runs = @runs, look = @look, project = @project, saved_at = @saved_at
       WHERE id = @id AND deleted_at IS NULL`,
      row,
    );
    if (changed === 0)
      throw new UserError(
        'this comparison has been deleted: restore it from the trash, or save it as a new one',
      );
  }
}
