/** The measures of a tokeniser on the data set that it is of. */

import { categoriesOfDataset } from '../../content/categories.ts';
import { openInteractions } from '../../data/read.ts';
import { leaveLastOut, splitByTime, type TimeShares } from '../../data/splits/split.ts';
import type { ItemSpace, Snapshot } from '../types.ts';
import { measureTokeniser, type TokeniserMeasures } from './index.ts';

/** The same items are sampled whichever tokeniser is measured. */
const SEED = 1;

export interface MeasureRequest {
  snapshot: Pick<Snapshot, 'ids' | 'codebooks'>;
  space: ItemSpace | null;
  datasetDir: string;
  /** How runs that the IDs rest on, or that have them, part interactions by time. */
  cuts: readonly TimeShares[];
}

/** Reads categories and training interactions (those before every cut; without one all but each user's last two) and measures. */
export async function measureOnDataset(request: MeasureRequest): Promise<TokeniserMeasures> {
  const { snapshot, space, datasetDir, cuts } = request;
  const categories = await categoriesOfDataset(datasetDir);
  const interactions = await openInteractions(datasetDir);
  const splits =
    cuts.length > 0 ? cuts.map((shares) => splitByTime(interactions, shares)) : [leaveLastOut(interactions)];
  const trainEnd = Int32Array.from({ length: interactions.users }, (_, user) =>
    Math.min(...splits.map((split) => split.trainEnd(user))),
  );
  return measureTokeniser({ snapshot, space, categories, training: { interactions, trainEnd }, seed: SEED });
}
