import { z } from 'zod';
import { dataFields, protocolFields } from '../../training/config.ts';
import type { FitContext, FittedModel, HostScorer, ModelDefinition } from '../model.ts';

export const popularitySchema = z.object({ ...dataFields, ...protocolFields });

/** Training interactions of every item, [items]. */
export function countItems({
  interactions,
  trainEnd,
}: Pick<FitContext, 'interactions' | 'trainEnd'>): Float32Array {
  const counts = new Float32Array(interactions.items);
  for (let user = 0; user < interactions.users; user++) {
    for (let i = interactions.offsets[user]; i < trainEnd[user]; i++) counts[interactions.itemIds[i]]++;
  }
  return counts;
}

class Popularity implements FittedModel {
  async fit(context: FitContext) {
    return { counts: countItems(context) };
  }

  scorer(state: Record<string, ArrayLike<number>>): HostScorer {
    return { score: (_user, _history, scores) => scores.set(state.counts) };
  }

  stateSpecs(state: Record<string, ArrayLike<number>>) {
    return { counts: { shape: [state.counts.length], dtype: 'float32' as const } };
  }
}

export const popularity: ModelDefinition = {
  id: 'popularity',
  title: 'Popularity',
  summary: 'Every user gets the items with the most training interactions.',
  task: 'next-item',
  family: 'baseline',
  kind: 'fitted',
  paper: {
    title: 'Performance of Recommender Algorithms on Top-N Recommendation Tasks',
    authors: 'Paolo Cremonesi, Yehuda Koren, Roberto Turrin',
    year: 2010,
    where: 'RecSys 2010, section 3.1 (TopPop)',
  },
  configSchema: popularitySchema,
  presets: {},
  build: () => new Popularity(),
};
