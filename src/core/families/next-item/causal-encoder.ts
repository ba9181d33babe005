/** The causal encoder of the HSTU and FuXi-alpha tables: input, blocks of a model's own, output, losses and scoring. */
import type { Tensor } from '@tensorflow/tfjs';
import type { SequenceColumns } from '../../data/batches/sequence-batches.ts';
import { bool, dropout, gatherRows, l2Normalize, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import {
  dropoutMask,
  embedding,
  embeddingTable,
  type HostTableSpecs,
  type Initialiser,
  type Layer,
  LayerStack,
  lastIndices,
  type ParameterSpec,
  type ParameterSpecs,
  type RandomInput,
  type RandomInputs,
} from '../../layers/index.ts';
import type { BatchShape, SequenceBatchKind, StepInputs, TableIds } from '../../training/step-model.ts';
import type { PositionCost } from '../model.ts';
import type { NextItemConfig } from './encoder-config.ts';
import { type BoundLoss, type ItemRows, losses } from './losses/index.ts';
import type { DataSizes, ItemMatching, TrainedModel } from './next-item-model.ts';

const L2_EPSILON = 1e-6;
const FINAL_NORM = 'final-norm';
const EMBEDDING_MASK = 'mask/embedding';
const ITEM_MASK = 'mask/items';
const itemInit: Initialiser = { kind: 'truncated-normal', std: 0.02 };

/** What a model puts into the encoder. `Context` is what all its blocks read besides their input. */
export interface EncoderParts<Context> {
  blocks: readonly Layer<Context>[];
  /** From the inputs alone, once a batch. */
  context(inputs: Tensors, shape: BatchShape): Context;
  /** After the last block, before the L2 normalisation. */
  finalNorm?: Layer;
  /** The table of positions. Default: truncated normal. */
  positions?: ParameterSpec;
  /** Initial item vectors. Default: truncated normal. */
  items?: Initialiser;
  /** What item vectors are multiplied by before the first block. Default: sqrt(dim). */
  itemScale?: number;
  /** Rate of dropout in the item table, one mask a step for inputs and candidates. Default: 0. */
  itemDropout?: number;
  /** What the model reads besides the items. */
  columns?: SequenceColumns;
  /** Parameters of `features` and `lead`, which get these tensors. */
  tables?: ParameterSpecs;
  /** Joins the item vectors before the first block: [rows, length, dim]. */
  features?(tables: Tensors, inputs: Tensors): Tensor;
  /** Vectors before the first interaction, which positions attend to but which predict nothing: [rows, lead, dim]. */
  lead?: { length: number; embed(tables: Tensors, inputs: Tensors): Tensor };
}

/**
 * A causal encoder over item vectors: x_0 = scale * E[id] + P[position], blocks, then scores against the item
 * table. Shapes are [rows, length, dim].
 */
export class CausalEncoder<Context = unknown> implements TrainedModel {
  readonly batches: SequenceBatchKind;
  readonly parameters: ParameterSpecs;
  readonly hostTables: HostTableSpecs;
  readonly #config: NextItemConfig;
  readonly #items: number;
  readonly #parts: EncoderParts<Context>;
  readonly #blocks: LayerStack<Context>;
  readonly #loss: BoundLoss;

  constructor(config: NextItemConfig, { items }: DataSizes, parts: EncoderParts<Context>) {
    this.#config = config;
    this.#items = items;
    this.#parts = parts;
    this.#blocks = new LayerStack(parts.blocks);
    this.#loss = losses[config.loss].of(config);
    const { source, asksKnown } = this.#loss;
    this.batches = {
      kind: 'sequences',
      maxLength: config.maxLength,
      columns: parts.columns ?? {},
      negativeNeeds: { known: asksKnown || source.isUnseen, odds: source.odds },
    };
    const rows = items + 1;
    const init = parts.items ?? itemInit;
    this.hostTables = this.#onHost ? { 'item-embedding': { rows, dim: config.dim, init } } : {};
    this.parameters = {
      ...this.#tables(rows, init),
      ...this.#blocks.parameters,
      ...parts.finalNorm?.parameters(FINAL_NORM),
      ...parts.tables,
    };
  }

  #tables(rows: number, items: Initialiser): Record<string, ParameterSpec> {
    const { dim, maxLength, positions } = this.#config;
    const tables: Record<string, ParameterSpec> = {};
    if (!this.#onHost) tables['item-embedding'] = embeddingTable([rows, dim], items);
    const init: Initialiser = { kind: 'truncated-normal', std: 1 / Math.sqrt(dim) };
    if (positions !== 'none') {
      tables['position-embedding'] = this.#parts.positions ?? embedding([maxLength, dim], init);
    }
    return tables;
  }

  get #onHost(): boolean {
    return this.#config.itemTable === 'host';
  }

  get cost(): PositionCost {
    const { dim: width, blocks, heads, maxLength: length } = this.#config;
    const { count: candidates, own: ownNegatives } = this.#loss.candidates(this.#items);
    return { width, blocks, blockWidth: width, heads, candidates, ownNegatives, length };
  }

  get tableIds(): TableIds | undefined {
    const { hostInputs } = this.#loss;
    if (!this.#onHost || typeof hostInputs === 'string') return undefined;
    const ids = { ids: { first: 0 }, targets: { first: 1, weights: 'weights' }, ...hostInputs } as const;
    return { table: 'item-embedding', ids };
  }

  get logitScale(): number | undefined {
    return this.#loss.isSoftmax ? 1 / this.#config.temperature : undefined;
  }

  randomInputs(shape: BatchShape): RandomInputs {
    const { dropout: rate, dim } = this.#config;
    const { lead, itemDropout = 0 } = this.#parts;
    const { rows, length } = shape;
    const whole = { rows, length: length + (lead?.length ?? 0) };
    return {
      ...(rate > 0 ? { [EMBEDDING_MASK]: dropoutMask(rate, rows, length, dim) } : {}),
      ...(rate > 0 ? this.#blocks.masks(whole) : {}),
      ...(itemDropout > 0 ? { [ITEM_MASK]: this.#itemMask(itemDropout) } : {}),
      ...this.#loss.draws({ ...shape, items: this.#items, width: dim, isPrefix: false }),
    };
  }

  #itemMask(rate: number): RandomInput {
    return { kind: 'step-mask', spec: bool(this.#items + 1, this.#config.dim), rate };
  }

  /**
   * x_0 = scale * E[id] + P[position], then dropout. ids int32 [rows, length] -> [rows, lead + length, dim]. `vectors` are
   * E[id], where they are at hand.
   */
  embed(
    parameters: Tensors,
    inputs: Tensors,
    vectors = gatherRows(parameters['item-embedding'], inputs.ids),
  ): Tensor {
    const { dim, dropout: rate, positions } = this.#config;
    const { features, lead, itemScale = Math.sqrt(dim) } = this.#parts;
    const length = inputs.ids.shape[1] as number;
    const items = tf.mul(vectors, itemScale);
    const described = features ? tf.add(items, features(parameters, inputs)) : items;
    const placed =
      positions === 'none'
        ? described
        : tf.add(described, this.#positions(parameters['position-embedding'], inputs.lengths, length));
    const embedded = masked(dropout(placed, inputs[EMBEDDING_MASK], rate), inputs);
    return lead ? tf.concat([lead.embed(parameters, inputs), embedded], 1) : embedded;
  }

  /** Position vectors, [length, dim] or [rows, length, dim]. lengths int32 [rows] */
  #positions(table: Tensor, lengths: Tensor, length: number): Tensor {
    const { dim, maxLength, positions } = this.#config;
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

  /** Input, output of every block, and final states: each [rows, length, dim], the first two with what leads. */
  stages(
    parameters: Tensors,
    inputs: Tensors,
    vectors?: Tensor,
  ): { input: Tensor; blocks: Tensor[]; states: Tensor } {
    const { finalNorm, lead } = this.#parts;
    const [rows, length] = inputs.ids.shape as [number, number];
    const context = this.#parts.context(inputs, { rows, length });
    const input = this.embed(parameters, inputs, vectors);
    const blocks = this.#blocks.outputs(input, parameters, inputs, context);
    const last = blocks.at(-1) ?? input;
    const normal = finalNorm
      ? finalNorm.apply(last, { parameters, inputs, at: FINAL_NORM, maskAt: '' }, undefined)
      : last;
    const items = lead ? tf.slice(normal, [0, lead.length, 0], [rows, length, this.#config.dim]) : normal;
    return { input, blocks, states: this.#normalised(items) };
  }

  /** What states are multiplied with: [items, dim], of the items whose vectors are there. */
  itemVectors(parameters: Tensors): Tensor {
    const table = parameters['item-embedding'];
    return this.#normalised(tf.slice(table, [1, 0], [table.shape[0] - 1, this.#config.dim]));
  }

  #normalised(rows: Tensor): Tensor {
    return this.#config.l2Normalize ? l2Normalize(rows, L2_EPSILON) : rows;
  }

  loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    return this.jointLoss(parameters, [{ inputs, shape }]);
  }

  /** The losses of all tokens at once: gradients of the item table cost as much as hundreds of tokens. */
  jointLoss(kept: Tensors, batches: readonly StepInputs[]): Tensor {
    const parameters = this.#withItemDropout(kept, batches[0].inputs);
    const states = this.#statesOf(parameters, batches);
    const { temperature } = this.#config;
    const isScaled = this.#loss.isSoftmax && temperature !== 1;
    const predicted = batches.map(({ inputs }, at) => ({
      states: isScaled ? tf.div(states[at], temperature) : states[at],
      targets: tf.reshape(inputs.targets, [-1]),
      weights: tf.reshape(inputs.weights, [-1]),
      inputs,
    }));
    return this.#loss.value(predicted, this.#itemRows(parameters));
  }

  #itemRows(parameters: Tensors): ItemRows {
    const normalised = () => this.#normalised(parameters['item-embedding']);
    const vectors = () => this.itemVectors(parameters);
    return {
      leading: 1,
      get table() {
        return normalised();
      },
      get vectors() {
        return vectors();
      },
    };
  }

  /** The final states of each micro-batch, [tokens, dim]. */
  #statesOf(parameters: Tensors, batches: readonly StepInputs[]): Tensor[] {
    const { dim } = this.#config;
    const ids = batches.map(({ inputs }) => tf.reshape(inputs.ids, [-1]));
    const tokens = ids.map(({ size }) => size);
    const vectors = splitRows(gatherRows(parameters['item-embedding'], concatRows(ids)), tokens);
    return batches.map(({ inputs, shape: { rows, length } }, at) => {
      const { states } = this.stages(parameters, inputs, tf.reshape(vectors[at], [rows, length, dim]));
      return tf.reshape(states, [tokens[at], dim]);
    });
  }

  #withItemDropout(parameters: Tensors, inputs: Tensors): Tensors {
    const { itemDropout = 0 } = this.#parts;
    if (itemDropout === 0) return parameters;
    const items = dropout(parameters['item-embedding'], inputs[ITEM_MASK], itemDropout);
    return { ...parameters, 'item-embedding': items };
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
    const { dim } = this.#config;
    const states = tf.reshape(this.stages(parameters, inputs).states, [rows * length, dim]);
    return tf.gather(states, lastIndices(inputs.lengths, length));
  }
}

/** x with zeros at padded positions. */
export function masked(x: Tensor, { ids }: Tensors): Tensor {
  const real = tf.cast(tf.notEqual(ids, tf.scalar(0, 'int32')), 'float32');
  return tf.mul(x, tf.expandDims(real, -1));
}

/** The parts of what `concatRows` gives. */
function splitRows(x: Tensor, sizes: readonly number[]): Tensor[] {
  return sizes.length === 1 ? [x] : tf.split(x, [...sizes], 0);
}

/** Tensors one behind the other. */
function concatRows(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0] : tf.concat([...parts], 0);
}
