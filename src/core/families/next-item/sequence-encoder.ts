/** The encoder that models of sequences share: input, blocks of a model's own, output, task, loss and scoring. */
import type { Tensor } from '@tensorflow/tfjs';
import type { SequenceColumns } from '../../data/batches/sequence-batches.ts';
import type { SideShape } from '../../data/side/types.ts';
import { bool, dropout, gatherRows, l2Normalize, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import {
  concatRows,
  dropoutMask,
  embedding,
  embeddingTable,
  type HostTableSpecs,
  type Layer,
  LayerStack,
  lastIndices,
  type ParameterSpec,
  type ParameterSpecs,
  type RandomInput,
  type RandomInputs,
  splitRows,
  zeros,
} from '../../layers/index.ts';
import { sideTables, sideVectors } from '../../training/side-features.ts';
import type { BatchShape, SequenceBatchKind, StepInputs, TableIds } from '../../training/step-model.ts';
import type { PositionCost } from '../model.ts';
import type { NextItemConfig } from './encoder-config.ts';
import { type EncoderInput, scaledInput } from './encoder-input.ts';
import { type BoundLoss, type ItemRows, lossNamed } from './losses/index.ts';
import type { DataSizes, ItemMatching, TrainedModel } from './next-item-model.ts';
import { type BoundTask, tasks } from './tasks/index.ts';
import { masked, withSpecial } from './tokens.ts';

const L2_EPSILON = 1e-6;
const FINAL_NORM = 'final-norm';
const HEAD = 'head';
const INPUT_NORM = 'input-norm';
const EMBEDDING_MASK = 'mask/embedding';
const ITEM_MASK = 'mask/items';

/** What a model puts into the encoder. `Context` is what all its blocks read besides their input. */
export interface EncoderParts<Context> {
  blocks: readonly Layer<Context>[];
  /** Once a batch, from the inputs and parameters that blocks share (`tables`). */
  context(inputs: Tensors, shape: BatchShape, tables: Tensors): Context;
  /** What it is trained for. Default: the next item. */
  task?: BoundTask;
  /** What comes before the first block. Default: `scaledInput`. */
  input?: EncoderInput;
  /** After the last block, before the L2 normalisation. */
  finalNorm?: Layer;
  /** What states pass through after that. */
  head?: Layer;
  /** Whether every item has a number that is added to its scores. */
  itemBias?: boolean;
  /** Rate of dropout in the item table, one mask a step for inputs and candidates. Default: 0. */
  itemDropout?: number;
  /** Whether a position is compared with every one before it, which costs the square of the length. Default: true. */
  comparesPairs?: boolean;
  /** What the model reads besides the items. */
  columns?: SequenceColumns;
  /** Parameters of `context`, `features` and `lead`, which get these tensors. */
  tables?: ParameterSpecs;
  /** Joins the item vectors before the first block: [rows, length, dim]. */
  features?(tables: Tensors, inputs: Tensors): Tensor;
  /** Vectors before the first interaction, which positions attend to but which predict nothing: [rows, lead, dim]. */
  lead?: { length: number; embed(tables: Tensors, inputs: Tensors): Tensor };
}

/**
 * An encoder of item vectors: x_0 = scale * E[id] + P[position], with side features + S[column][value], blocks, then scores against the item table. Shapes are
 * [rows, length, dim].
 */
export class SequenceEncoder<Context = unknown> implements TrainedModel {
  readonly batches: SequenceBatchKind;
  readonly parameters: ParameterSpecs;
  readonly hostTables: HostTableSpecs;
  readonly #config: NextItemConfig;
  readonly #items: number;
  readonly #side: readonly SideShape[];
  readonly #parts: EncoderParts<Context>;
  readonly #task: BoundTask;
  readonly #input: EncoderInput;
  readonly #blocks: LayerStack<Context>;
  readonly #loss: BoundLoss;

  constructor(config: NextItemConfig, { items, side = [] }: DataSizes, parts: EncoderParts<Context>) {
    this.#config = config;
    this.#items = items;
    this.#side = side;
    this.#parts = parts;
    this.#task = parts.task ?? tasks['next-item'].of(config);
    this.#input = parts.input ?? scaledInput(config.dim);
    this.#blocks = new LayerStack(parts.blocks);
    this.#loss = lossNamed(config.loss).of(config);
    const { source, asksKnown } = this.#loss;
    this.batches = {
      kind: 'sequences',
      maxLength: config.maxLength,
      columns: { ...parts.columns, ...(side.length > 0 ? { side } : {}) },
      task: this.#task.rows,
      stochasticLength: config.stochasticLength,
      negativeNeeds: { known: asksKnown || source.isUnseen, odds: source.odds },
    };
    const init = this.#input.items;
    this.hostTables = this.#onHost ? { 'item-embedding': { rows: items + 1, dim: config.dim, init } } : {};
    this.parameters = {
      ...this.#tables(),
      ...this.#input.norm?.parameters(INPUT_NORM),
      ...this.#blocks.parameters,
      ...parts.finalNorm?.parameters(FINAL_NORM),
      ...parts.head?.parameters(HEAD),
      ...parts.tables,
      ...sideTables(side, config.dim),
    };
  }

  #tables(): Record<string, ParameterSpec> {
    const { dim } = this.#config;
    const { items, positions } = this.#input;
    const { tokens } = this.#task;
    const tables: Record<string, ParameterSpec> = {};
    if (!this.#onHost) tables['item-embedding'] = embeddingTable([this.#items + 1, dim], items);
    if (this.#config.positions !== 'none')
      tables['position-embedding'] = embedding([this.#length, dim], positions);
    if (tokens.length > 0) tables['special-embedding'] = embedding([tokens.length, dim], items);
    if (this.#parts.itemBias) tables['item-bias'] = embedding([this.#items], zeros);
    return tables;
  }

  /** Most positions of a row. */
  get #length(): number {
    return this.#config.maxLength + (this.#task.rows?.added ?? 0);
  }

  get #onHost(): boolean {
    return this.#config.itemTable === 'host';
  }

  get cost(): PositionCost {
    const { dim: blockWidth, blocks } = this.#config;
    const heads = this.#parts.comparesPairs === false ? 0 : this.#config.heads;
    const { causal } = this.#task;
    const length = this.#length;
    const candidates = (this.#loss.candidates(this.#items) * this.#questions(length)) / length;
    return { width: this.#width, blocks, blockWidth, heads, causal, candidates };
  }

  /** How many predictions a training row of this many positions makes at most. */
  #questions(length: number): number {
    return this.#task.rows?.questions(length) ?? length;
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
      ...this.#loss.draws({
        ...shape,
        length: this.#questions(length),
        items: this.#items,
        width: this.#width,
        isPrefix: false,
      }),
    };
  }

  /** Of what states and items are compared by. */
  get #width(): number {
    return this.#config.dim + (this.#parts.itemBias ? 1 : 0);
  }

  #itemMask(rate: number): RandomInput {
    return { kind: 'step-mask', spec: bool(this.#items + 1, this.#config.dim), rate };
  }

  /**
   * x_0 = scale * E[id] + P[position], normalised where the input has a norm, then dropout. ids int32 [rows, length] ->
   * [rows, lead + length, dim]. `vectors` are E[id], where they are at hand.
   */
  embed(
    parameters: Tensors,
    inputs: Tensors,
    vectors = gatherRows(parameters['item-embedding'], inputs.ids),
  ): Tensor {
    const { dropout: rate, positions } = this.#config;
    const { features, lead } = this.#parts;
    const { scale, norm } = this.#input;
    const length = inputs.ids.shape[1] as number;
    const items = tf.mul(withSpecial(vectors, parameters, inputs), scale);
    const joining = [features?.(parameters, inputs), sideVectors(this.#side, parameters, inputs)];
    const described = joining.reduce<Tensor>((sum, vectors) => (vectors ? tf.add(sum, vectors) : sum), items);
    const placed =
      positions === 'none'
        ? described
        : tf.add(described, this.#positions(parameters['position-embedding'], inputs.lengths, length));
    const normal = norm ? applied(norm, placed, parameters, INPUT_NORM) : placed;
    const embedded = masked(dropout(normal, inputs[EMBEDDING_MASK], rate), inputs);
    return lead ? tf.concat([lead.embed(parameters, inputs), embedded], 1) : embedded;
  }

  /** Position vectors, [length, dim] or [rows, length, dim]. lengths int32 [rows] */
  #positions(table: Tensor, lengths: Tensor, length: number): Tensor {
    const { dim, positions } = this.#config;
    const most = this.#length;
    if (positions === 'from-start') return tf.slice(table, [0, 0], [length, dim]);
    const columns = tf.tensor(
      Int32Array.from({ length }, (_, i) => i + most),
      [1, length],
      'int32',
    );
    const fromEnd = tf.sub(columns, tf.reshape(lengths, [-1, 1]));
    // Padding comes after the most recent item; it is masked, so any valid row will do.
    return gatherRows(table, tf.minimum(fromEnd, tf.scalar(most - 1, 'int32')));
  }

  /** Input, output of every block, and final states: each [rows, length, dim], the first two with what leads. */
  stages(
    parameters: Tensors,
    inputs: Tensors,
    vectors?: Tensor,
  ): { input: Tensor; blocks: Tensor[]; states: Tensor } {
    const { finalNorm, head, lead } = this.#parts;
    const [rows, length] = inputs.ids.shape as [number, number];
    const context = this.#parts.context(inputs, { rows, length }, parameters);
    const input = this.embed(parameters, inputs, vectors);
    const blocks = this.#blocks.outputs(input, { parameters, inputs }, context, {
      recompute: this.#config.recomputeBlocks,
    });
    const last = blocks.at(-1) ?? input;
    const normal = finalNorm ? applied(finalNorm, last, parameters, FINAL_NORM) : last;
    const final = head ? applied(head, normal, parameters, HEAD) : normal;
    const items = lead ? tf.slice(final, [0, lead.length, 0], [rows, length, this.#config.dim]) : final;
    return { input, blocks, states: this.#normalised(items) };
  }

  /** What states are multiplied with: [items, width], of the items whose vectors are there. */
  itemVectors(parameters: Tensors): Tensor {
    const table = parameters['item-embedding'];
    const vectors = this.#normalised(tf.slice(table, [1, 0], [table.shape[0] - 1, this.#config.dim]));
    return this.#parts.itemBias
      ? tf.concat([vectors, tf.expandDims(parameters['item-bias'], 1)], 1)
      : vectors;
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
    const table = () => {
      const normalised = this.#normalised(parameters['item-embedding']);
      if (!this.#parts.itemBias) return normalised;
      return tf.concat([normalised, tf.expandDims(tf.pad(parameters['item-bias'], [[1, 0]]), 1)], 1);
    };
    const vectors = () => this.itemVectors(parameters);
    return {
      leading: 1,
      get table() {
        return table();
      },
      get vectors() {
        return vectors();
      },
    };
  }

  /** The states of each micro-batch that predict, [predictions, width]. */
  #statesOf(parameters: Tensors, batches: readonly StepInputs[]): Tensor[] {
    const { dim } = this.#config;
    const ids = batches.map(({ inputs }) => tf.reshape(inputs.ids, [-1]));
    const tokens = ids.map(({ size }) => size);
    const vectors = splitRows(gatherRows(parameters['item-embedding'], concatRows(ids)), tokens);
    return batches.map(({ inputs, shape: { rows, length } }, at) => {
      const { states } = this.stages(parameters, inputs, tf.reshape(vectors[at], [rows, length, dim]));
      const all = tf.reshape(states, [tokens[at], dim]);
      return this.#compared(inputs.asked ? gatherRows(all, tf.reshape(inputs.asked, [-1])) : all);
    });
  }

  /** States [n, dim] as they are multiplied with `itemVectors`: [n, width]. */
  #compared(states: Tensor): Tensor {
    return this.#parts.itemBias ? tf.concat([states, tf.ones([states.shape[0], 1])], 1) : states;
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

  /** The state at the last position of each row, [rows, width]. */
  #queries(parameters: Tensors, given: Tensors, { rows }: BatchShape): Tensor {
    const { dim } = this.#config;
    const inputs = this.#task.scored?.(given) ?? given;
    const length = inputs.ids.shape[1] as number;
    const states = tf.reshape(this.stages(parameters, inputs).states, [rows * length, dim]);
    return this.#compared(tf.gather(states, lastIndices(inputs.lengths, length)));
  }
}

/** A layer without dropout. */
function applied(layer: Layer, x: Tensor, parameters: Tensors, at: string): Tensor {
  return layer.apply(x, { parameters, inputs: {}, at, maskAt: '' }, undefined);
}
