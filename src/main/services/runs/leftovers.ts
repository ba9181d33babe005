/** What processes that were killed have left in a home, and how it goes. */
import { readdirSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { importEnded, markImported, STAGING_PREFIX } from '../../../core/data/import/import-owner.ts';
import { isPartial, removeFolder } from '../../../core/files/durable.ts';
import { phaseOf } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';

/**
 * Removes unfinished imports, and half-written files of runs that nobody trains. What a living process works on stays,
 * and so does every other folder that no row knows: its database may be the one that is missing.
 * Stops when the signal fires.
 */
export async function removeLeftovers(store: Store, signal: AbortSignal): Promise<void> {
  const datasets = join(store.home, 'datasets');
  for (const entry of await namesIn(datasets)) {
    if (signal.aborted) return;
    const folder = join(datasets, entry);
    if (entry.startsWith(STAGING_PREFIX)) {
      if (importEnded(folder)) await removeFolder(folder);
    } else if (store.datasets.has(entry)) markImported(folder);
  }
  for (const run of await namesIn(join(store.home, 'runs'))) {
    if (signal.aborted) return;
    // Of a file of a run that was being written; a living writer tries again.
    if (isPartial(run)) await rm(join(store.home, 'runs', run), { force: true });
    else if (store.runs.exists(run)) await removeRunLeftovers(store, run, signal);
  }
}

async function removeRunLeftovers(store: Store, run: string, signal: AbortSignal): Promise<void> {
  const folder = store.runs.folder(run);
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const partial = names.filter(isPartial);
  // The status is read last: a trainer may have begun to write while the files were listed.
  if (partial.length === 0 || signal.aborted || !store.runs.exists(run)) return;
  if (phaseOf(store.runs.get(run).status) === 'hosted') return;
  for (const name of partial) await rm(join(folder, name), { force: true });
}

const namesIn = (folder: string) => readdir(folder).catch((): string[] => []);

/** Removes the half-written files that a killed trainer left in its run's folder. The caller must hold the run's lease. */
export function removePartialFiles(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (isPartial(name)) rmSync(join(folder, name), { force: true });
  }
}
