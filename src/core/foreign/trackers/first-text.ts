import { closeSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 64 * 1024;

/** The beginning of a file as text; "" where it cannot be read: of a folder others can. */
export function firstText(path: string): string {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(FIRST_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } catch {
    return '';
  } finally {
    if (file !== null) closeSync(file);
  }
}
