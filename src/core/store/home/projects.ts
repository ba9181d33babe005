import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { requireName } from '../../names.ts';
import { rowOf } from '../db/columns.ts';
import { sqliteCode } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { newRunId } from '../runs/run-id.ts';

export interface Project {
  id: string;
  name: string;
  description: string;
  /** Unix milliseconds. */
  createdAt: number;
  /** How many runs it has, archived ones included. */
  runs: number;
}

const projectRow = rowOf({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  created_at: z.number(),
  runs: z.number(),
});

const idRow = z.object({ id: z.string() });

/** The projects: names under which runs stand together. A run is in one at most. */
export class Projects extends StoreTables {
  /** By name. */
  list(): Project[] {
    return this.connection.rows(
      projectRow,
      `SELECT id, name, description, created_at,
         (SELECT count(*) FROM runs WHERE project = projects.id AND runs.deleted_at IS NULL) AS runs
       FROM projects WHERE deleted_at IS NULL ORDER BY fold_case(name), id`,
    );
  }

  /** By name or id. Throws UserError where there is none. */
  find(reference: string): Project {
    const known = this.list();
    const found = known.find(({ id, name }) => id === reference || name === reference.trim());
    if (found) return found;
    const names = known.map(({ name }) => name).join(', ') || 'none';
    throw new UserError(`there is no project "${reference}"; there are: ${names}`);
  }

  /** Throws UserError where the name is taken or is not one line of text. */
  create(name: string, description = ''): Project {
    requireName(name, 'project');
    const createdAt = Date.now();
    const row = { id: newRunId(), name: name.trim(), description };
    this.#naming(row.name, () => this.connection.insert('projects', { ...row, created_at: createdAt }));
    return { ...row, createdAt, runs: 0 };
  }

  /** Id of the project of this name, which is made where there is none. */
  named(name: string): string {
    const sql = 'SELECT id FROM projects WHERE name = ? AND deleted_at IS NULL';
    return (this.connection.first(idRow, sql, name.trim()) ?? this.create(name)).id;
  }

  /** Changes what is given, and leaves the rest. Throws UserError where the name is taken or is not one line. */
  change(id: string, { name, description }: { name?: string; description?: string }): void {
    if (name !== undefined) requireName(name, 'project');
    this.#naming(name ?? '', () =>
      this.connection.run(
        `UPDATE projects SET name = coalesce(@name, name), description = coalesce(@description, description)
         WHERE id = @id`,
        { id, name: name?.trim() ?? null, description: description ?? null },
      ),
    );
  }

  #naming<T>(name: string, write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (!sqliteCode(error).startsWith('SQLITE_CONSTRAINT')) throw error;
      throw new UserError(`there is a project "${name}" already: choose another name`);
    }
  }
}
