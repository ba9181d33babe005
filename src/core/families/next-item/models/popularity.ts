import { z } from 'zod';
import { countItems } from '../../../data/splits/item-counts.ts';
import { dataFields, protocolFields } from '../../../training/config.ts';
import type { FitContext, FittedModel, HostScorer } from '../next-item-model.ts';
import { fitted } from '../next-item-model.ts';

export const popularitySchema = z.object({ ...dataFields, ...protocolFields });

class Popularity implements FittedModel {
  async fit({ interactions, trainEnd }: FitContext) {
    return { counts: countItems(interactions, trainEnd) };
  }

  scorer(state: Record<string, ArrayLike<number>>): HostScorer {
    return { score: (_user, _history, scores) => scores.set(state.counts) };
  }

  stateSpecs(state: Record<string, ArrayLike<number>>) {
    return { counts: { shape: [state.counts.length], dtype: 'float32' as const } };
  }
}

export const popularity = fitted({
  id: 'popularity',
  title: 'Popularity',
  summary: 'Everyone gets the most popular items.',
  group: 'baseline',
  paper: {
    title: 'Performance of Recommender Algorithms on Top-N Recommendation Tasks',
    authors: 'Paolo Cremonesi, Yehuda Koren, Roberto Turrin',
    year: 2010,
    where: 'RecSys 2010, section 3.1 (TopPop)',
  },
  essentials: [],
  fitSeconds: ({ interactions }) => interactions / 1e8,
  configSchema: popularitySchema,
  build: () => new Popularity(),
});
