/** Whose a folder of an import is: its importer's until the data set is listed, and anybody's to remove once that has ended. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { livenessOf, ownIdentity } from '../process-identity.ts';

/** Names of folders in which data sets grow begin so. */
export const STAGING_PREFIX = '.importing-';
const OWNER = 'importer.json';
const FORGOTTEN_MS = 24 * 3_600_000;

const ownerSchema = z.object({ pid: z.number(), pidScope: z.string(), startTime: z.string() });

/** Makes the folder this process's. */
export function markOwned(folder: string): void {
  writeFileSync(join(folder, OWNER), JSON.stringify(ownIdentity()));
}

/** Removes the folders of imports whose processes have ended. */
export function clearStaging(datasets: string): void {
  for (const entry of readdirSync(datasets)) {
    const folder = join(datasets, entry);
    const left = entry.startsWith(STAGING_PREFIX) && (importEnded(folder) || isForgotten(folder));
    if (left) rmSync(folder, { recursive: true, force: true });
  }
}

/** A published folder is its importer's until the data set is listed. */
export function markImported(folder: string): void {
  rmSync(join(folder, OWNER), { force: true });
}

/** Whether the folder was left by an importer that is known to have ended. */
export function importEnded(folder: string): boolean {
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(join(folder, OWNER), 'utf8')));
    const liveness = livenessOf(owner);
    return liveness === 'dead' || (liveness === 'unknown' && isForgotten(folder));
  } catch {
    return false;
  }
}

/** Nothing has been written there for so long that no import can be at work. */
function isForgotten(folder: string): boolean {
  const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
  return Date.now() - mtimeMs > FORGOTTEN_MS;
}
