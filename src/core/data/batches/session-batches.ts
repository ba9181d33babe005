import { Random } from '../../math/random.ts';
import { trainingCounts } from '../splits/item-counts.ts';
import type { Interactions } from '../types.ts';
import {
  ItemSampler,
  lastNotAbove,
  type NegativeAids,
  type NegativeNeeds,
  negativeAids,
} from './item-sampler.ts';
import {
  type MicroBatch,
  type SequenceColumns,
  SequenceInputs,
  type TrainingBatches,
} from './sequence-batches.ts';

/** Negatives that all rows of a batch share; popularity counts training interactions. */
export interface SharedNegatives {
  /** How many are drawn a step, besides the targets of the other rows; 0 for neither them nor their odds. */
  count: number;
  /** They are drawn in proportion to popularity^alpha. */
  alpha: number;
}

export interface SessionOptions {
  /** Rows of a batch. */
  batchSize: number;
  /** What the model reads besides the items. */
  columns?: SequenceColumns;
  negatives: SharedNegatives;
  /** Of negatives that each row draws for itself. */
  negativeNeeds?: NegativeNeeds;
  seed: number;
}

/**
 * Session-parallel training (Hidasi et al. 2016, section 3.1.1): every row of a batch reads its own stream of users'
 * sequences, one interaction a step, and predicts the next one; `continues` [rows] is 0 where a sequence begins and 1
 * where the state of the last step belongs to it. All sequences in random order are cut into equally long streams, so
 * an epoch has a fixed number of steps; a sequence that is cut restarts after the cut.
 *
 * With negatives also `negatives` int32 [count], and `negativeLogQ`, `targetLogQ`: ln of how often the item is expected
 * among a step's targets and negatives, for the logQ correction (Yi et al. 2019).
 */
export class SessionBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly { rows: number; length: number }[];
  readonly #data: Interactions;
  readonly #options: SessionOptions;
  /** Users with something to predict, and how many predictions each has. */
  readonly #users: Int32Array;
  readonly #predictions: Int32Array;
  readonly #total: number;
  readonly #sampler: SharedSampler | null;
  readonly #aids: NegativeAids;
  #order: { epoch: number; users: Int32Array; starts: Float64Array } | null = null;

  /** trainEnd [users]: end (exclusive) of each user's training part in the interactions. */
  constructor(data: Interactions, trainEnd: Int32Array, options: SessionOptions) {
    this.#data = data;
    this.#options = options;
    this.#predictions = Int32Array.from(trainEnd, (end, user) => Math.max(0, end - data.offsets[user] - 1));
    this.#users = Int32Array.from(trainEnd.keys()).filter((user) => this.#predictions[user] > 0);
    this.#total = this.#users.reduce((sum, user) => sum + this.#predictions[user], 0);
    this.stepsPerEpoch = Math.ceil(this.#total / options.batchSize);
    this.shapes = [{ rows: options.batchSize, length: 1 }];
    const { negatives, batchSize } = options;
    this.#aids = negativeAids(data, trainEnd, options.negativeNeeds, () => this.#targetCounts(trainEnd));
    this.#sampler =
      negatives.count > 0 ? new SharedSampler(data, trainEnd, { ...negatives, targets: batchSize }) : null;
  }

  /** Every interaction but a user's first is one. */
  #targetCounts(trainEnd: Int32Array): Int32Array {
    const { items, offsets, itemIds } = this.#data;
    const counts = new Int32Array(items);
    for (const user of this.#users) {
      for (let at = offsets[user] + 1; at < trainEnd[user]; at++) counts[itemIds[at]]++;
    }
    return counts;
  }

  /** The epoch's order of users, and where in the whole stream each begins. */
  #orderOf(epoch: number): { users: Int32Array; starts: Float64Array } {
    if (this.#order?.epoch !== epoch) {
      const users = new Random(this.#options.seed, epoch, 'order').shuffle(this.#users.slice());
      const starts = new Float64Array(users.length);
      for (let i = 1; i < users.length; i++) starts[i] = starts[i - 1] + this.#predictions[users[i - 1]];
      this.#order = { epoch, users, starts };
    }
    return this.#order;
  }

  step(epoch: number, index: number): MicroBatch[] {
    const { batchSize: rows, columns = {}, seed } = this.#options;
    const { users: order, starts } = this.#orderOf(epoch);
    const histories = new SequenceInputs(rows, 1, columns);
    const targets = new Int32Array(rows);
    const weights = new Float32Array(rows);
    const continues = new Float32Array(rows);
    const users = new Int32Array(rows).fill(-1);
    let tokens = 0;
    for (let row = 0; row < rows; row++) {
      const at = row * this.stepsPerEpoch + index;
      if (at >= this.#total) break;
      const place = lastNotAbove(starts, at);
      const within = at - starts[place];
      const next = this.#data.offsets[order[place]] + within + 1;
      histories.write(row, this.#data, order[place], next, 1);
      targets[row] = this.#data.itemIds[next];
      continues[row] = within > 0 && index > 0 ? 1 : 0;
      users[row] = order[place];
      tokens++;
    }
    weights.fill(1 / tokens, 0, tokens);
    const random = new Random(seed, epoch * this.stepsPerEpoch + index, 'negatives');
    const sampled = this.#sampler?.draw(random, targets) ?? {};
    const inputs = { ...histories.arrays, targets, weights, continues, ...sampled };
    return [{ shape: this.shapes[0], users, inputs, tokens, ...this.#aids }];
  }
}

/** Shared negatives of a step, and how often each of its candidates was to be expected. */
class SharedSampler {
  readonly #count: number;
  readonly #sampler: ItemSampler;
  /** ln of how often each item is expected among `targets` targets and `count` negatives. */
  readonly #logQ: Float32Array;

  constructor(data: Interactions, trainEnd: Int32Array, options: SharedNegatives & { targets: number }) {
    const counts = trainingCounts(data, trainEnd, data.items);
    this.#count = options.count;
    this.#sampler = new ItemSampler(Float64Array.from(counts, (count) => count ** options.alpha));
    const interactions = counts.reduce((sum, count) => sum + count, 0);
    this.#logQ = Float32Array.from(counts, (count, item) =>
      Math.log((options.targets * count) / interactions + options.count * this.#sampler.share(item)),
    );
  }

  draw(random: Random, targets: Int32Array) {
    const negatives = Int32Array.from({ length: this.#count }, () => this.#sampler.draw(random));
    const logQ = (items: Int32Array) => Float32Array.from(items, (item) => this.#logQ[item]);
    return { negatives, negativeLogQ: logQ(negatives), targetLogQ: logQ(targets) };
  }
}
