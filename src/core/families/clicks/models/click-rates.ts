import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { UserError } from '../../../errors.ts';
import { logit } from '../../../evaluation/classification.ts';
import { field } from '../../../training/config.ts';
import { clickDataFields } from '../click-config.ts';
import {
  type ClickCounts,
  type ClickFeature,
  type ClickModel,
  type ClickShape,
  type ClickSizes,
  type ClickVectors,
  clickModel,
  vectorInput,
} from '../click-model.ts';

const { historyLength: _, features: __, denseTransform: ___, ...rowFields } = clickDataFields;

const clickRatesSchema = z.object({
  by: z
    .string()
    .min(1)
    .describe(
      'Columns whose rates are added up, separated by commas: item, user, or one of the data set such as the place of a row',
    )
    .default('item'),
  prior: field.positive('Training rows of the overall rate that each category begins with').default(5),
  ...rowFields,
});
type ClickRatesConfig = z.output<typeof clickRatesSchema>;

/**
 * The share of clicks of each category among the training rows: what a model has to be better than. The log-odds of a row are those of
 * all rows, and for each column what those of its category add: log-odds((clicks + prior p) / (rows + prior)) - log-odds(p) with p the
 * overall share.
 */
export class ClickRates implements ClickModel {
  readonly bags = [];
  readonly vectors: readonly ClickVectors[];
  readonly parameters = {};
  readonly hostTables = {};
  readonly rowNames = {};
  readonly #overall: readonly number[];
  readonly #tasks: number;

  /** Throws UserError where the rows have no such column. */
  constructor({ by, prior }: ClickRatesConfig, { features, tasks, clicks }: ClickSizes) {
    if (!clicks) throw new Error('click rates need counts of clicks');
    const known = features.filter(({ width }) => width === 1);
    this.#tasks = tasks.length;
    this.#overall = clicks.shares.map(logit);
    this.vectors = by.split(',').map((asked) => {
      const name = asked.trim();
      const feature = known.find((one) => one.name === name) ?? known.find((one) => one.of === name);
      if (!feature) {
        const names = known.map((one) => one.name).join(', ') || 'none';
        throw new UserError({
          code: 'bad-config',
          field: 'by',
          problem: `the rows have no column "${name}"; they have ${names}`,
        });
      }
      const values = added(feature, clicks, prior);
      return { name: feature.name, feature: feature.name, dim: tasks.length, values };
    });
  }

  randomInputs() {
    return {};
  }

  logits(_: Tensors, inputs: Tensors, { rows }: ClickShape): Tensor {
    const overall = tf.tile(tf.tensor([...this.#overall], [1, this.#tasks]), [rows, 1]);
    return this.vectors.reduce((sum, vector) => tf.add(sum, inputs[vectorInput(vector)]), overall);
  }
}

/** float32 [vocabulary, tasks] */
function added(
  { name, vocabulary, counts }: ClickFeature,
  { shares, positives }: ClickCounts,
  prior: number,
): Float32Array {
  const values = new Float32Array(vocabulary * shares.length);
  shares.forEach((share, task) => {
    for (let code = 0; code < vocabulary; code++) {
      const rate = (positives[name][task][code] + prior * share) / (counts[code] + prior);
      values[code * shares.length + task] = logit(rate) - logit(share);
    }
  });
  return values;
}

/** Logistic regression and rates of categories for clicks. */
export const CLICK_RATE_PAPER = {
  title: 'Predicting Clicks: Estimating the Click-Through Rate for New Ads',
  authors: 'Matthew Richardson, Ewa Dominowska, Robert Ragno',
  year: 2007,
  where: 'WWW 2007, pages 521 to 530',
};

export const clickRates = clickModel({
  id: 'click-rates',
  title: 'Click rates',
  summary: 'The click rate of each item, user or other column.',
  group: 'ranking',
  paper: CLICK_RATE_PAPER,
  essentials: ['by', 'prior', 'labels', 'split'],
  isFitted: true,
  configSchema: clickRatesSchema,
  build: (config, sizes) => new ClickRates(config, sizes),
});
