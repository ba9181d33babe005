import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../core/errors.ts';
import { isInside } from '../../core/files/inside.ts';

/**
 * Throws UserError for a path that leads out of the readable folder, links included; null allows every path. A missing
 * file is left to whoever opens it.
 */
export function requireReadable(folder: string | null, paths: readonly string[]): void {
  if (folder === null) return;
  for (const path of paths) {
    if (isInside(folder, path) && isInside(real(folder), real(path))) continue;
    throw new UserError(
      `${path}: only dropped files can be read from the browser; drop the file on the window`,
    );
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/**
 * Streams one dropped file to `<folder>/<name>`; a name such as "ml-1m/ratings.dat" keeps its folders.
 * Throws UserError for a name that leads elsewhere or is taken; an incomplete file is removed.
 */
export async function receiveFile(folder: string, name: string, body: Readable): Promise<string> {
  const path = join(folder, name);
  if (name === '' || name.includes('\0') || isAbsolute(name) || path === folder || !isInside(folder, path)) {
    throw new UserError(`"${name}" is not a valid name of a dropped file`);
  }
  mkdirSync(dirname(path), { recursive: true });
  try {
    await pipeline(body, createWriteStream(path, { flags: 'wx' }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST') throw new UserError(`"${name}" was dropped twice`);
    rmSync(path, { force: true });
    if (code === 'ENOSPC')
      throw new UserError(`"${name}" does not fit on the disk: free some space and drop it again`);
    throw error;
  }
  return path;
}

/** Removes the folders that hold these dropped files; other files stay. */
export function discardUploads(uploads: string, paths: readonly string[]): void {
  const drops = new Set(
    paths
      .filter((path) => isInside(uploads, path))
      .map((path) => relative(resolve(uploads), resolve(path)).split(sep, 1)[0])
      .filter((drop) => drop !== ''),
  );
  for (const drop of drops) rmSync(join(uploads, drop), { recursive: true, force: true, maxRetries: 3 });
}

/** Removes files that were dropped before a time (Unix milliseconds) and never imported. */
export function purgeUploads(uploads: string, before: number): void {
  for (const drop of existsSync(uploads) ? readdirSync(uploads) : []) {
    const path = join(uploads, drop);
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? before) < before) {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}
