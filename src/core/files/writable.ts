import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The nearest folder or file that exists, from a path upwards. */
export function existingPart(path: string): string {
  for (let part = path; ; part = dirname(part)) if (existsSync(part) || part === dirname(part)) return part;
}

/** Why nothing can be written into a folder, which need not exist yet; null where it can. */
export function unwritable(folder: string): string | null {
  const existing = existingPart(folder);
  if (!statSync(existing).isDirectory())
    return existing === folder
      ? 'this is a file: choose a folder'
      : `${existing} is a file: choose another path`;
  if (existing !== folder && lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    return 'this is a link to nothing: choose a folder';
  try {
    accessSync(existing, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return `${existing} cannot be written: change its permissions or choose another folder`;
  }
}
