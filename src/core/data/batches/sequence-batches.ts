import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';
import {
  assignToBuckets,
  type Bucket,
  type BucketOptions,
  lengthCounts,
  mergeRareBuckets,
  planBuckets,
  tryAssign,
} from './buckets.ts';
import { KnownItems } from './known-items.ts';
import { type SequenceColumns, SequenceInputs } from './sequence-inputs.ts';

/** One micro-batch of host arrays; a step is one or more of them. */
export interface MicroBatch {
  shape: { rows: number; length: number };
  /** [rows] dense users, -1 for padding rows. */
  users: Int32Array;
  inputs: Record<string, Int32Array | Float32Array | Uint8Array>;
  /** Real positions in it. */
  tokens: number;
  /** All micro-batches of its step, one of every shape, fit into one graph. */
  joint?: true;
  /** What negatives of the model must not be, where it asks for that. */
  known?: KnownItems;
}

export interface BatchOptions {
  batchSize: number;
  /** Most recent interactions used of a user. */
  maxLength: number;
  microBatchTokens: number;
  seed: number;
  /** What the model reads besides the items. */
  columns?: SequenceColumns;
  /** Default: "users". */
  samples?: Samples;
  /** Whether the model draws negatives that users have not interacted with. */
  unseenNegatives?: boolean;
  /** Whether the model takes all micro-batches of a step at once, where they fit into `microBatchTokens` together. */
  joint?: boolean;
  /** How the length buckets are planned, as far as the token budget leaves it open. */
  buckets?: Pick<BucketOptions, 'most' | 'overhead'>;
}

/**
 * What a row of a batch is. "users": the end of a user's training sequence, every position of which predicts the next
 * item; one row a user and epoch. "windows": the same of the whole sequence, in as many rows as it takes, so that
 * every item but the first is a target once an epoch. "prefixes": the interactions before one target, which the last
 * position alone predicts; one row a target and epoch.
 */
export type Samples = 'users' | 'windows' | 'prefixes';

/** Training batches in a random order that depends on (seed, epoch) alone. */
export interface TrainingBatches {
  readonly stepsPerEpoch: number;
  /** Every shape a micro-batch can have. */
  readonly shapes: readonly { rows: number; length: number }[];
  step(epoch: number, index: number): MicroBatch[];
}

/** Next-item training: a row's position i predicts interaction i + 1. Rows are drawn without replacement. */
export class SequenceBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly Bucket[];
  readonly #data: Interactions;
  readonly #options: BatchOptions;
  /** The user of each sample, and the index of its last target among the interactions. */
  readonly #owners: Int32Array;
  readonly #targets: Int32Array;
  readonly #joint: boolean;
  readonly #known: KnownItems | undefined;
  #order: { epoch: number; samples: Int32Array } | null = null;

  /** trainEnd [users]: end (exclusive) of each user's training part in the interactions. */
  constructor(data: Interactions, trainEnd: Int32Array, options: BatchOptions) {
    this.#data = data;
    this.#options = options;
    if (options.unseenNegatives) this.#known = new KnownItems(data, trainEnd);
    const { samples: kind = 'users', maxLength } = options;
    const stride = { users: Number.POSITIVE_INFINITY, windows: maxLength, prefixes: 1 }[kind];
    // As many as there can be: lists of numbers would take several times the memory.
    const most = kind === 'users' ? data.users : data.itemIds.length;
    const [owners, targets] = [new Int32Array(most), new Int32Array(most)];
    let samples = 0;
    for (let user = 0; user < data.users; user++) {
      const [first, last] = [data.offsets[user] + 1, trainEnd[user] - 1];
      for (let at = first + (Math.max(0, last - first) % stride); at <= last; at += stride) {
        owners[samples] = user;
        targets[samples++] = at;
      }
    }
    this.#owners = owners.subarray(0, samples);
    this.#targets = targets.subarray(0, samples);
    this.stepsPerEpoch = Math.ceil(samples / options.batchSize);
    const { batchSize, microBatchTokens } = options;
    const counts = lengthCounts(this.#owners.map((_, sample) => this.#length(sample)));
    const planned = planBuckets(counts, { batchSize, maxTokens: microBatchTokens, ...options.buckets });
    const wide = options.joint ? mergeRareBuckets(planned, counts, batchSize) : [];
    const tokens = wide.reduce((sum, { rows, length }) => sum + rows * length, 0);
    this.#joint = wide.length > 1 && tokens <= microBatchTokens;
    this.shapes = this.#joint ? wide : planned;
  }

  /** Positions of a sample: the interactions before its last target, at most maxLength. */
  #length(sample: number): number {
    const before = this.#targets[sample] - this.#data.offsets[this.#owners[sample]];
    return Math.min(before, this.#options.maxLength);
  }

  #samplesOf(epoch: number, index: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const all = Int32Array.from(this.#owners.keys());
      this.#order = { epoch, samples: new Random(this.#options.seed, epoch, 'order').shuffle(all) };
    }
    const { batchSize } = this.#options;
    return this.#order.samples.subarray(index * batchSize, (index + 1) * batchSize);
  }

  /** Positions of a sample that predict. */
  #predictions(sample: number): number {
    return this.#options.samples === 'prefixes' ? 1 : this.#length(sample);
  }

  step(epoch: number, index: number): MicroBatch[] {
    const samples = this.#samplesOf(epoch, index);
    const lengths = Int32Array.from(samples, (sample) => this.#length(sample));
    const predictions = samples.reduce((sum, sample) => sum + this.#predictions(sample), 0);
    const fill = (bucket: Bucket, members: readonly number[]) =>
      this.#fill(
        bucket,
        members.map((i) => samples[i]),
        1 / predictions,
      );
    const once = this.#joint ? tryAssign(lengths, this.shapes) : null;
    // All buckets, empty ones, too: every such step is then the same graph.
    if (once) return once.map((members, at) => ({ ...fill(this.shapes[at], members), joint: true }));
    return assignToBuckets(lengths, this.shapes).map(({ bucket, members }) => fill(bucket, members));
  }

  #fill(shape: Bucket, members: number[], weight: number): MicroBatch {
    const { rows, length } = shape;
    const histories = new SequenceInputs(rows, length, this.#options.columns ?? {});
    const targets = new Int32Array(rows * length);
    const weights = new Float32Array(rows * length);
    const users = new Int32Array(rows).fill(-1);
    let tokens = 0;
    members.forEach((sample, row) => {
      const user = this.#owners[sample];
      const n = this.#length(sample);
      const end = this.#targets[sample];
      histories.write(row, this.#data, user, end, n);
      targets.set(this.#data.itemIds.subarray(end + 1 - n, end + 1), row * length);
      weights.fill(weight, row * length + n - this.#predictions(sample), row * length + n);
      users[row] = user;
      tokens += n;
    });
    const inputs = { ...histories.arrays, targets, weights };
    return { shape, users, inputs, tokens, known: this.#known };
  }
}
