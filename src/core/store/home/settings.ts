import { z } from 'zod';
import { StoreTables } from '../db/store-tables.ts';

const settingRow = z.object({ value: z.string().transform((text): unknown => JSON.parse(text)) });

/** JSON values by name: what the user chose and should find again. */
export class Settings extends StoreTables {
  /** The stored value, or the schema's own default where there is none or it no longer fits. */
  read<T>(key: string, schema: z.ZodType<T>): T {
    const stored = this.connection.first(settingRow, 'SELECT value FROM settings WHERE key = ?', key);
    const parsed = schema.safeParse(stored?.value);
    return parsed.success ? parsed.data : schema.parse(undefined);
  }

  write(key: string, value: unknown): void {
    this.connection.replace('settings', { key, value: JSON.stringify(value) });
  }
}
