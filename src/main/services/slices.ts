import { existsSync } from 'node:fs';
import { openInteractions } from '../../core/data/read.ts';
import { leaveLastOut } from '../../core/data/split.ts';
import { type SliceResult, sliceBorders, sliceMetrics } from '../../core/evaluation/slices.ts';
import { countItems } from '../../core/models/popularity.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';

/** Cut-offs shown of every slice. */
const SLICE_CUTOFFS = [10, 50];

/**
 * The test metrics of a run by the popularity of the target and by the length of the history, from its
 * stored ranks. Empty where the run has none or its data set has been deleted.
 */
export async function runSlices(store: Store, run: RunRecord): Promise<SliceResult[]> {
  const ranks = store.ranks.read(run.id, 'test');
  const folder = run.dataset.id === null ? null : store.datasets.folder(run.dataset.id);
  if (!ranks || !folder || !existsSync(folder)) return [];
  const data = await openInteractions(folder);
  const split = leaveLastOut(data, {
    validation: run.protocol?.split !== 'leave-last-out-without-validation',
  });
  const trainEnd = split.trainEnds();
  const popularity = countItems({ interactions: data, trainEnd });
  return sliceMetrics(ranks, sliceBorders(ranks, popularity), SLICE_CUTOFFS);
}
