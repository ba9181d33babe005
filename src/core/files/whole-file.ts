import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Fix, UserError } from '../errors.ts';
import { reasonOf, writeDurably } from './durable.ts';
import { makeFolders } from './whole-folder.ts';

/**
 * Writes a file that the user has named whole or not at all: under another name beside it, synced, then renamed. A device
 * such as /dev/stdout is written to as it is. Throws UserError if that is not possible. `before` is called last before the new
 * content takes the place of the old one, which stays where that throws a UserError.
 */
export function writeWhole(path: string, content: string | Uint8Array, before?: () => void): void {
  const refuse = (problem: string, fix: Fix) =>
    new UserError({ code: 'invalid', problem: `${path}: ${problem}`, fix });
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory())
    throw refuse('is a folder', { cli: 'name a file in it with --out', window: 'choose another name' });
  if (!existsSync(dirname(path))) throw refuse(`there is no folder ${dirname(path)}`, 'create it first');
  const special = existing !== undefined && !existing.isFile();
  try {
    if (special) writeFileSync(path, content);
    else writeDurably(path, [Buffer.from(content)], 0o666, before);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const fix = { cli: 'choose another file with --out', window: 'choose another place' };
    throw refuse(`cannot be written (${reasonOf(error)})`, fix);
  }
}

/** A folder for files of its own, or the one that is there. Throws UserError where it is a file, or cannot be made. */
export function makeFolder(path: string): void {
  // "file/" is no entry where "file" is one.
  const existing = statSync(resolve(path), { throwIfNoEntry: false });
  if (existing && !existing.isDirectory())
    throw new UserError(`${path}: is a file; name a folder with --out`);
  makeFolders(path, 'choose another folder with --out');
}
