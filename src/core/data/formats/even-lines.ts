import { messageOf } from '../../errors.ts';
import { writeRecords } from './records.ts';
import type { SniffedFile } from './sniff.ts';

/**
 * What `read` makes of a plain text file. DuckDB reads no delimited text whose lines end now with "\n" and now with "\r\n", as where a header
 * was written by other means than the rows: `read` is then given a copy at `target` whose lines all end alike.
 */
export async function withEvenLines<T>(
  file: SniffedFile,
  path: string,
  target: string,
  read: (path: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    if (file.kind !== 'delimited' || !messageOf(error).includes('reached an invalid state')) throw error;
    await writeRecords(file, path, target, () => true, signal);
    return await read(target);
  }
}
