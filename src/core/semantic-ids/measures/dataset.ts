/** The measures of a tokeniser on the data set that it is of. */

import { categoriesOfDataset } from '../../content/categories.ts';
import { openInteractions } from '../../data/read.ts';
import { leaveLastOut } from '../../data/splits/split.ts';
import type { ItemSpace, Snapshot } from '../types.ts';
import { measureTokeniser, type TokeniserMeasures } from './index.ts';

/** The same items are sampled whichever tokeniser is measured. */
const SEED = 1;

export interface MeasureRequest {
  snapshot: Pick<Snapshot, 'ids' | 'codebooks'>;
  space: ItemSpace | null;
  datasetDir: string;
}

/** Reads categories and training interactions (all but each user's last two) and measures. */
export async function measureOnDataset(request: MeasureRequest): Promise<TokeniserMeasures> {
  const { snapshot, space, datasetDir } = request;
  const categories = await categoriesOfDataset(datasetDir);
  const interactions = await openInteractions(datasetDir);
  const trainEnd = leaveLastOut(interactions).trainEnds();
  return measureTokeniser({ snapshot, space, categories, training: { interactions, trainEnd }, seed: SEED });
}
