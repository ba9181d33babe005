import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';
import { EpochOrder } from './epoch-order.ts';
import { KnownItems } from './known-items.ts';
import type { MicroBatch, TrainingBatches } from './sequence-batches.ts';

/**
 * (user, item, negative) triples: every training interaction once an epoch in random order, with one
 * uniform negative that the user has not interacted with in training (Rendle et al. 2009, section 4.1).
 */
export class PairBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly { rows: number; length: number }[];
  readonly #data: Interactions;
  readonly #seed: number;
  /** Positions of the training interactions and the user of each. */
  readonly #positions: Int32Array;
  readonly #owners: Int32Array;
  readonly #known: KnownItems;
  readonly #order: EpochOrder;

  constructor(data: Interactions, trainEnd: Int32Array, options: { batchSize: number; seed: number }) {
    this.#data = data;
    this.#seed = options.seed;
    this.#known = new KnownItems(data, trainEnd);
    // As many as there can be: lists of numbers would take several times the memory.
    const positions = new Int32Array(data.itemIds.length);
    const owners = new Int32Array(data.itemIds.length);
    let pairs = 0;
    for (let user = 0; user < data.users; user++) {
      if (this.#known.knowsAll(user)) continue;
      for (let i = data.offsets[user]; i < trainEnd[user]; i++) {
        positions[pairs] = i;
        owners[pairs++] = user;
      }
    }
    this.#positions = positions.subarray(0, pairs);
    this.#owners = owners.subarray(0, pairs);
    this.#order = new EpochOrder({ ...options, samples: pairs, stream: 'order' });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    this.shapes = [{ rows: options.batchSize, length: 1 }];
  }

  step(epoch: number, index: number): MicroBatch[] {
    const chosen = this.#order.step(epoch, index);
    const shape = this.shapes[0];
    const random = new Random(this.#seed, epoch * this.stepsPerEpoch + index, 'negatives');
    const users = new Int32Array(shape.rows);
    const positives = new Int32Array(shape.rows);
    const negatives = new Int32Array(shape.rows);
    const weights = new Float32Array(shape.rows);
    chosen.forEach((i, row) => {
      const user = this.#owners[i];
      users[row] = user;
      positives[row] = this.#data.itemIds[this.#positions[i]];
      let negative = random.below(this.#data.items);
      while (this.#known.knows(user, negative)) negative = random.below(this.#data.items);
      negatives[row] = negative;
      weights[row] = 1 / chosen.length;
    });
    return [{ shape, users, inputs: { users, positives, negatives, weights }, tokens: chosen.length }];
  }
}
