import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { bool, dropout, type Tensors } from '../../engine/index.ts';
import {
  additiveEnergies,
  causalEnergies,
  causalWeights,
  linear,
  type ParameterSpec,
  parameter,
  type RandomInputs,
  xavierNormal,
} from '../../layers/index.ts';
import { field } from '../../training/config.ts';
import type { BatchShape } from '../../training/step-model.ts';
import type { DataSizes } from './next-item-model.ts';
import { trained } from './next-item-model.ts';
import {
  bprLoss,
  crossEntropy,
  lastPositions,
  type Predictions,
  RecurrentModel,
  recbole,
  recurrentFields,
  tableHistories,
  trainingPositions,
} from './recurrent.ts';

export const narmSchema = z.object({
  ...recurrentFields,
  dropout: field.fraction('Rate after the embedding').default(0.25),
  contextDropout: field.fraction('Rate on the attended and the last state').default(0.5),
  attention: z
    .enum(['sigmoid', 'softmax'])
    .describe(
      'Energies of a logistic function as they are, as in RecBole; or of a hard sigmoid, then softmax',
    )
    .default('sigmoid'),
  training: trainingPositions.default('all-positions'),
  loss: z
    .enum(['cross-entropy', 'bpr'])
    .describe('Softmax over all items, or one negative a prediction')
    .default('cross-entropy'),
});

export type NarmConfig = z.output<typeof narmSchema>;

const FAR_BELOW = -1e9;

/**
 * A GRU whose states up to a position are summed by additive attention of the position's own state (section 3.3):
 * c = [sum_j alpha_j h_j ; h_i], score = e . (B c).
 */
export class Narm extends RecurrentModel<NarmConfig> {
  readonly parameters: Record<string, ParameterSpec>;

  constructor(config: NarmConfig, sizes: DataSizes) {
    super(config, sizes);
    const { dim, hidden } = config;
    this.parameters = {
      ...this.tables(),
      'attention/key': parameter([hidden, hidden], xavierNormal),
      'attention/query': parameter([hidden, hidden], xavierNormal),
      'attention/energy': parameter([hidden, 1], xavierNormal),
      'output/weight': parameter([2 * hidden, dim], xavierNormal),
    };
  }

  override randomInputs(shape: BatchShape): RandomInputs {
    const { contextDropout: rate, hidden, loss } = this.config;
    const last = this.batches.samples === 'prefixes';
    const spec = last ? bool(shape.rows, 2 * hidden) : bool(shape.rows, shape.length, 2 * hidden);
    return {
      ...super.randomInputs(shape),
      ...(rate > 0 && { 'mask/context': { kind: 'mask', spec, rate } }),
      ...(loss === 'bpr' && { negatives: this.onePairedNegative(shape) }),
    };
  }

  protected outputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor {
    const length = hidden.shape[1] as number;
    const query = linear(hidden, parameters['attention/query']);
    const key = linear(hidden, parameters['attention/key']);
    const energies = causalEnergies(query, key, parameters['attention/energy'], this.#activation);
    const local = tf.matMul(this.#weights(energies, causalWeights(length)), hidden);
    return this.#compare(parameters, inputs, local, hidden);
  }

  protected lastOutputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor {
    const [rows, length, width] = hidden.shape as [number, number, number];
    const last = lastPositions(hidden, inputs);
    const query = tf.expandDims(linear(last, parameters['attention/query']), 1);
    const key = linear(hidden, parameters['attention/key']);
    const energies = additiveEnergies(query, key, parameters['attention/energy'], this.#activation);
    const columns = tf.tensor(
      Int32Array.from({ length }, (_, i) => i),
      [1, length],
      'int32',
    );
    const real = tf.cast(tf.less(columns, tf.reshape(inputs.lengths, [rows, 1])), 'float32');
    const weights = this.#weights(energies, tf.reshape(real, [rows, 1, length]));
    const local = tf.reshape(tf.matMul(weights, hidden), [rows, width]);
    return this.#compare(parameters, inputs, local, last);
  }

  get #activation(): 'sigmoid' | 'hard-sigmoid' {
    return this.config.attention === 'sigmoid' ? 'sigmoid' : 'hard-sigmoid';
  }

  /** energies [rows, queries, length]; mask, 1 where the key counts, broadcasts to them. */
  #weights(energies: Tensor, mask: Tensor): Tensor {
    if (this.config.attention === 'sigmoid') return tf.mul(energies, mask);
    return tf.softmax(tf.add(energies, tf.mul(tf.sub(1, mask), FAR_BELOW)));
  }

  #compare(parameters: Tensors, inputs: Tensors, local: Tensor, state: Tensor): Tensor {
    const context = tf.concat([local, state], -1);
    const dropped = dropout(context, inputs['mask/context'], this.config.contextDropout);
    return linear(dropped, parameters['output/weight']);
  }

  get logitScale(): number | undefined {
    return this.config.loss === 'cross-entropy' ? 1 : undefined;
  }

  protected lossOf(predictions: Predictions, parameters: Tensors, inputs: Tensors): Tensor {
    const vectors = parameters['item-embedding'];
    return this.config.loss === 'bpr'
      ? bprLoss(predictions, vectors, inputs.negatives)
      : crossEntropy(predictions, vectors);
  }
}

export const narm = trained({
  id: 'narm',
  title: 'NARM',
  summary: 'A gated recurrent unit, and attention of the state at a position over all states up to it.',
  group: 'recurrent',
  paper: {
    title: 'Neural Attentive Session-based Recommendation',
    authors: 'Jing Li, Pengjie Ren, Zhumin Chen, Zhaochun Ren, Tao Lian, Jun Ma',
    year: 2017,
    where: 'CIKM 2017, arXiv:1711.04725',
  },
  configSchema: narmSchema,
  presets: {
    recbole: { description: 'As in RecBole, one row a prefix', config: recbole },
    original: {
      description: 'As published: softmax attention, one row a prefix',
      config: {
        attention: 'softmax',
        training: 'prefixes',
        dim: 50,
        hidden: 100,
        batchSize: 512,
        epochs: 30,
      },
    },
    'ml-1m': {
      description: "RecBole's widths on the histories of the FuXi-α table, MovieLens-1M",
      config: tableHistories,
    },
    'ml-20m': {
      description: "RecBole's widths on the histories of the FuXi-α table, MovieLens-20M",
      config: { ...tableHistories, microBatchTokens: 4096 },
    },
    kuairand: {
      description: "RecBole's widths on the histories of the FuXi-α table, KuaiRand",
      config: { ...tableHistories, microBatchTokens: 4096 },
    },
    beauty: { description: "RecBole's widths, Amazon Beauty", config: { epochs: 60, patience: 8 } },
  },
  build: (config, sizes) => new Narm(config, sizes),
});
