import { z } from 'zod';
import type { Connection } from './connection.ts';

const settingRow = z.object({ value: z.string() });

/** JSON values by name: what the user chose and should find again. */
export class Settings {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The stored value, or the schema's own default where there is none or it no longer fits. */
  read<T>(key: string, schema: z.ZodType<T>): T {
    const row = this.#connection.get('SELECT value FROM settings WHERE key = ?', key);
    const stored: unknown = row === undefined ? undefined : JSON.parse(settingRow.parse(row).value);
    const parsed = schema.safeParse(stored);
    return parsed.success ? parsed.data : schema.parse(undefined);
  }

  write(key: string, value: unknown): void {
    this.#connection.run(
      'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)',
      key,
      JSON.stringify(value),
    );
  }
}
