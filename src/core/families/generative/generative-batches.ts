import type { NegativeNeeds } from '../../data/batches/item-sampler.ts';
import {
  type LengthPlan,
  type MicroBatch,
  SequenceBatches,
  type TrainingBatches,
  writeSide,
} from '../../data/batches/sequence-batches.ts';
import { sideInput } from '../../data/side/types.ts';
import type { Interactions } from '../../data/types.ts';
import type { HostArrays } from '../../engine/index.ts';
import { PRESENT_DRAWS } from '../../training/draws.ts';
import type { BatchShape } from '../../training/step-model.ts';
import { type Catalogue, type ItemTokens, userToken } from './code-tokens.ts';
import { allowedInput, type GenerativeModel } from './generative-model.ts';

/** An item is many tokens here, so that a shorter bucket pays sooner than for a model of items. */
const MAX_BUCKETS = 8;
/** What one more length costs in the graph of all: the gradients of the blocks are added up once more. */
const JOINT_OVERHEAD_ITEMS = 32;

/** What sources are made by. */
type SourcedModel = Pick<GenerativeModel, 'sourceLength' | 'positionOf' | 'side'>;

/** What batches are made by. */
export type BatchedModel = SourcedModel &
  Pick<
    GenerativeModel,
    'config' | 'causal' | 'tokensPerItem' | 'overheadTokens' | 'allowedInputs' | 'jointLoss'
  >;

/**
 * Sources of one batch, as models read them: `tokens` int32 and `present` float32 (1 at real positions), both [rows,
 * source]; `items` int32 [rows, length], the histories themselves, 0 after their end; and the codes of side features, as of
 * `SequenceInputs`.
 */
export class CodeSources {
  readonly arrays: HostArrays & { tokens: Int32Array; present: Float32Array; items: Int32Array };
  readonly #model: SourcedModel;
  readonly #items: ItemTokens;
  readonly #length: number;
  readonly #source: number;

  constructor(model: SourcedModel, items: ItemTokens, { rows, length }: BatchShape) {
    this.#model = model;
    this.#items = items;
    this.#length = length;
    this.#source = model.sourceLength(length);
    const size = rows * this.#source;
    this.arrays = {
      tokens: new Int32Array(size),
      present: new Float32Array(size),
      items: new Int32Array(rows * length),
    };
    for (const { name, width } of model.side ?? [])
      this.arrays[sideInput(name)] = new Int32Array(rows * length * width);
  }

  /** Writes a user's history into a row: dense items, oldest first, each with an ID. */
  write(row: number, user: number, history: ArrayLike<number>): void {
    const { tokens, present } = this.arrays;
    const { levels } = this.#items;
    const width = levels.sizes.length;
    const at = row * this.#source;
    if (levels.userTokens > 0) tokens[at] = userToken(user, levels);
    for (let i = 0; i < history.length; i++) {
      const position = at + this.#model.positionOf(i);
      const item = history[i];
      tokens.set(this.#items.tokens.subarray(item * width, (item + 1) * width), position);
      if (levels.separator !== null && i > 0) tokens[position - 1] = levels.separator;
    }
    this.arrays.items.set(history, row * this.#length);
    present.fill(1, at, at + this.#model.sourceLength(history.length));
  }

  /** The same of interactions, with their side features. */
  writePlaces(row: number, user: number, data: Interactions, places: readonly number[]): void {
    this.write(
      row,
      user,
      places.map((place) => data.itemIds[place]),
    );
    if (this.#model.side) writeSide(this.arrays, row * this.#length, data, places);
  }
}

/** The start token and the item's tokens but the last, for every target; 0 where there is none (-1). */
export function teacherTokens(
  { levels, tokens }: ItemTokens,
  targets: ArrayLike<number>,
): { decoderTokens: Int32Array; labels: Int32Array } {
  const width = levels.sizes.length;
  const labels = new Int32Array(targets.length * width);
  const decoderTokens = new Int32Array(labels.length);
  for (let i = 0; i < targets.length; i++) {
    if (targets[i] < 0) continue;
    const targetTokens = tokens.subarray(targets[i] * width, (targets[i] + 1) * width);
    labels.set(targetTokens, i * width);
    decoderTokens.set(targetTokens.subarray(0, width - 1), i * width + 1);
  }
  return { decoderTokens, labels };
}

/** Whether a model reads the codes that continue prefixes. */
export function usesContinuationMask(model: Pick<GenerativeModel, 'allowedInputs'>): boolean {
  return Object.keys(model.allowedInputs(0)).length > 0;
}

/**
 * By level, the codes that continue the prefix of each ID to an item of the catalogue: bytes [IDs, codes]. labels int32 [IDs,
 * levels]: their tokens, 0 of one that is left out.
 */
export function allowedCodes(
  { trie, tokens: { levels } }: Catalogue,
  labels: Int32Array,
): Record<string, Uint8Array> {
  const width = levels.sizes.length;
  const ids = labels.length / width;
  const open = levels.sizes.map((size) => new Uint8Array(ids * size));
  for (let i = 0; i < ids; i++) {
    let node = 0;
    for (let level = 0; level < width && labels[i * width] > 0; level++) {
      const at = i * levels.sizes[level] - levels.starts[level];
      for (let child = trie.firstChild(level, node); child < trie.endChild(level, node); child++) {
        open[level][at + trie.symbol(level + 1, child)] = 1;
      }
      node = trie.child(level, node, labels[i * width + level]);
    }
  }
  return Object.fromEntries(open.map((codes, level) => [allowedInput(level), codes]));
}

export interface CodeBatchOptions {
  seed: number;
  /** As a training that goes on began; default: as of a new one. */
  lengthPlan?: LengthPlan;
  negativeNeeds?: NegativeNeeds;
}

/** Batches of a generative model, in the order of `SequenceBatches`. Every item of the data has an ID. */
export class CodeBatches implements TrainingBatches {
  readonly #batches: SequenceBatches;
  readonly #model: BatchedModel;
  readonly #catalogue: Catalogue;

  constructor(
    data: Interactions,
    trainEnd: Int32Array,
    model: BatchedModel,
    catalogue: Catalogue,
    { seed, lengthPlan = PRESENT_DRAWS.lengths, negativeNeeds }: CodeBatchOptions,
  ) {
    this.#model = model;
    this.#catalogue = catalogue;
    const { batchSize, microBatchTokens, maxLength } = model.config;
    const perItem = model.tokensPerItem;
    this.#batches = new SequenceBatches(data, trainEnd, {
      batchSize,
      maxLength,
      seed,
      microBatchTokens: Math.max(1, Math.floor(microBatchTokens / perItem)),
      samples: model.causal ? 'windows' : 'prefixes',
      columns: { side: model.side },
      negativeNeeds,
      // With four lengths, a step was in several graphs.
      joint: model.jointLoss !== undefined && lengthPlan === 'eight',
      lengthBuckets: {
        most: MAX_BUCKETS,
        overhead: model.overheadTokens / perItem,
        jointOverhead: JOINT_OVERHEAD_ITEMS,
      },
    });
  }

  get stepsPerEpoch(): number {
    return this.#batches.stepsPerEpoch;
  }

  get shapes() {
    return this.#batches.shapes;
  }

  step(epoch: number, index: number): MicroBatch[] {
    return this.#batches.step(epoch, index).map((batch) => ({ ...batch, inputs: this.#inputs(batch) }));
  }

  #inputs({ shape, users, inputs }: MicroBatch): MicroBatch['inputs'] {
    const { rows, length } = shape;
    const sources = new CodeSources(this.#model, this.#catalogue.tokens, shape);
    const { ids, lengths } = inputs;
    for (let row = 0; row < rows; row++) {
      if (users[row] < 0) continue;
      const history = ids.subarray(row * length, row * length + lengths[row]);
      sources.write(
        row,
        users[row],
        history.map((id) => id - 1),
      );
    }
    for (const { name } of this.#model.side ?? []) sources.arrays[sideInput(name)] = inputs[sideInput(name)];
    const cells = this.#cells(shape, lengths);
    const weights = Float32Array.from(cells, (cell) => inputs.weights[cell]);
    const targets = Int32Array.from(cells, (cell, i) => (weights[i] > 0 ? inputs.targets[cell] : -1));
    const teacher = teacherTokens(this.#catalogue.tokens, targets);
    return {
      ...sources.arrays,
      ...teacher,
      weights,
      targets: targets.map((target) => Math.max(0, target)),
      ...(usesContinuationMask(this.#model) ? allowedCodes(this.#catalogue, teacher.labels) : {}),
    };
  }

  /** Positions of [rows, length] that predict: all, or the last one of each row. */
  #cells({ rows, length }: BatchShape, lengths: HostArrays[string]): Int32Array {
    return this.#model.causal
      ? Int32Array.from({ length: rows * length }, (_, cell) => cell)
      : Int32Array.from({ length: rows }, (_, row) => row * length + lengths[row] - 1);
  }
}
