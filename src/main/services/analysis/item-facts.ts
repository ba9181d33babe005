/** What metrics of lists need to know of items, for the runs that are compared by them. */
import { existsSync } from 'node:fs';
import { openInteractions } from '../../../core/data/read.ts';
import { countItems } from '../../../core/data/splits/item-counts.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { itemFacts, readsOf } from '../../../core/evaluation/list-metrics.ts';
import type { ItemFacts } from '../../../core/evaluation/list-values.ts';
import type { Store } from '../../../core/store/store.ts';
import type { MeasuredRun, RunRecord } from '../../../core/store/types.ts';
import { trainingPart, trainingPartKey } from '../../../core/training/ranking/context.ts';
import { readItemDetails } from '../../../core/training/ranking/item-details.ts';
import { isMeasured, trainingConfigOf } from './compared-runs.ts';

/** The compared runs with what metrics of lists among `names` need of the items of each; without them where its data set has been deleted. */
export async function withItems(
  store: Store,
  runs: readonly ComparedRun[],
  records: readonly RunRecord[],
  names: readonly string[],
): Promise<ComparedRun[]> {
  const known = new Map<string, Promise<ItemFacts | null>>();
  return Promise.all(
    runs.map(async (run) => {
      const record = records.find(({ id }) => id === run.id);
      return record && isMeasured(record)
        ? { ...run, items: await itemsOf(store, record, names, known) }
        : run;
    }),
  );
}

/** `known`: by data set and what is trained on. */
export function itemsOf(
  store: Store,
  run: MeasuredRun,
  names: readonly string[],
  known = new Map<string, Promise<ItemFacts | null>>(),
): Promise<ItemFacts | null> {
  const folder = run.dataset.id === null ? null : store.datasets.folder(run.dataset.id);
  if (run.protocol?.task !== undefined || folder === null || !existsSync(folder))
    return Promise.resolve(null);
  const key = `${folder} ${trainingPartKey(trainingConfigOf(run))}`;
  const found = known.get(key) ?? readItems(folder, run, names);
  known.set(key, found);
  return found;
}

async function readItems(folder: string, run: MeasuredRun, names: readonly string[]): Promise<ItemFacts> {
  const { data, trainEnd } = trainingPart(await openInteractions(folder), trainingConfigOf(run));
  return itemFacts(countItems(data, trainEnd), await readItemDetails(folder, data, readsOf(names)));
}
