/** Reads large files by places, so that only what is needed is in memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf, UserError } from '../errors.ts';

export const broken = (path: string, why: string) => new UserError(`${path}: ${why}; use another file`);

/** What `read` makes of an open file. Throws UserError where it cannot be opened, as a folder or a pipe. */
export function opened<T>(path: string, read: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  }
  try {
    if (!fstatSync(file).isFile()) throw broken(path, 'no file');
    return read(file);
  } finally {
    closeSync(file);
  }
}

/** The system reads less than 2 GiB at once. */
const READ_BYTES = 2 ** 30;

/** Fills `target` from place `at` of the file on and returns the place after it. Throws UserError where the file ends before. */
export function readAll(path: string, file: number, target: Uint8Array, at: number): number {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(READ_BYTES, target.length - done);
    const read = readSync(file, target, done, length, at + done);
    if (read === 0) throw broken(path, 'the file is cut short');
    done += read;
  }
  return at + target.length;
}
