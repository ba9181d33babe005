/** What a run recommends to all users, as a file. */
import type { DeviceId } from '../../../core/engine/types.ts';
import type { ListsUse } from '../../../core/families/model.ts';
import { recommendAll } from '../../../core/families/recommend.ts';
import { requireFormat, writeLists } from '../../../core/foreign/results/write-lists.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { testedModel } from './tested-model.ts';

export interface ListsExport {
  run: OwnRun;
  /** Its ending says the format. */
  path: string;
  /** What comes next for every user, or the lists in which the test items were ranked. */
  place: 'test' | 'next';
  /** Items of a list; null for every candidate with its score. */
  k: number | null;
  device: DeviceId;
  threads: number;
}

/** Returns how many users and rows were written. Throws UserError where the run cannot recommend, or the file cannot be written. */
export async function exportLists(
  store: Store,
  { run, path, ...request }: ListsExport,
  { onProgress, signal }: Omit<ListsUse, 'take'>,
): Promise<{ users: number; rows: number }> {
  requireFormat(path);
  const tested = testedModel(store, run);
  let users = 0;
  const rows = await writeLists({ path, datasetDir: tested.datasetDir, signal }, (take) =>
    recommendAll(
      { ...request, ...tested },
      {
        take: (user, items) => {
          users++;
          return take(user, items);
        },
        onProgress,
        signal,
      },
    ),
  );
  return { users, rows };
}
