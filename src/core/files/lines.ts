/** The text of files, in parts. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

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

/** The lines of a file, or of what is read of one, whatever ends them. */
export function linesOf(source: string | AsyncIterable<Buffer>): AsyncIterable<string> {
  const input = typeof source === 'string' ? createReadStream(source) : Readable.from(source);
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
