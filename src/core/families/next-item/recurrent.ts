/** What GRU4Rec and NARM share: item vectors, GRU layers, the positions that train, losses and scoring. */
import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Samples } from '../../data/batches/sequence-batches.ts';
import type { SideShape } from '../../data/side/types.ts';
import { dropout, float32, gatherRows, type TensorSpec, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import {
  bindMasks,
  bindTree,
  dropoutMask,
  embeddingTable,
  gru,
  gruSpecs,
  lastIndices,
  namedLeaves,
  type ParameterSpecs,
  type RandomInput,
  type RandomInputs,
  type TensorTree,
  xavierNormal,
} from '../../layers/index.ts';
import { dataFields, field, protocolFields, trainingFields } from '../../training/config.ts';
import { negativeItems, negativeSettings } from '../../training/negatives.ts';
import { sideFields, sideTables, sideVectors } from '../../training/side-features.ts';
import type { BatchShape, PersistentState, SequenceBatchKind } from '../../training/step-model.ts';
import { startFields } from '../../training/warm-start.ts';
import type { PositionCost } from '../model.ts';
import { type BoundLoss, gru4recLosses, lossNamed, type Predicted } from './losses/index.ts';
import type { DataSizes, TrainedModel } from './next-item-model.ts';

export const recurrentFields = {
  dim: field.positiveInt('Width of item vectors').default(64),
  hidden: field.positiveInt('Width of the GRU').default(128),
  layers: field.positiveInt('GRU layers').default(1),
  maxLength: field.positiveInt('Most recent interactions the model sees').default(50),
  dropout: field.fraction('Rate after the embedding').default(0.3),
  negativeItems,
  ...negativeSettings,
  ...sideFields,
  ...startFields,
  ...trainingFields,
  optimiser: trainingFields.optimiser.default('adam'),
  beta2: field.fraction('Decay of the second moment (Adam)').default(0.999),
  ...dataFields,
  ...protocolFields,
} as const;

/** Of the models with these fields. */
export const recurrentEssentials = ['dim', 'hidden', 'dropout', 'maxLength', 'learningRate', 'loss'] as const;

export const trainingPositions = z
  .enum(['all-positions', 'prefixes'])
  .describe(
    'all-positions: a row is a user and every position predicts the next item; prefixes: a row is one prefix and ' +
      'its next item, as in RecBole (batchSize counts prefixes)',
  );

export type RecurrentConfig = z.output<z.ZodObject<typeof recurrentFields>> & {
  training: z.output<typeof trainingPositions> | 'session-parallel';
  loss: keyof typeof gru4recLosses;
};

/** What a model puts around the GRU: `P` are its own parameters, `M` its own dropout masks. */
export interface RecurrentParts<P extends object, M extends object> {
  parameters: P;
  masks(shape: BatchShape, samples: Samples): M;
  /** The vector that every position compares with the items: hidden states [rows, length, hidden] -> [rows, length, width]. */
  outputs(hidden: Tensor, p: TensorTree<P>, m: TensorTree<M> | null): Tensor;
  /** The same at each row's last position alone: -> [rows, width]. */
  lastOutputs(hidden: Tensor, p: TensorTree<P>, m: TensorTree<M> | null, inputs: Tensors): Tensor;
  /** What outputs are multiplied with: table [items, dim] -> [items, width]. Default: the table. */
  itemVectors?(table: Tensor, p: TensorTree<P>): Tensor;
}

/**
 * A causal recurrent encoder. Item vectors lie in a table [items, dim] without a row for padding: padded
 * positions come after all others, so whatever they hold reaches neither a state that counts nor a gradient.
 */
export class RecurrentEncoder<P extends object = object, M extends object = object> implements TrainedModel {
  readonly batches: SequenceBatchKind;
  readonly parameters: ParameterSpecs;
  readonly persistent?: PersistentState;
  readonly logitScale?: number;
  readonly #config: RecurrentConfig;
  readonly #items: number;
  readonly #side: readonly SideShape[];
  readonly #parts: RecurrentParts<P, M>;
  readonly #samples: Samples;
  readonly #loss: BoundLoss;
  readonly #encoder: ReturnType<typeof encoderTree>;
  /** The last state of every row, by layer: [batchSize, hidden]. */
  readonly #carried: { carried: TensorSpec[] };

  constructor(config: RecurrentConfig, { items, side = [] }: DataSizes, parts: RecurrentParts<P, M>) {
    const { maxLength, loss, layers, batchSize, hidden } = config;
    this.#config = config;
    this.#items = items;
    this.#side = side;
    this.#parts = parts;
    this.#samples = config.training === 'prefixes' ? 'prefixes' : 'users';
    this.#loss = lossNamed(loss, gru4recLosses).of(config);
    const { source, asksKnown } = this.#loss;
    const sessions =
      config.training === 'session-parallel' ? (this.#loss.sessions ?? { count: 0, alpha: 0 }) : undefined;
    this.batches = {
      kind: 'sequences',
      maxLength,
      columns: side.length > 0 ? { side } : {},
      samples: this.#samples,
      negativeNeeds: { known: asksKnown || source.isUnseen, odds: source.odds },
      sessions,
    };
    this.#encoder = encoderTree(config, items);
    this.parameters = {
      ...namedLeaves(this.#encoder),
      ...namedLeaves(parts.parameters),
      ...sideTables(side, config.dim),
    };
    this.#carried = { carried: Array<TensorSpec>(layers).fill(float32(batchSize, hidden)) };
    if (sessions) this.persistent = this.#persistent();
    if (this.#loss.isSoftmax) this.logitScale = 1;
  }

  get cost(): PositionCost {
    const { dim: width, layers: blocks, hidden: blockWidth } = this.#config;
    const candidates = this.#loss.candidates(this.#items);
    return { width, blocks, blockWidth, heads: 0, causal: true, candidates };
  }

  #persistent(): PersistentState {
    return {
      specs: namedLeaves(this.#carried),
      next: (parameters, inputs) => {
        const states = this.#states(parameters, inputs);
        return namedLeaves({ carried: states.map((x) => tf.reshape(x, [-1, this.#config.hidden])) });
      },
    };
  }

  #masks(shape: BatchShape) {
    const { dim, dropout: rate } = this.#config;
    return {
      embedding: rate > 0 ? dropoutMask(rate, shape.rows, shape.length, dim) : undefined,
      ...this.#parts.masks(shape, this.#samples),
    };
  }

  randomInputs(shape: BatchShape): RandomInputs {
    const isPrefix = this.#samples === 'prefixes';
    const { dim: width } = this.#config;
    return {
      ...namedLeaves<RandomInput>(this.#masks(shape), 'mask'),
      ...this.#loss.draws({ ...shape, items: this.#items, width, isPrefix }),
    };
  }

  #bindMasks(inputs: Tensors) {
    const [rows, length] = inputs.ids.shape as [number, number];
    return bindMasks(this.#masks({ rows, length }), inputs, 'mask');
  }

  /** States of every GRU layer at every position: [rows, length, hidden] each. ids int32 [rows, length], item + 1 */
  #states(parameters: Tensors, inputs: Tensors): Tensor[] {
    const p = bindTree(this.#encoder, parameters);
    const items = tf.maximum(tf.sub(inputs.ids, tf.scalar(1, 'int32')), tf.scalar(0, 'int32'));
    const mask = this.#bindMasks(inputs)?.embedding;
    const vectors = gatherRows(p.itemEmbedding, items);
    const side = sideVectors(this.#side, parameters, inputs);
    const embedded = dropout(side ? tf.add(vectors, side) : vectors, mask, this.#config.dropout);
    const { continues } = inputs;
    const { carried } = bindTree(this.#carried, inputs);
    const states: Tensor[] = [];
    for (const [layer, weights] of p.gru.entries()) {
      const start = continues && tf.mul(carried[layer], tf.reshape(continues, [-1, 1]));
      states.push(gru(states.at(-1) ?? embedded, weights, start));
    }
    return states;
  }

  #hidden(parameters: Tensors, inputs: Tensors): Tensor {
    return this.#states(parameters, inputs)[this.#config.layers - 1];
  }

  #bindParameters(parameters: Tensors): TensorTree<P> {
    return bindTree(this.#parts.parameters, parameters);
  }

  /** What every position compares with the item vectors: [rows, length, width]. */
  encode(parameters: Tensors, inputs: Tensors): Tensor {
    const hidden = this.#hidden(parameters, inputs);
    return this.#parts.outputs(hidden, this.#bindParameters(parameters), this.#bindMasks(inputs));
  }

  /** The same at each row's last position alone: [rows, width]. */
  encodeLast(parameters: Tensors, inputs: Tensors): Tensor {
    const hidden = this.#hidden(parameters, inputs);
    return this.#parts.lastOutputs(hidden, this.#bindParameters(parameters), this.#bindMasks(inputs), inputs);
  }

  #itemVectors(parameters: Tensors): Tensor {
    const { itemEmbedding } = bindTree(this.#encoder, parameters);
    return this.#parts.itemVectors?.(itemEmbedding, this.#bindParameters(parameters)) ?? itemEmbedding;
  }

  loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    const vectors = this.#itemVectors(parameters);
    return this.#loss.value([this.#predicted(parameters, inputs, shape)], {
      table: vectors,
      leading: 0,
      vectors,
    });
  }

  #predicted(parameters: Tensors, inputs: Tensors, { rows, length }: BatchShape): Predicted {
    const tokens = rows * length;
    const targets = tf.reshape(inputs.targets, [tokens]);
    const weights = tf.reshape(inputs.weights, [tokens]);
    if (this.#samples === 'prefixes') {
      const last = lastIndices(inputs.lengths, length);
      const states = this.encodeLast(parameters, inputs);
      return { states, targets: tf.gather(targets, last), weights: tf.gather(weights, last), inputs };
    }
    const encoded = this.encode(parameters, inputs);
    const states = tf.reshape(encoded, [tokens, encoded.shape[2] as number]);
    return { states, targets, weights, inputs };
  }

  scores(parameters: Tensors, inputs: Tensors): Tensor {
    return tf.matMul(this.encodeLast(parameters, inputs), this.#itemVectors(parameters), false, true);
  }
}

/** The item table and the GRU layers. */
function encoderTree({ dim, hidden, layers }: RecurrentConfig, items: number) {
  return {
    itemEmbedding: embeddingTable([items, dim], xavierNormal),
    gru: Array.from({ length: layers }, (_, layer) => gruSpecs(layer === 0 ? dim : hidden, hidden)),
  };
}

/** The last position of each row: x [rows, length, width] -> [rows, width]. */
export function lastPositions(x: Tensor, { lengths }: Tensors): Tensor {
  const [rows, length, width] = x.shape as [number, number, number];
  return gatherRows(tf.reshape(x, [rows * length, width]), lastIndices(lengths, length));
}
