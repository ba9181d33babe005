import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../core/errors.ts';

/**
 * Writes a text file whole or not at all: under another name beside it, synced, then renamed. A device
 * such as /dev/stdout is written to as it is. Throws UserError where that is not possible.
 */
export function writeWhole(path: string, text: string): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw new UserError(`${path}: is a folder; name a file in it with --out`);
  if (!existsSync(dirname(path)))
    throw new UserError(`${path}: there is no folder ${dirname(path)}; make it first`);
  const special = existing !== undefined && !existing.isFile();
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`);
  try {
    if (special) writeFileSync(path, text);
    else writeAndRename(partial, path, text);
  } catch (error) {
    if (!special) rmSync(partial, { force: true });
    const code = error instanceof Error && 'code' in error ? error.code : null;
    // Its message names the passing file, which nobody has asked for.
    const reason = code === 'ENOSPC' ? 'the disk is full' : String(code ?? error);
    throw new UserError(`${path}: cannot be written (${reason}); choose another file with --out`);
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
