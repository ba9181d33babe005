/** Owner of the folder of an import: its importer until the data set is listed; anybody may remove it once that has ended. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { livenessOf, ownIdentity, type ProcessIdentity } from '../../process-identity.ts';

/** Prefix of folders of unfinished imports. */
export const STAGING_PREFIX = '.importing-';
const OWNER = 'importer.json';
const ABANDONED_MS = 24 * 3_600_000;

const ownerSchema = z.object({ pid: z.number(), pidScope: z.string(), startTime: z.string() });

/** Makes the folder this process's. */
export function markOwned(folder: string): void {
  writeFileSync(join(folder, OWNER), JSON.stringify(ownIdentity()));
}

/** Removes the folders of imports whose processes have ended. */
export function removeAbandonedImports(datasets: string): void {
  for (const entry of readdirSync(datasets)) {
    const folder = join(datasets, entry);
    if (entry.startsWith(STAGING_PREFIX) && isAbandoned(folder)) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** A published folder is its importer's until the data set is listed. */
export function markImported(folder: string): void {
  rmSync(join(folder, OWNER), { force: true });
}

/** Whether the folder was left by an importer that is known to have ended. */
export function importEnded(folder: string): boolean {
  return ownerOf(folder) !== null && isAbandoned(folder);
}

/** Nobody works on the folder: not its owner or, where that one cannot be looked at or is not named, nobody for a day. */
function isAbandoned(folder: string): boolean {
  const owner = ownerOf(folder);
  const liveness = owner === null ? 'unknown' : livenessOf(owner);
  return liveness === 'dead' || (liveness === 'unknown' && Date.now() - lastWrite(folder) > ABANDONED_MS);
}

function ownerOf(folder: string): ProcessIdentity | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(join(folder, OWNER), 'utf8')));
  } catch {
    return null;
  }
}

/** When something in the folder was written last, in Unix milliseconds; now, where it cannot be read. */
function lastWrite(folder: string): number {
  try {
    const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return Math.max(
      ...[folder, ...inside.map((name) => join(folder, name))].map((path) => statSync(path).mtimeMs),
    );
  } catch {
    return Date.now();
  }
}

/** Whether an importer that may still be at work has published the folder and is about to list it. */
export function isBeingImported(folder: string): boolean {
  return existsSync(join(folder, OWNER)) && !importEnded(folder);
}
