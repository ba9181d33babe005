/** What GRU4Rec and NARM share: item vectors, GRU layers, the positions that train, losses and scoring. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { SharedNegatives } from '../../data/session-batches.ts';
import { bool, dropout, gatherRows, int32, type Tensors } from '../../engine/index.ts';
import {
  bprLosses,
  catalogueCrossEntropy,
  embeddingTable,
  gru,
  gruParameters,
  type ParameterSpec,
  type RandomInput,
  type RandomInputs,
  xavierNormal,
} from '../../layers/index.ts';
import { dataFields, field, protocolFields, trainingFields } from '../../training/config.ts';
import type { BatchShape, SequenceBatchKind } from '../../training/step-model.ts';
import type { DataSizes, TrainedModel } from './next-item-model.ts';

export const recurrentFields = {
  dim: field.whole('Width of item vectors').default(64),
  hidden: field.whole('Width of the GRU').default(128),
  layers: field.whole('GRU layers').default(1),
  maxLength: field.whole('Most recent interactions the model sees').default(50),
  dropout: field.fraction('Rate after the embedding').default(0.3),
  ...trainingFields,
  optimiser: trainingFields.optimiser.default('adam'),
  beta2: field.fraction('Decay of the second moment (Adam)').default(0.999),
  ...dataFields,
  ...protocolFields,
} as const;

export const trainingPositions = z
  .enum(['all-positions', 'prefixes'])
  .describe(
    'all-positions: a row is a user and every position predicts the next item; prefixes: a row is one prefix and ' +
      'its next item, as in RecBole (batchSize counts prefixes)',
  );

export type RecurrentConfig = z.output<z.ZodObject<typeof recurrentFields>> & {
  training: z.output<typeof trainingPositions> | 'session-parallel';
};

/** RecBole's own way of training: one row a prefix. */
export const recbole = { training: 'prefixes', batchSize: 2048, epochs: 300, patience: 10 } as const;

/** Histories of the HSTU and FuXi-alpha tables, which publish no settings of their own for recurrent models. */
export const tableHistories = {
  protocol: 'paper',
  maxLength: 200,
  batchSize: 32,
  epochs: 100,
  patience: 10,
} as const;

/** Tensors of the positions that train: states [n, dim], targets int32 [n], weights [n]. */
export interface Predictions {
  states: Tensor;
  targets: Tensor;
  weights: Tensor;
}

/**
 * A causal recurrent encoder. Item vectors lie in a table [items, dim] without a row for padding: padded
 * positions come after all others, so whatever they hold reaches neither a state that counts nor a gradient.
 */
export abstract class RecurrentModel<C extends RecurrentConfig = RecurrentConfig> implements TrainedModel {
  readonly batches: SequenceBatchKind;
  protected readonly config: C;
  protected readonly items: number;

  /** sessions: given where it trains session-parallel. */
  constructor(config: C, { items }: DataSizes, sessions?: SharedNegatives) {
    this.config = config;
    this.items = items;
    const samples = config.training === 'prefixes' ? 'prefixes' : 'users';
    this.batches = { kind: 'sequences', maxLength: config.maxLength, columns: {}, samples, sessions };
  }

  abstract readonly parameters: Record<string, ParameterSpec>;

  /** Vectors to compare with the item vectors: hidden states [rows, length, hidden] -> [rows, length, width]. */
  protected abstract outputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor;

  /** The same at the last position alone: -> [rows, width]. */
  protected abstract lastOutputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor;

  /** Weighted loss of predictions. */
  protected abstract lossOf(predictions: Predictions, parameters: Tensors, inputs: Tensors): Tensor;

  /** What outputs are multiplied with: [items, width]. */
  protected itemVectors(parameters: Tensors): Tensor {
    return parameters['item-embedding'];
  }

  /** State of a GRU layer before the first position, where it is not zero: [rows, hidden]. */
  protected start(_inputs: Tensors, _layer: number): Tensor | undefined {
    return undefined;
  }

  /** The item table and the GRU layers. */
  protected tables(): Record<string, ParameterSpec> {
    const { dim, hidden, layers } = this.config;
    const specs: Record<string, ParameterSpec> = {
      'item-embedding': embeddingTable([this.items, dim], xavierNormal),
    };
    for (let layer = 0; layer < layers; layer++) {
      Object.assign(specs, gruParameters(`gru/${layer}`, layer === 0 ? dim : hidden, hidden));
    }
    return specs;
  }

  randomInputs({ rows, length }: BatchShape): RandomInputs {
    const { dim, dropout: rate } = this.config;
    if (rate === 0) return {};
    return { 'mask/embedding': { kind: 'mask', spec: bool(rows, length, dim), rate } };
  }

  /** Item vectors after dropout: ids int32 [rows, length] (item + 1) -> [rows, length, dim]. */
  protected embed(parameters: Tensors, inputs: Tensors): Tensor {
    const items = tf.maximum(tf.sub(inputs.ids, tf.scalar(1, 'int32')), tf.scalar(0, 'int32'));
    const vectors = gatherRows(parameters['item-embedding'], items);
    return dropout(vectors, inputs['mask/embedding'], this.config.dropout);
  }

  /** States of every GRU layer at every position: [rows, length, hidden] each. */
  protected layerStates(parameters: Tensors, inputs: Tensors): Tensor[] {
    const states: Tensor[] = [];
    for (let layer = 0; layer < this.config.layers; layer++) {
      const x = states.at(-1) ?? this.embed(parameters, inputs);
      const [input, recurrent] = ['input', 'recurrent'].map((part) => parameters[`gru/${layer}/${part}`]);
      states.push(gru(x, input, recurrent, this.start(inputs, layer)));
    }
    return states;
  }

  #lastLayer(parameters: Tensors, inputs: Tensors): Tensor {
    return this.layerStates(parameters, inputs)[this.config.layers - 1];
  }

  /** What every position compares with the item vectors: [rows, length, width]. */
  encode(parameters: Tensors, inputs: Tensors): Tensor {
    return this.outputs(parameters, inputs, this.#lastLayer(parameters, inputs));
  }

  /** The same at each row's last position alone: [rows, width]. */
  encodeLast(parameters: Tensors, inputs: Tensors): Tensor {
    return this.lastOutputs(parameters, inputs, this.#lastLayer(parameters, inputs));
  }

  loss(parameters: Tensors, inputs: Tensors, { rows, length }: BatchShape): Tensor {
    const tokens = rows * length;
    const targets = tf.reshape(inputs.targets, [tokens]);
    const weights = tf.reshape(inputs.weights, [tokens]);
    if (this.batches.samples === 'prefixes') {
      const last = lastCells(inputs, { rows, length });
      const predictions = {
        states: this.encodeLast(parameters, inputs),
        targets: tf.gather(targets, last),
        weights: tf.gather(weights, last),
      };
      return this.lossOf(predictions, parameters, inputs);
    }
    const encoded = this.encode(parameters, inputs);
    const states = tf.reshape(encoded, [tokens, encoded.shape[2] as number]);
    return this.lossOf({ states, targets, weights }, parameters, inputs);
  }

  scores(parameters: Tensors, inputs: Tensors): Tensor {
    return tf.matMul(this.encodeLast(parameters, inputs), this.itemVectors(parameters), false, true);
  }

  /** One uniform negative for every prediction. */
  protected onePairedNegative({ rows, length }: BatchShape): RandomInput {
    const range = { low: 0, high: this.items };
    return this.batches.samples === 'prefixes'
      ? { kind: 'integers', spec: int32(rows), ...range }
      : { kind: 'user-integers', spec: int32(rows, length), ...range };
  }
}

/** Flat positions of each row's last interaction in [rows, length]: int32 [rows]. */
export function lastCells({ lengths }: Tensors, { rows, length }: BatchShape): Tensor {
  const before = Int32Array.from({ length: rows }, (_, row) => row * length - 1);
  return tf.add(tf.tensor(before, [rows], 'int32'), lengths);
}

/** The last position of each row: x [rows, length, width] -> [rows, width]. */
export function lastPositions(x: Tensor, inputs: Tensors): Tensor {
  const [rows, length, width] = x.shape as [number, number, number];
  return gatherRows(tf.reshape(x, [rows * length, width]), lastCells(inputs, { rows, length }));
}

/** Cross-entropy over all items. */
export function crossEntropy({ states, targets, weights }: Predictions, vectors: Tensor): Tensor {
  return catalogueCrossEntropy(states, vectors, targets, weights);
}

/**
 * Bayesian personalised ranking (Rendle et al. 2009): sum_t w_t * -log(gamma + sigmoid(h_t . v_i - h_t . v_j)) with
 * one negative j a prediction, negatives int32 [n].
 */
export function bprLoss(
  { states, targets, weights }: Predictions,
  vectors: Tensor,
  negatives: Tensor,
): Tensor {
  const apart = tf.sub(gatherRows(vectors, targets), gatherRows(vectors, tf.reshape(negatives, [-1])));
  const margin = tf.sum(tf.mul(states, apart), -1);
  return tf.sum(tf.mul(bprLosses(margin), weights));
}
