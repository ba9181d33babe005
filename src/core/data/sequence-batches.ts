import { Random } from '../random.ts';
import { type Bucket, deal, lengthCounts, planBuckets } from './buckets.ts';
import { type SequenceColumns, SequenceInputs } from './sequence-inputs.ts';
import type { Interactions } from './types.ts';

/** One micro-batch of host arrays; a step is one or more of them. */
export interface MicroBatch {
  shape: { rows: number; length: number };
  /** [rows] dense users, -1 for padding rows. */
  users: Int32Array;
  inputs: Record<string, Int32Array | Float32Array>;
  /** Real positions in it. */
  tokens: number;
}

export interface BatchOptions {
  batchSize: number;
  /** Most recent interactions used of a user. */
  maxLength: number;
  microBatchTokens: number;
  seed: number;
  /** What the model reads besides the items. */
  columns?: SequenceColumns;
}

/** Training batches in a random order that depends on (seed, epoch) alone. */
export interface TrainingBatches {
  readonly stepsPerEpoch: number;
  /** Every shape a micro-batch can have. */
  readonly shapes: readonly { rows: number; length: number }[];
  step(epoch: number, index: number): MicroBatch[];
}

/**
 * Next-item training of whole sequences: position i predicts interaction i + 1, one row a user and epoch
 * (models with a causal encoder train on all prefixes at once). Users are drawn without replacement.
 */
export class SequenceBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly Bucket[];
  readonly #data: Interactions;
  readonly #trainEnd: Int32Array;
  readonly #options: BatchOptions;
  readonly #users: Int32Array;
  #order: { epoch: number; users: Int32Array } | null = null;

  /** trainEnd [users]: end (exclusive) of each user's training part in the interactions. */
  constructor(data: Interactions, trainEnd: Int32Array, options: BatchOptions) {
    this.#data = data;
    this.#trainEnd = trainEnd;
    this.#options = options;
    const users: number[] = [];
    for (let user = 0; user < data.users; user++) if (this.#length(user) > 0) users.push(user);
    this.#users = Int32Array.from(users);
    this.stepsPerEpoch = Math.ceil(users.length / options.batchSize);
    this.shapes = planBuckets(lengthCounts(users.map((user) => this.#length(user))), {
      batchSize: options.batchSize,
      maxTokens: options.microBatchTokens,
    });
  }

  /** Positions a user trains: one less than the interactions, at most maxLength. */
  #length(user: number): number {
    return Math.min(this.#trainEnd[user] - this.#data.offsets[user] - 1, this.#options.maxLength);
  }

  #usersOf(epoch: number, index: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const users = new Random(this.#options.seed, epoch, 'order').shuffle(this.#users.slice());
      this.#order = { epoch, users };
    }
    const { batchSize } = this.#options;
    return this.#order.users.subarray(index * batchSize, (index + 1) * batchSize);
  }

  step(epoch: number, index: number): MicroBatch[] {
    const users = this.#usersOf(epoch, index);
    const lengths = Int32Array.from(users, (user) => this.#length(user));
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    return deal(lengths, this.shapes).map(({ bucket, members }) =>
      this.#fill(
        bucket,
        members.map((i) => users[i]),
        1 / tokens,
      ),
    );
  }

  #fill(shape: Bucket, members: number[], weight: number): MicroBatch {
    const { rows, length } = shape;
    const histories = new SequenceInputs(rows, length, this.#options.columns ?? {});
    const targets = new Int32Array(rows * length);
    const weights = new Float32Array(rows * length);
    const users = new Int32Array(rows).fill(-1);
    let tokens = 0;
    members.forEach((user, row) => {
      const n = this.#length(user);
      const end = this.#trainEnd[user] - 1;
      histories.write(row, this.#data, user, end, n);
      targets.set(this.#data.itemIds.subarray(end + 1 - n, end + 1), row * length);
      weights.fill(weight, row * length, row * length + n);
      users[row] = user;
      tokens += n;
    });
    return { shape, users, inputs: { ...histories.arrays, targets, weights }, tokens };
  }
}
