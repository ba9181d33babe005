/** Training examples of a model with codes as words, in packed rows. */

import type { MicroBatch, TrainingBatches } from '../../../data/batches/sequence-batches.ts';
import type { Interactions } from '../../../data/types.ts';
import { PackedRows, type Sequence } from '../../../decoders/packed-rows.ts';
import { Random } from '../../../math/random.ts';
import type { Catalogue } from '../code-tokens.ts';
import type { WordFiles } from './word-files.ts';
import type { WordConfig } from './words-config.ts';

export interface WordBatchOptions
  extends Pick<WordConfig, 'historyShare' | 'itemToIdShare' | 'idToTitleShare'> {
  batchSize: number;
  maxLength: number;
  microBatchTokens: number;
  seed: number;
  /** Id of the first code. */
  firstCode: number;
}

/**
 * Into how many parts a step is cut if every example fills a row. Most examples are shorter and share rows, so that fewer parts are needed: with small
 * parts few of the rows that are computed stay empty. Parts of several sizes would each keep memory of their own.
 */
const PARTS = 8;

/**
 * Three tasks, drawn by their shares: a history, in which every item but the first follows from those before it; the ID of a title; the
 * title of an ID. Every item of the data has an ID; titles are of items that are not hidden. The examples of a step are a function of the seed and
 * the step alone.
 */
export class WordBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly { rows: number; length: number }[];
  readonly #data: Interactions;
  readonly #trainEnd: Int32Array;
  readonly #catalogue: Catalogue;
  readonly #files: WordFiles;
  readonly #options: WordBatchOptions;
  /** Interactions that follow another one of their user in training, by place, and whose they are. */
  readonly #places: Int32Array;
  readonly #owners: Int32Array;
  readonly #titled: Int32Array;

  constructor(
    data: Interactions,
    trainEnd: Int32Array,
    catalogue: Catalogue,
    files: WordFiles,
    options: WordBatchOptions,
  ) {
    this.#data = data;
    this.#trainEnd = trainEnd;
    this.#catalogue = catalogue;
    this.#files = files;
    this.#options = options;
    const { named, hidden } = catalogue;
    this.#titled = named.filter((item) => hidden?.[item] !== 1 && files.titles[item]?.length > 0);
    const [places, owners] = this.#following();
    this.#places = places;
    this.#owners = owners;
    const { batchSize, microBatchTokens } = options;
    const length = files.decoder.context;
    const most = Math.min(batchSize, Math.floor(microBatchTokens / length));
    this.shapes = [{ rows: Math.max(1, Math.ceil(most / PARTS)), length }];
    // A history trains on as many items as it holds, as a window of a causal model does.
    const windows = Math.ceil(places.length / options.maxLength);
    this.stepsPerEpoch = Math.ceil(windows / batchSize);
  }

  #following(): [Int32Array, Int32Array] {
    const { users, offsets } = this.#data;
    const [places, owners]: [number[], number[]] = [[], []];
    for (let user = 0; user < users; user++) {
      for (let at = offsets[user] + 1; at < this.#trainEnd[user]; at++) {
        places.push(at);
        owners.push(user);
      }
    }
    return [Int32Array.from(places), Int32Array.from(owners)];
  }

  step(epoch: number, index: number): MicroBatch[] {
    const random = new Random(this.#options.seed, epoch * this.stepsPerEpoch + index, 'words');
    const [{ rows, length }] = this.shapes;
    const parts: PackedRows[] = [];
    for (let example = 0; example < this.#options.batchSize; example++) {
      const sequence = this.#draw(random);
      if (parts.some((part) => part.add(sequence) >= 0)) continue;
      const fresh = new PackedRows(rows, length);
      if (fresh.add(sequence) < 0) throw new Error(`an example of ${sequence.ids.length} tokens fits no row`);
      parts.push(fresh);
    }
    const total = parts.reduce((sum, { arrays }) => sum + arrays.weights.reduce((a, b) => a + b, 0), 0);
    return parts.map(({ arrays, tokens }) => ({
      shape: { rows, length },
      users: new Int32Array(rows).fill(-1),
      inputs: { ...arrays, weights: arrays.weights.map((weight) => weight / total) },
      tokens,
    }));
  }

  #draw(random: Random): Sequence {
    const { historyShare, itemToIdShare, idToTitleShare } = this.#options;
    const drawn = random.uniform() * (historyShare + itemToIdShare + idToTitleShare);
    if (drawn < historyShare || this.#titled.length === 0)
      return this.#history(random.below(this.#places.length));
    const item = this.#titled[random.below(this.#titled.length)];
    const { prompts, titles, end } = this.#files;
    const codes = this.#codes(item);
    return drawn < historyShare + itemToIdShare
      ? asked([...prompts.title, ...titles[item]], codes)
      : asked([...prompts.id, ...codes], [...titles[item], end]);
  }

  #history(at: number): Sequence {
    const [place, user] = [this.#places[at], this.#owners[at]];
    const first = Math.max(this.#data.offsets[user], place - this.#options.maxLength);
    const codes = Array.from(this.#data.itemIds.subarray(first, place + 1), (item) => this.#codes(item));
    return asked([...this.#files.prompts.history, ...codes[0]], codes.slice(1).flat());
  }

  /** The ID of an item as ids of the vocabulary. */
  #codes(item: number): number[] {
    const { tokens, levels } = this.#catalogue.tokens;
    const width = levels.sizes.length;
    return Array.from(
      tokens.subarray(item * width, (item + 1) * width),
      (token) => this.#options.firstCode + token - 1,
    );
  }
}

/** What is given, then what is learnt. */
function asked(given: readonly number[], answer: readonly number[]): Sequence {
  return {
    ids: Int32Array.from([...given, ...answer]),
    weights: Float32Array.from([...given.map(() => 0), ...answer.map(() => 1)]),
  };
}
