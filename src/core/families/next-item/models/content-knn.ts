import { z } from 'zod';
import { contentFields } from '../../../content/config.ts';
import type { Interactions } from '../../../data/types.ts';
import type { HostArrays } from '../../../engine/index.ts';
import { dot, unitRows } from '../../../math/rows.ts';
import { dataFields, field, protocolFields } from '../../../training/config.ts';
import type { FitContext, FittedModel, HostScorer } from '../next-item-model.ts';
import { fitted } from '../next-item-model.ts';

export const contentKnnSchema = z.object({
  ...contentFields,
  lastItems: field
    .positiveInt('Most recent items of the history whose mean vector the items are compared with')
    .default(1),
  ...dataFields,
  ...protocolFields,
});

type ContentKnnConfig = z.output<typeof contentKnnSchema>;

/**
 * Nearest neighbours in content space: the score of an item is the cosine of its content vector and the mean vector of
 * the history's most recent items. It needs no interactions with an item, and so is the baseline of Semantic IDs on new
 * items (Rajput et al. 2023, section 5). Items without content score 0.
 */
class ContentKnn implements FittedModel {
  readonly #config: ContentKnnConfig;

  constructor(config: ContentKnnConfig) {
    this.#config = config;
  }

  /** Vectors of the candidates, [items, dim]. */
  async fit({ interactions: { items }, content }: FitContext): Promise<HostArrays> {
    const { dim, data } = await content();
    return { vectors: data.slice(0, items * dim) };
  }

  scorer({ vectors }: HostArrays, { items }: Interactions): HostScorer {
    const dim = vectors.length / items;
    const unit = unitRows(vectors as Float32Array, dim);
    const mean = new Float32Array(dim);
    return {
      score: (_user, history, scores) => {
        mean.fill(0);
        for (const item of history.subarray(-this.#config.lastItems)) {
          for (let axis = 0; axis < dim; axis++) mean[axis] += vectors[item * dim + axis];
        }
        const direction = unitRows(mean, dim);
        for (let item = 0; item < items; item++) scores[item] = dot(unit, item * dim, direction, 0, dim);
      },
    };
  }

  stateSpecs({ vectors }: HostArrays) {
    return { vectors: { shape: [vectors.length], dtype: 'float32' as const } };
  }
}

export const contentKnn = fitted({
  id: 'content-knn',
  title: 'ContentKNN',
  summary: 'Items with content like the history.',
  group: 'baseline',
  paper: {
    title: 'Recommender Systems with Generative Retrieval',
    authors: 'Shashank Rajput, Nikhil Mehta, Anima Singh, and others',
    year: 2023,
    where: 'NeurIPS 2023, section 5: the baseline for cold items',
  },
  essentials: ['content'],
  configSchema: contentKnnSchema,
  sources: { vectorsFrom: 'optional' },
  build: (config) => new ContentKnn(config),
});
