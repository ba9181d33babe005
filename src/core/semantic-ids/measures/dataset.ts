/** The measures of a tokeniser on the data set that it is of. */

import { categoriesOfDataset } from '../../content/categories.ts';
import { openInteractions } from '../../data/read.ts';
import { readSplit, type SplitSettings, type StatedSplit, splitOf } from '../../data/splits/index.ts';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { ItemSpace, Snapshot } from '../types.ts';
import { measureTokeniser, type TokeniserMeasures } from './index.ts';

/** The same items are sampled whichever tokeniser is measured. */
const SEED = 1;

export interface MeasureRequest {
  snapshot: Pick<Snapshot, 'ids' | 'codebooks'>;
  space: ItemSpace | null;
  datasetDir: string;
  /** Other splits than the usual one, of runs that the IDs rest on, or that have them. */
  splits: readonly (Partial<SplitSettings> & { split: StatedSplit })[];
}

/** Reads categories and training interactions (those that all of the splits train on; without one all but each user's last two) and measures. */
export async function measureOnDataset(request: MeasureRequest): Promise<TokeniserMeasures> {
  const { snapshot, space, datasetDir, splits: stated } = request;
  const categories = await categoriesOfDataset(datasetDir);
  const interactions = await openInteractions(datasetDir);
  const others = stated.map((settings) => {
    const { split, validation } = readSplit(settings.split);
    return splitOf({ ...settings, split }).part(interactions, validation);
  });
  const splits = others.length > 0 ? others : [leaveLastOut(interactions)];
  const trainEnd = Int32Array.from({ length: interactions.users }, (_, user) =>
    Math.min(...splits.map((split) => split.trainEnd(user))),
  );
  return measureTokeniser({ snapshot, space, categories, training: { interactions, trainEnd }, seed: SEED });
}
