import { closeSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 64 * 1024;

/** The beginning of a file as text. */
export function firstText(path: string): string {
  const bytes = Buffer.alloc(FIRST_BYTES);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
