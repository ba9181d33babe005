import { UserError } from '../../errors.ts';
import { Random } from '../../math/random.ts';
import { type SideShape, sideInput } from '../side/types.ts';
import type { Interactions } from '../types.ts';
import {
  assignToBuckets,
  type Bucket,
  type BucketOptions,
  lengthCounts,
  mergeRareBuckets,
  paddedTokens,
  planBuckets,
  tryAssign,
} from './buckets.ts';
import { EpochOrder } from './epoch-order.ts';
import { type NegativeAids, type NegativeNeeds, negativeAids } from './item-sampler.ts';
import { Questions, type RowTask } from './row-task.ts';
import { StochasticLength } from './stochastic-length.ts';

/** What a sequence model reads of a history besides the items. */
export interface SequenceColumns {
  /**
   * The time each position knows. "seen": of the interaction to predict, the request time of the HSTU and FuXi-alpha
   * papers; "hidden": of the position's own interaction. Left out: the model reads no times.
   */
  times?: 'seen' | 'hidden';
  /** The rating of each interaction. */
  ratings?: boolean;
  /** What the user did in each interaction, as bits. */
  actions?: boolean;
  /** Whose history it is. */
  users?: boolean;
  /** The side features of each interaction, those of the data in their order. */
  side?: readonly SideShape[];
}

/** Levels of ratings: half steps up to 10, and 0 for padding; what lies outside counts as the nearest. */
export const RATING_LEVELS = 21;

const MAX_SECONDS = 2 ** 31 - 1;

/**
 * How many lengths there are, by the version that a training began with. On MovieLens-1M's lengths a step of LLaMa takes a tenth
 * less time in 6 to 8 than in 4 (docs/results/program.md).
 */
export type LengthPlan = 'eight' | 'four';

/** Most buckets, and what one more micro-batch costs a model of items, in tokens. */
const LENGTH_PLANS: Record<LengthPlan, Required<Pick<BucketOptions, 'most' | 'overhead'>>> = {
  eight: { most: 8, overhead: 128 },
  four: { most: 4, overhead: 64 },
};

/** How many times the tokens of a batch in buckets a joint graph may have. */
const MOST_WASTE = 1.5;

/**
 * Host inputs of histories, one a row: `ids` int32 [rows, length] (item + 1, oldest first, padded on the right with
 * 0) and `lengths` int32 [rows] (1 for empty rows). With times also `times` and `queryTimes` int32 [rows, length]:
 * seconds since the history's first interaction, of each interaction and as each position knows them. With ratings also
 * `ratings` int32 [rows, length], levels below RATING_LEVELS; with actions also `actions` int32 [rows, length], bits as in
 * ACTIONS; with users also `users` int32 [rows], 0 for empty rows; with side features also their codes, int32 [rows, length,
 * width] each under the name of `sideInput`, 0 where there is none.
 */
export class SequenceInputs {
  readonly arrays: Record<string, Int32Array>;
  readonly #length: number;
  readonly #columns: SequenceColumns;

  constructor(rows: number, length: number, columns: SequenceColumns) {
    this.#length = length;
    this.#columns = columns;
    const cells = () => new Int32Array(rows * length);
    this.arrays = { ids: cells(), lengths: new Int32Array(rows).fill(1) };
    if (columns.times) Object.assign(this.arrays, { times: cells(), queryTimes: cells() });
    if (columns.ratings) this.arrays.ratings = cells();
    if (columns.actions) this.arrays.actions = cells();
    if (columns.users) this.arrays.users = new Int32Array(rows);
    for (const { name, width } of columns.side ?? [])
      this.arrays[sideInput(name)] = new Int32Array(rows * length * width);
  }

  /**
   * Writes the user's n interactions before index `end` into a row, or n others in their order: `kept` has their indices, and
   * that of the interaction behind them. Where times are seen, the last position knows the time of the interaction at `end`,
   * or of the user's last one where nothing follows.
   * @throws UserError where ratings or actions are read and the data set has none
   */
  write(row: number, data: Interactions, user: number, end: number, n: number, kept?: Int32Array): void {
    const { ids, lengths } = this.arrays;
    const at = row * this.#length;
    const places = kept ?? Int32Array.from({ length: n + 1 }, (_, i) => end - n + i);
    for (let i = 0; i < n; i++) ids[at + i] = data.itemIds[places[i]] + 1;
    lengths[row] = n;
    if (this.#columns.users) this.arrays.users[row] = user;
    const inputs = places.subarray(0, n);
    if (this.#columns.ratings) this.#writeRatings(at, data.ratings, inputs);
    if (this.#columns.actions) this.#writeActions(at, data.actions, inputs);
    if (this.#columns.side) writeSide(this.arrays, at, data, inputs);
    if (this.#columns.times && data.times && n > 0) {
      const { times } = data;
      const known = places[n] < data.offsets[user + 1] ? places : inputs;
      this.#writeTimes(
        at,
        Float64Array.from(known, (place) => times[place]),
        n,
      );
    }
  }

  #writeRatings(at: number, ratings: Float32Array | null, places: Int32Array): void {
    if (!ratings) {
      throw new UserError(
        'the data set has no ratings for actions=rating; set actions=none, or import ratings',
      );
    }
    for (const [i, place] of places.entries()) {
      this.arrays.ratings[at + i] = Math.max(1, Math.min(RATING_LEVELS - 1, Math.round(2 * ratings[place])));
    }
  }

  #writeActions(at: number, actions: Int32Array | null | undefined, places: Int32Array): void {
    if (!actions) {
      throw new UserError(
        'the data set has no feedback for actions=feedback; set actions=none, or import columns such as is_click',
      );
    }
    for (const [i, place] of places.entries()) this.arrays.actions[at + i] = actions[place];
  }

  /** userTimes: the times of the n interactions, then that of the next one if there is one. */
  #writeTimes(at: number, userTimes: Float64Array, n: number): void {
    const { times, queryTimes } = this.arrays;
    const ahead = this.#columns.times === 'seen' ? 1 : 0;
    const since = (index: number) => {
      const seconds = Math.round(userTimes[Math.min(index, userTimes.length - 1)] - userTimes[0]);
      return Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, seconds));
    };
    for (let i = 0; i < n; i++) {
      times[at + i] = since(i);
      queryTimes[at + i] = since(i + ahead);
    }
  }
}

/** Writes the side features of the interactions at `places` into the inputs from cell `at` on: their own, or their items'. */
export function writeSide(
  arrays: Record<string, ArrayLike<number>>,
  at: number,
  { side = [], itemIds }: Interactions,
  places: ArrayLike<number>,
): void {
  for (const { name, of, codes, width } of side) {
    const cells = arrays[sideInput(name)] as Int32Array;
    for (let i = 0; i < places.length; i++) {
      const row = of === 'item' ? itemIds[places[i]] : places[i];
      cells.set(codes.subarray(row * width, (row + 1) * width), (at + i) * width);
    }
  }
}

/** One micro-batch of host arrays; a step is one or more of them. */
export interface MicroBatch extends NegativeAids {
  shape: { rows: number; length: number };
  /** [rows] dense users, -1 for padding rows. */
  users: Int32Array;
  inputs: Record<string, Int32Array | Float32Array | Uint8Array>;
  /** Real positions in it. */
  tokens: number;
  /** All micro-batches of its step, one of every shape, fit into one graph. */
  joint?: true;
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
  /** Default: a row's position i predicts interaction i + 1. */
  task?: RowTask;
  /** The α of `StochasticLength`, for rows without a task. Default: histories as long as they are. */
  stochasticLength?: number;
  negativeNeeds?: NegativeNeeds;
  /** Whether the model takes all micro-batches of a step at once, where they fit into `microBatchTokens` together. */
  joint?: boolean;
  /** Default: that of a new training. */
  lengthPlan?: LengthPlan;
  /** What differs from that plan. */
  lengthBuckets?: Pick<BucketOptions, 'most' | 'overhead'> & {
    /** The overhead where all micro-batches of a step are one graph. Default: the same. */
    jointOverhead?: number;
  };
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

/**
 * Training on sequences: a row's position i predicts interaction i + 1, or a task asks what it asks. Then the inputs have also
 * `special` int32 [rows, length], as in `TaskRow`, and `asked` int32 [rows, questions], positions among all of the micro-batch;
 * `targets` and `weights` are of its questions. Rows are drawn without replacement.
 */
export class SequenceBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly Bucket[];
  readonly #data: Interactions;
  readonly #options: BatchOptions;
  /** The user of each sample, and the index of its last target among the interactions. */
  readonly #owners: Int32Array;
  readonly #targets: Int32Array;
  readonly #joint: boolean;
  readonly #added: number;
  readonly #aids: NegativeAids;
  readonly #order: EpochOrder;
  readonly #shortening: StochasticLength | null;

  /** trainEnd [users]: end (exclusive) of each user's training part in the interactions. */
  constructor(data: Interactions, trainEnd: Int32Array, options: BatchOptions) {
    this.#data = data;
    this.#options = options;
    const { samples: kind = 'users', maxLength, task, stochasticLength = 0 } = options;
    if (task && stochasticLength > 0) {
      const problem = 'set it to 0: the histories of a model with a task of its own are not shortened';
      throw new UserError({ code: 'bad-config', field: 'stochasticLength', problem });
    }
    this.#added = task?.added ?? 0;
    const windows = maxLength + this.#added;
    const stride = { users: Number.POSITIVE_INFINITY, windows, prefixes: 1 }[kind];
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
    this.#aids = negativeAids(data, trainEnd, options.negativeNeeds, () => this.#targetCounts());
    this.#order = new EpochOrder({ ...options, samples, stream: 'order' });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    const { batchSize, microBatchTokens } = options;
    const counts = lengthCounts(this.#owners.map((_, sample) => this.#length(sample)));
    const { seed } = options;
    this.#shortening =
      stochasticLength > 0
        ? new StochasticLength({ alpha: stochasticLength, longest: Math.max(1, counts.length - 1), seed })
        : null;
    const expected = this.#shortening?.expected(counts) ?? counts;
    const { lengthPlan = 'eight', lengthBuckets } = options;
    const { jointOverhead, ...buckets } = { ...LENGTH_PLANS[lengthPlan], ...lengthBuckets };
    const plan = (overhead = buckets.overhead) =>
      planBuckets(expected, { batchSize, maxTokens: microBatchTokens, ...buckets, overhead });
    const planned = plan();
    const wide = options.joint ? mergeRareBuckets(plan(jointOverhead), expected, batchSize) : [];
    const tokens = wide.reduce((sum, { rows, length }) => sum + rows * length, 0);
    // Few histories stay long: one graph of all lengths may compute far more than the batches of a step have.
    const rareLong = this.#shortening && tokens > MOST_WASTE * paddedTokens(expected, planned, batchSize);
    this.#joint = wide.length > 1 && tokens <= microBatchTokens && !rareLong;
    this.shapes = this.#joint ? wide : planned;
  }

  #targetCounts(): Int32Array {
    const { items, itemIds } = this.#data;
    const counts = new Int32Array(items);
    for (const [sample, last] of this.#targets.entries()) {
      for (let at = last - this.#predictions(sample) + 1; at <= last; at++) counts[itemIds[at]]++;
    }
    return counts;
  }

  /** Positions of a sample: the interactions before its last target, at most maxLength, and what a task adds. */
  #length(sample: number): number {
    const before = this.#targets[sample] - this.#data.offsets[this.#owners[sample]];
    return Math.min(before, this.#options.maxLength) + this.#added;
  }

  /** Positions of a sample that predict. */
  #predictions(sample: number): number {
    return this.#options.samples === 'prefixes' ? 1 : this.#length(sample);
  }

  step(epoch: number, index: number): MicroBatch[] {
    const rows = Array.from(this.#order.step(epoch, index), (sample) => this.#row(sample, epoch));
    const lengths = Int32Array.from(rows, ({ n }) => n);
    const fill = (bucket: Bucket, members: readonly number[]) =>
      this.#fill(
        bucket,
        members.map((i) => rows[i]),
        epoch,
      );
    const once = this.#joint ? tryAssign(lengths, this.shapes) : null;
    // All buckets, empty ones, too: every such step is then the same graph.
    if (once) return weighed(once.map((members, at) => ({ ...fill(this.shapes[at], members), joint: true })));
    return weighed(assignToBuckets(lengths, this.shapes).map(({ bucket, members }) => fill(bucket, members)));
  }

  /** What a sample is in an epoch. */
  #row(sample: number, epoch: number): Row {
    const whole = this.#length(sample);
    const kept = this.#shortening?.draw(whole, epoch, sample) ?? null;
    if (!kept) return { sample, n: whole };
    const first = this.#targets[sample] - whole;
    return { sample, n: kept.length - 1, kept: kept.map((place) => first + place) };
  }

  /** A micro-batch; a prediction has weight 1. */
  #fill(shape: Bucket, members: Row[], epoch: number): Filled {
    const { rows, length } = shape;
    const { columns = {}, task } = this.#options;
    const histories = new SequenceInputs(rows, length, columns);
    const asks = task ? new Questions(task, shape) : null;
    const targets = new Int32Array(rows * (asks?.most ?? length));
    const weights = new Float32Array(targets.length);
    const users = new Int32Array(rows).fill(-1);
    let tokens = 0;
    members.forEach(({ sample, n, kept }, row) => {
      const user = this.#owners[sample];
      const end = this.#targets[sample];
      histories.write(row, this.#data, user, end + this.#added, n, kept);
      const { itemIds } = this.#data;
      const items = kept
        ? kept.subarray(1).map((place) => itemIds[place])
        : itemIds.subarray(end + 1 - n, end + 1);
      if (asks) {
        const random = new Random(this.#options.seed, epoch, `task/${sample}`);
        const positions = asks.ask(row, histories.arrays.ids, n, random);
        for (let i = 0; i < positions.length; i++) targets[row * asks.most + i] = items[positions[i]];
        weights.fill(1, row * asks.most, row * asks.most + positions.length);
      } else {
        targets.set(items, row * length);
        weights.fill(1, row * length + Math.max(0, n - this.#predictions(sample)), row * length + n);
      }
      users[row] = user;
      tokens += n;
    });
    const inputs = { ...histories.arrays, ...asks?.arrays, targets, weights };
    return { shape, users, inputs, tokens, ...this.#aids };
  }
}

/** A sample as an epoch trains on it. */
interface Row {
  sample: number;
  /** Positions. */
  n: number;
  /** Which interactions stand at them, and the last target's; left out where they are the last ones. */
  kept?: Int32Array;
}

type Filled = MicroBatch & { inputs: { weights: Float32Array } };

/** The micro-batches of a step, whose predictions all weigh the same, and together 1. */
function weighed(batches: Filled[]): MicroBatch[] {
  const all = batches.map(({ inputs }) => inputs.weights);
  const predictions = all.reduce((sum, weights) => weights.reduce((part, one) => part + one, sum), 0);
  for (const weights of all) for (let i = 0; i < weights.length; i++) weights[i] *= 1 / predictions;
  return batches;
}
