import { z } from 'zod';
import { rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';

/** run: `run.json`. kept: `kept.jsonl`. home: `home.json`, of no run. */
const markRow = rowOf({ id: z.number(), part: z.enum(['run', 'kept', 'home']), run: z.string().nullable() });
export type Mark = z.output<typeof markRow>;

/** What is still to be written. */
export class Unwritten extends StoreTables {
  /** Of these parts, the oldest first, behind a mark. */
  next(parts: readonly Mark['part'][], after: number, limit: number): Mark[] {
    const sql = `SELECT id, part, run FROM unwritten WHERE part IN (SELECT value FROM json_each(?)) AND id > ? ORDER BY id LIMIT ?`;
    return this.connection.rows(markRow, sql, JSON.stringify(parts), after, limit);
  }

  /** Whether nothing has changed since. */
  isCurrent({ id }: Mark): boolean {
    return this.connection.get('SELECT id FROM unwritten WHERE id = ?', id) !== undefined;
  }

  clear({ id }: Mark): void {
    this.connection.run('DELETE FROM unwritten WHERE id = ?', id);
  }
}
