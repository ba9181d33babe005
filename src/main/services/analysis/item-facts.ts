/** What metrics of lists need to know of items, for the runs that are compared by them. */
import { existsSync } from 'node:fs';
import { openInteractions } from '../../../core/data/read.ts';
import { countItems } from '../../../core/data/splits/item-counts.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { itemFacts } from '../../../core/evaluation/list-metrics.ts';
import type { ItemFacts } from '../../../core/evaluation/metrics-table.ts';
import type { Store } from '../../../core/store/store.ts';
import type { MeasuredRun, RunRecord } from '../../../core/store/types.ts';
import { trainingPart, trainingPartKey } from '../../../core/training/ranking/context.ts';
import { isMeasured, trainingConfigOf } from './compared-runs.ts';

/** The compared runs with the items of each; without them where its data set has been deleted. */
export async function withItems(
  store: Store,
  runs: readonly ComparedRun[],
  records: readonly RunRecord[],
): Promise<ComparedRun[]> {
  const known = new Map<string, Promise<ItemFacts | null>>();
  return Promise.all(
    runs.map(async (run) => {
      const record = records.find(({ id }) => id === run.id);
      return record && isMeasured(record) ? { ...run, items: await itemsOf(store, record, known) } : run;
    }),
  );
}

/** `known`: by data set and what is trained on. */
export function itemsOf(
  store: Store,
  run: MeasuredRun,
  known = new Map<string, Promise<ItemFacts | null>>(),
): Promise<ItemFacts | null> {
  const folder = run.dataset.id === null ? null : store.datasets.folder(run.dataset.id);
  if (run.protocol?.task !== undefined || folder === null || !existsSync(folder))
    return Promise.resolve(null);
  const key = `${folder} ${trainingPartKey(trainingConfigOf(run))}`;
  const found = known.get(key) ?? readItems(folder, run);
  known.set(key, found);
  return found;
}

async function readItems(folder: string, run: MeasuredRun): Promise<ItemFacts> {
  const { data, trainEnd } = trainingPart(await openInteractions(folder), trainingConfigOf(run));
  return itemFacts(countItems(data, trainEnd));
}
