import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../core/errors.ts';
import { freeBytes, isDiskFull, noRoomError, removeFolder } from '../../core/files/durable.ts';
import { isInside } from '../../core/files/inside.ts';
import { clip } from '../../core/names.ts';

/** What a disk keeps free, for the trainings that write on it. */
const RESERVE_BYTES = 512 * 2 ** 20;
/** The longest name that common file systems take, in bytes. */
const MAX_NAME = 255;
/** How often a growing file is compared with the free space. */
const SPACE_CHECK_BYTES = 64 * 2 ** 20;

/**
 * Streams one dropped file to `<folder>/<name>`; a name such as "ml-1m/ratings.dat" keeps its folders. `size` is
 * its length in bytes as the browser states it, 0 if it does not.
 * Throws UserError for a name that leads elsewhere or is taken, and where it does not fit; an incomplete file is removed.
 */
export async function receiveFile(folder: string, name: string, body: Readable, size = 0): Promise<string> {
  const path = join(folder, name);
  if (!isFileName(name) || path === folder || !isInside(folder, path)) {
    throw new UserError(`"${clip(name)}" is not a valid name of a dropped file`);
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // A link in the folder of a drop, which only this user can have made, would lead the file elsewhere.
    if (!isInside(await realpath(dirname(folder)), await realpath(dirname(path)))) {
      throw new UserError(`"${clip(name)}" lies behind a link that leads out of the dropped files`);
    }
    requireSpace(folder, name, size);
    await pipeline(body, spaceWatch(folder, name), createWriteStream(path, { flags: 'wx' }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EEXIST') throw new UserError(`"${clip(name)}" was dropped twice`);
    if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') {
      throw new UserError(`"${clip(name)}" is not a valid name of a dropped file`);
    }
    rmSync(path, { force: true });
    if (isDiskFull(error)) throw doesNotFit(name);
    const advice = { fix: 'free some space and drop it again', again: 'drop it again' };
    throw noRoomError(error, folder, advice) ?? error;
  }
  return path;
}

function isFileName(name: string): boolean {
  const parts = name.split(/[\\/]/);
  return (
    !isAbsolute(name) &&
    !name.includes('\0') &&
    parts.every((part) => part !== '' && part !== '.' && Buffer.byteLength(part) <= MAX_NAME) &&
    parts.length <= 64
  );
}

const doesNotFit = (name: string) =>
  new UserError({
    code: 'disk-full',
    problem: `"${clip(name)}" does not fit on the disk`,
    fix: 'free some space and drop it again',
  });

function requireSpace(folder: string, name: string, bytes: number): void {
  const free = freeBytes(folder);
  if (free !== null && free - bytes < RESERVE_BYTES) throw doesNotFit(name);
}

/** Passes a file on as long as the disk has room for more than it. */
function spaceWatch(folder: string, name: string): Transform {
  let unchecked = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unchecked += chunk.length;
      if (unchecked < SPACE_CHECK_BYTES) return done(null, chunk);
      unchecked = 0;
      try {
        requireSpace(folder, name, 0);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : null);
      }
    },
  });
}

/** Removes the folders that hold these dropped files; other files stay. */
export async function removeUploads(uploads: string, paths: readonly string[]): Promise<void> {
  const drops = new Set(
    paths
      .filter((path) => isInside(uploads, path))
      .map((path) => relative(resolve(uploads), resolve(path)).split(sep, 1)[0])
      .filter((drop) => drop !== ''),
  );
  for (const drop of drops) await removeFolder(join(uploads, drop));
}

/** Removes files that were dropped before a time (Unix milliseconds) and never imported. */
export async function removeOldUploads(uploads: string, before: number): Promise<void> {
  for (const drop of await readdir(uploads).catch(() => [])) {
    const path = join(uploads, drop);
    const found = await stat(path).catch(() => null);
    if (found && found.mtimeMs < before) await removeFolder(path);
  }
}
