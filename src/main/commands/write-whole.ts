import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, UserError } from '../../core/errors.ts';

/**
 * Writes a text file whole or not at all: under another name beside it, synced, then renamed. A device
 * such as /dev/stdout is written to as it is. Throws UserError where that is not possible.
 */
export function writeWhole(path: string, text: string): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw new UserError(`${path}: is a folder; name a file in it with --out`);
  const special = existing !== undefined && !existing.isFile();
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`);
  try {
    if (special) writeFileSync(path, text);
    else writeAndRename(partial, path, text);
  } catch (error) {
    if (!special) rmSync(partial, { force: true });
    throw new UserError(`${path}: cannot be written (${messageOf(error)}); choose another file with --out`);
  }
}

function writeAndRename(partial: string, path: string, text: string): void {
  const file = openSync(partial, 'wx');
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
