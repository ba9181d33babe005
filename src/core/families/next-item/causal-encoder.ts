/** What the sequence models of the HSTU and FuXi-alpha tables share: input, output, losses and scoring. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { SequenceColumns } from '../../data/sequence-inputs.ts';
import {
  bool,
  checkTableOptimiser,
  dropout,
  gatherRows,
  int32,
  l2Normalize,
  type OptimiserConfig,
  type Tensors,
} from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import {
  catalogueCrossEntropy,
  embedding,
  embeddingTable,
  type HostTableSpecs,
  type Initialiser,
  negativeLogSigmoid,
  type ParameterSpec,
  type RandomInput,
  type RandomInputs,
  sampledCrossEntropy,
  sharedNegativesCrossEntropy,
} from '../../layers/index.ts';
import { dataFields, field, protocolFields, tableOptimisers, trainingFields } from '../../training/config.ts';
import type { BatchShape, SequenceBatchKind, TableIds } from '../../training/step-model.ts';
import type { DataSizes, ItemMatching, TrainedModel } from './next-item-model.ts';

const L2_EPSILON = 1e-6;
const itemInit: Initialiser = { kind: 'truncated-normal', std: 0.02 };

export const nextItemFields = {
  dim: field.whole('Width of item vectors and blocks').default(64),
  blocks: field.whole('Blocks of the encoder').default(2),
  heads: field.whole('Attention heads').default(2),
  maxLength: field.whole('Most recent interactions the model sees').default(50),
  positions: z
    .enum(['from-start', 'from-end', 'none'])
    .describe('Position 0 is the oldest interaction, or the most recent one; or no position vectors')
    .default('from-start'),
  dropout: field.fraction('Rate after the embedding and inside the blocks').default(0.2),
  l2Normalize: z.boolean().describe('Scores are cosines').default(true),
  temperature: field.positive('Scores are divided by it in the softmax losses').default(0.05),
  loss: z
    .enum(['sampled-softmax', 'full-softmax', 'bce'])
    .describe('Softmax over sampled items or over all, or binary cross-entropy with one negative a position')
    .default('sampled-softmax'),
  negatives: field.whole('Negatives of the sampled softmax').default(128),
  negativeSharing: z
    .enum(['position', 'batch'])
    .describe('Fresh negatives for every position, or one set for all positions computed together')
    .default('position'),
  itemTable: z
    .enum(['device', 'host'])
    .describe(
      'Where the item vectors are: a step on the device may touch all of them; from the host it gets those of its batch, ' +
        'for catalogues of millions of items',
    )
    .default('device'),
  ...trainingFields,
  optimiser: tableOptimisers.default('adamw'),
  ...dataFields,
  ...protocolFields,
} as const;

export type NextItemConfig = z.output<z.ZodObject<typeof nextItemFields>>;

/** Throws UserError where a config with the key `itemTable` asks for what the table's place does not allow. */
export function checkItemTable(config: Record<string, unknown>): void {
  const { itemTable, optimiser, loss, negativeSharing } = config;
  if (itemTable === 'device' && optimiser === 'lazy-adam') {
    throw new UserError(
      'config "optimiser": lazy-adam is for item vectors on the host: set itemTable=host as well',
    );
  }
  if (itemTable !== 'host') return;
  const refuse = (why: string) => new UserError(`config "itemTable": ${why}`);
  if (loss === 'full-softmax') {
    throw refuse(
      `the full softmax reads every item in every step, so its item vectors stay on the device; ${SHARED}`,
    );
  }
  if (loss === 'sampled-softmax' && negativeSharing === 'position') {
    throw refuse(
      `negatives of every position by itself would name much of the table in every step; ${SHARED}`,
    );
  }
  checkTableOptimiser(config as Pick<OptimiserConfig, 'clipNorm' | 'weightDecay'>);
}

const SHARED = 'with itemTable=host take loss=sampled-softmax with negativeSharing=batch, or loss=bce';

/**
 * What the runs of both tables share (Zhai et al. 2024, Ye et al. 2025), the choice of the epoch on the test items
 * included; the other settings of theirs are the defaults.
 */
export const publishedTraining = {
  protocol: 'paper',
  optimiser: 'adamw',
  epochs: 101,
  maxLength: 200,
  patience: 0,
} as const;

/** Amazon Books in the HSTU table. */
export const publishedBooks = {
  ...publishedTraining,
  epochs: 201,
  maxLength: 50,
  heads: 4,
  dropout: 0.5,
  negatives: 512,
} as const;

/** Amazon Beauty, as tuned here for SASRec on the validation items. */
export const beautyTraining = { loss: 'full-softmax', dropout: 0.5, epochs: 60, patience: 8 } as const;

/**
 * A causal encoder over item vectors: x_0 = sqrt(dim) E[id] + P[position], blocks, then scores against the item
 * table. A model adds its blocks; shapes are [rows, length, dim].
 */
export abstract class NextItemModel<C extends NextItemConfig = NextItemConfig> implements TrainedModel {
  readonly batches: SequenceBatchKind;
  protected readonly config: C;
  protected readonly items: number;
  #parameters: Record<string, ParameterSpec> | undefined;

  constructor(config: C, { items }: DataSizes, columns: SequenceColumns = {}) {
    this.config = config;
    this.items = items;
    this.batches = { kind: 'sequences', maxLength: config.maxLength, columns };
  }

  get parameters(): Record<string, ParameterSpec> {
    this.#parameters ??= { ...this.#tables(), ...this.blockTables() };
    return this.#parameters;
  }

  #tables(): Record<string, ParameterSpec> {
    const { dim, maxLength, positions } = this.config;
    const tables: Record<string, ParameterSpec> = {};
    if (!this.#onHost) tables['item-embedding'] = embeddingTable([this.items + 1, dim], itemInit);
    if (positions !== 'none') tables['position-embedding'] = this.positionTable([maxLength, dim]);
    return tables;
  }

  get #onHost(): boolean {
    return this.config.itemTable === 'host';
  }

  get hostTables(): HostTableSpecs {
    const { dim } = this.config;
    return this.#onHost ? { 'item-embedding': { rows: this.items + 1, dim, init: itemInit } } : {};
  }

  get tableIds(): TableIds | undefined {
    if (!this.#onHost) return undefined;
    const { loss } = this.config;
    const negatives = loss === 'bce' ? ({ first: 1, weights: 'weights' } as const) : ({ first: 1 } as const);
    return {
      table: 'item-embedding',
      ids: { ids: { first: 0 }, targets: { first: 1, weights: 'weights' }, negatives },
    };
  }

  protected positionTable(shape: [number, number]): ParameterSpec {
    return embedding(shape, { kind: 'truncated-normal', std: 1 / Math.sqrt(this.config.dim) });
  }

  /** Parameters of the blocks, named "blocks/…", and of what follows them. */
  protected abstract blockTables(): Record<string, ParameterSpec>;

  /** Dropout masks of the blocks, named "mask/…"; asked for only where the rate is not 0. */
  protected abstract blockMasks(shape: BatchShape): RandomInputs;

  /** One block. x [rows, length, dim] */
  abstract block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor;

  /** What joins the item vectors before the first block: [rows, length, dim], or null. */
  protected features(_parameters: Tensors, _inputs: Tensors): Tensor | null {
    return null;
  }

  /** What follows the last block, before the L2 normalisation. */
  protected finish(_parameters: Tensors, x: Tensor): Tensor {
    return x;
  }

  /** Tensors that all blocks need and that depend on the inputs alone; they join the inputs. */
  protected prepare(_inputs: Tensors, _shape: BatchShape): Tensors {
    return {};
  }

  get logitScale(): number | undefined {
    const { loss, temperature } = this.config;
    return loss === 'bce' ? undefined : 1 / temperature;
  }

  randomInputs(shape: BatchShape): RandomInputs {
    const { dropout: rate, dim } = this.config;
    if (rate === 0) return this.#negatives(shape);
    const masks = { 'mask/embedding': this.mask(shape, dim), ...this.blockMasks(shape) };
    return { ...masks, ...this.#negatives(shape) };
  }

  protected mask({ rows, length }: BatchShape, width: number): RandomInput {
    return { kind: 'mask', spec: bool(rows, length, width), rate: this.config.dropout };
  }

  #negatives({ rows, length }: BatchShape): RandomInputs {
    const { loss, negatives, negativeSharing } = this.config;
    const range = { low: 0, high: this.items };
    if (loss === 'full-softmax') return {};
    if (loss === 'bce')
      return { negatives: { kind: 'user-integers', spec: int32(rows, length, 1), ...range } };
    return negativeSharing === 'batch'
      ? { negatives: { kind: 'integers', spec: int32(negatives), ...range } }
      : { negatives: { kind: 'user-integers', spec: int32(rows, length, negatives), ...range } };
  }

  /** x_0 = sqrt(dim) E[id] + P[position], then dropout. ids int32 [rows, length] -> [rows, length, dim] */
  embed(parameters: Tensors, inputs: Tensors): Tensor {
    const { dim, dropout: rate, positions } = this.config;
    const length = inputs.ids.shape[1] as number;
    const items = tf.mul(gatherRows(parameters['item-embedding'], inputs.ids), Math.sqrt(dim));
    const features = this.features(parameters, inputs);
    const described = features ? tf.add(items, features) : items;
    const placed =
      positions === 'none'
        ? described
        : tf.add(described, this.#positions(parameters['position-embedding'], inputs.lengths, length));
    return this.masked(dropout(placed, inputs['mask/embedding'], rate), inputs);
  }

  /** x with zeros at padded positions. */
  protected masked(x: Tensor, { ids }: Tensors): Tensor {
    const real = tf.cast(tf.notEqual(ids, tf.scalar(0, 'int32')), 'float32');
    return tf.mul(x, tf.expandDims(real, -1));
  }

  /** Position vectors, [length, dim] or [rows, length, dim]. lengths int32 [rows] */
  #positions(table: Tensor, lengths: Tensor, length: number): Tensor {
    const { dim, maxLength, positions } = this.config;
    if (positions === 'from-start') return tf.slice(table, [0, 0], [length, dim]);
    const columns = tf.tensor(
      Int32Array.from({ length }, (_, i) => i + maxLength),
      [1, length],
      'int32',
    );
    const fromEnd = tf.sub(columns, tf.reshape(lengths, [-1, 1]));
    // Padding comes after the most recent item; it is masked, so any valid row will do.
    return gatherRows(table, tf.minimum(fromEnd, tf.scalar(maxLength - 1, 'int32')));
  }

  /** Input, output of every block, and final states: each [rows, length, dim]. */
  stages(parameters: Tensors, inputs: Tensors): { input: Tensor; blocks: Tensor[]; states: Tensor } {
    const [rows, length] = inputs.ids.shape as [number, number];
    const fed = { ...inputs, ...this.prepare(inputs, { rows, length }) };
    const input = this.embed(parameters, fed);
    const blocks: Tensor[] = [];
    for (let index = 0; index < this.config.blocks; index++) {
      blocks.push(this.block(parameters, fed, blocks.at(-1) ?? input, index));
    }
    const last = this.finish(parameters, blocks.at(-1) ?? input);
    const states = this.config.l2Normalize ? l2Normalize(last, L2_EPSILON) : last;
    return { input, blocks, states };
  }

  /** What states are multiplied with: [items, dim], of the items whose vectors are there. */
  itemVectors(parameters: Tensors): Tensor {
    const table = parameters['item-embedding'];
    return this.#normalised(tf.slice(table, [1, 0], [table.shape[0] - 1, this.config.dim]));
  }

  #normalised(rows: Tensor): Tensor {
    return this.config.l2Normalize ? l2Normalize(rows, L2_EPSILON) : rows;
  }

  loss(parameters: Tensors, inputs: Tensors, { rows, length }: BatchShape): Tensor {
    const { dim, temperature, loss, negativeSharing } = this.config;
    const tokens = rows * length;
    const states = tf.reshape(this.stages(parameters, inputs).states, [tokens, dim]);
    const vectors = this.itemVectors(parameters);
    const targets = tf.reshape(inputs.targets, [tokens]);
    const weights = tf.reshape(inputs.weights, [tokens]);
    if (loss === 'bce') return binaryLoss(states, vectors, targets, inputs.negatives, weights);
    const scaled = temperature === 1 ? states : tf.div(states, temperature);
    if (loss === 'full-softmax') return catalogueCrossEntropy(scaled, vectors, targets, weights);
    if (negativeSharing === 'batch') {
      return sharedNegativesCrossEntropy(scaled, vectors, targets, inputs.negatives, weights);
    }
    return sampledCrossEntropy(scaled, vectors, targets, inputs.negatives, weights);
  }

  readonly matching: ItemMatching = {
    queries: (parameters, inputs, shape) => this.#queries(parameters, inputs, shape),
    match: (queries, rows) =>
      tf.matMul(queries as tf.Tensor2D, this.#normalised(rows) as tf.Tensor2D, false, true),
  };

  scores(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    return tf.matMul(this.#queries(parameters, inputs, shape), this.itemVectors(parameters), false, true);
  }

  /** The state at the last interaction of each row, [rows, dim]. */
  #queries(parameters: Tensors, inputs: Tensors, { rows, length }: BatchShape): Tensor {
    const { dim } = this.config;
    const states = tf.reshape(this.stages(parameters, inputs).states, [rows * length, dim]);
    const before = tf.tensor(
      Int32Array.from({ length: rows }, (_, row) => row * length - 1),
      [rows],
      'int32',
    );
    return tf.gather(states, tf.add(before, inputs.lengths));
  }
}

function binaryLoss(
  states: Tensor,
  vectors: Tensor,
  targets: Tensor,
  negatives: Tensor,
  weights: Tensor,
): Tensor {
  const score = (ids: Tensor) => tf.sum(tf.mul(states, gatherRows(vectors, ids)), -1);
  const positive = negativeLogSigmoid(score(targets), weights);
  const negative = negativeLogSigmoid(tf.neg(score(tf.reshape(negatives, [-1]))), weights);
  return tf.add(positive, negative);
}
