/** What processes that were killed have left in a home, and how it goes. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clearStaging, importEnded, markImported } from '../../core/data/import-owner.ts';
import { isPartial } from '../../core/files/durable.ts';
import { isRunId } from '../../core/store/run-id.ts';
import { phaseOf } from '../../core/store/run-life.ts';
import type { Store } from '../../core/store/store.ts';

/**
 * Removes unfinished imports, data sets and run folders that no row knows, and half-written files of runs that nobody
 * trains. What a living process works on stays. Stops when the signal fires.
 */
export async function clearLeftovers(store: Store, signal: AbortSignal): Promise<void> {
  const datasets = join(store.home, 'datasets');
  if (existsSync(datasets)) {
    clearStaging(datasets);
    const listed = new Set(store.datasets.list().map(({ id }) => id));
    for (const entry of await readdir(datasets)) {
      if (signal.aborted) return;
      const folder = join(datasets, entry);
      if (listed.has(entry)) markImported(folder);
      else if (importEnded(folder) && !store.datasets.has(entry))
        rmSync(folder, { recursive: true, force: true });
    }
  }
  const runs = join(store.home, 'runs');
  for (const run of existsSync(runs) ? await readdir(runs) : []) {
    if (signal.aborted) return;
    await clearRun(store, run, signal);
  }
}

async function clearRun(store: Store, run: string, signal: AbortSignal): Promise<void> {
  const folder = store.runs.folder(run);
  if (!isRunId(run)) return;
  if (!store.runs.exists(run)) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    return;
  }
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const partial = names.filter(isPartial);
  // Looked up last: meanwhile a trainer may have begun to write.
  if (partial.length === 0 || signal.aborted || !store.runs.exists(run)) return;
  if (phaseOf(store.runs.get(run).status) === 'hosted') return;
  for (const name of partial) rmSync(join(folder, name), { force: true });
}

/** Removes the half-written files that a killed trainer left in its run's folder. The caller must hold the run's lease. */
export function clearPartialFiles(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (isPartial(name)) rmSync(join(folder, name), { force: true });
  }
}
