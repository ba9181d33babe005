/** The trash as it is shown: with what needs a deleted thing, and what a stray folder seems to be. */
import { setImmediate } from 'node:timers/promises';
import type { TrashItem, TrashRef } from '../../core/api/trash.ts';
import { messageOf, UserError } from '../../core/errors.ts';
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

/** Of what could not be restored. */
const MOST_SAID = 3;

/** Brings back what was deleted, each by itself; returns why some could not be. */
export function restoreRows(store: Store, items: readonly TrashRef[]): string[] {
  return store.transaction(() =>
    items.flatMap((item) => {
      try {
        store.trash.restore([item]);
        return [];
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return [messageOf(error, 'window')];
      }
    }),
  );
}

/** Throws UserError where some of so many could not be restored. */
export function requireRestored(problems: readonly string[], count: number): void {
  const others = count - problems.length;
  if (problems.length === 0) return;
  throw new UserError({
    code: 'invalid',
    problem: problems.slice(0, MOST_SAID).join('; '),
    kept: others === 0 ? undefined : `the other ${others === 1 ? 'one was' : `${others} were`} restored`,
    fix: problems.length > MOST_SAID ? `${problems.length - MOST_SAID} more could not be` : undefined,
  });
}
