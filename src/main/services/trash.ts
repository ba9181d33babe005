/** The trash as it is shown: with what needs a deleted thing, and what a stray folder seems to be. */
import { setImmediate } from 'node:timers/promises';
import type { TrashItem } from '../../core/api/trash.ts';
import { countText, examplesText } from '../../core/names.ts';
import { describeStray } from '../../core/store/files/strays.ts';
import type { Store } from '../../core/store/store.ts';

/** Newest first, folders last. */
export async function listTrash(store: Store): Promise<TrashItem[]> {
  const items = await store.trash.list();
  const runs = items.flatMap(({ kind, id }) => (kind === 'run' ? [id] : []));
  const builtOn = store.runs.dependantsByRun(runs);
  const [strays, deleted] = [true, false].map((isStray) =>
    items.filter(({ kind }) => (kind === 'folder') === isStray),
  );
  const told = deleted.map((item) => {
    const dependants = dependantsText(store, item, builtOn.get(item.id) ?? []);
    return dependants === null ? item : { ...item, dependants };
  });
  for (const item of strays) {
    // The hub's thread answers the window meanwhile.
    await setImmediate();
    const stray = describeStray(store.home, item.id, store.machine);
    if (stray.at !== null) told.push({ ...item, stray });
  }
  return told;
}

function dependantsText(store: Store, { kind, id }: TrashItem, names: readonly string[]): string | null {
  if (names.length > 0) return `${examplesText(names)} ${names.length === 1 ? 'was' : 'were'} trained on it`;
  const count = kind === 'dataset' ? store.datasets.countRunsOf(id) : 0;
  return count === 0 ? null : `${countText(count, 'run')} ${count === 1 ? 'uses' : 'use'} it`;
}
