import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { HISTORY_FEATURES } from '../../../data/clicks/index.ts';
import type { Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  bindTree,
  type HostTableSpecs,
  namedLeaves,
  type ParameterSpecs,
  parameter,
  zeros,
} from '../../../layers/index.ts';
import { clickDataFields, clickTrainingFields } from '../click-config.ts';
import {
  type ClickBag,
  type ClickModel,
  type ClickShape,
  type ClickSizes,
  clickModel,
  pooledInput,
} from '../click-model.ts';
import { CLICK_RATE_PAPER } from './click-rates.ts';

const [, HISTORY_LABELS] = HISTORY_FEATURES;
// Its step has no product of matrices.
const { precision: _, ...logisticTrainingFields } = clickTrainingFields;
const logisticSchema = z.object({ ...clickDataFields, ...logisticTrainingFields });

/**
 * Logistic regression: a weight for each category of a column and for each number, added up. The items of a history have weights of
 * their own.
 */
export class Logistic implements ClickModel {
  readonly bags: readonly ClickBag[];
  readonly vectors = [];
  readonly parameters: ParameterSpecs;
  readonly hostTables: HostTableSpecs;
  readonly rowNames: ClickModel['rowNames'];
  readonly #tasks: number;
  readonly #tree: ReturnType<typeof treeOf>;

  constructor({ dense, features: all, tasks }: ClickSizes) {
    // What a past row was labelled is of its item, and no category of the row.
    const features = all.filter(({ name }) => name !== HISTORY_LABELS);
    this.#tasks = tasks.length;
    this.#tree = treeOf(dense.length, tasks.length);
    this.parameters = namedLeaves(this.#tree);
    this.rowNames = { numbers: dense };
    this.bags = features.map(({ name, width }) => ({
      ...{ name, feature: name, width, codes: { kind: 'same' }, table: `tables/${name}`, pooling: 'sum' },
    }));
    this.hostTables = Object.fromEntries(
      features.map(({ name, vocabulary }) => [
        `tables/${name}`,
        { rows: vocabulary, dim: tasks.length, init: zeros },
      ]),
    );
  }

  randomInputs() {
    return {};
  }

  logits(parameters: Tensors, inputs: Tensors, { rows }: ClickShape): Tensor {
    const { bias, numbers } = bindTree(this.#tree, parameters);
    const ofCategories = this.bags.length > 0 ? [tf.sum(inputs[pooledInput(this.#tasks)], 1)] : [];
    const ofNumbers = numbers ? [tf.matMul(inputs.dense, numbers as tf.Tensor2D)] : [];
    const all = [...ofCategories, ...ofNumbers];
    return all.reduce(
      (sum, part) => tf.add(sum, part),
      tf.tile(tf.reshape(bias, [1, this.#tasks]), [rows, 1]),
    );
  }
}

function treeOf(numbers: number, tasks: number) {
  return {
    bias: parameter([tasks], zeros),
    numbers: numbers > 0 ? parameter([numbers, tasks], zeros) : undefined,
  };
}

export const logistic = clickModel({
  id: 'logistic',
  title: 'Logistic regression',
  summary: 'A weight for every category and number.',
  group: 'ranking',
  paper: CLICK_RATE_PAPER,
  essentials: ['features', 'learningRate', 'weightDecay', 'epochs'],
  configSchema: logisticSchema,
  build: (_, sizes) => new Logistic(sizes),
});
