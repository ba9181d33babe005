import { type Connection, sqliteCode } from '../db/connection.ts';
import { newRunId } from './run-id.ts';

/** Adds a row under a new id. */
export function insertRun(
  connection: Connection,
  row: Record<string, string | number | null>,
  newId = newRunId,
): string {
  for (;;) {
    const id = newId();
    try {
      connection.insert('runs', { id, ...row });
      return id;
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_PRIMARYKEY') throw error;
    }
  }
}
