/** Batches of a model that reads a user's rows as a sequence. */
import { assignToBuckets, type Bucket, lengthCounts, planBuckets } from '../../data/batches/buckets.ts';
import { EpochOrder } from '../../data/batches/epoch-order.ts';
import type { TrainingBatches } from '../../data/batches/sequence-batches.ts';
import {
  type ClickData,
  type RowSequence,
  rowsOfPart,
  TRAIN,
  UserSequences,
} from '../../data/clicks/index.ts';
import type { StepBatch } from '../../training/step-runner.ts';
import type { ClickConfig } from './click-config.ts';
import { CANDIDATE, type ClickModel, type ClickSizes, INTERACTION } from './click-model.ts';
import { encodeRows } from './click-step.ts';
import { RowReader } from './rows.ts';

/** Times are 32-bit differences of seconds. */
const MAX_SECONDS = 2 ** 31 - 1;

export type SequenceModel = ClickModel & Required<Pick<ClickModel, 'sequences'>>;

export function readsSequences(model: ClickModel): model is SequenceModel {
  return model.sequences !== undefined;
}

/** Whole sequences of users in a few lengths, in an order that depends on (seed, epoch) alone; a batch counts sequences. */
export class UserBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly Bucket[];
  readonly #encoder: SequenceRows;
  readonly #training: readonly RowSequence[];
  readonly #order: EpochOrder;

  constructor(model: SequenceModel, sizes: ClickSizes, data: ClickData, config: ClickConfig, seed: number) {
    this.#encoder = new SequenceRows(model, sizes, data, config);
    this.#training = new UserSequences(data, model.sequences.history).training();
    const { batchSize, microBatchTokens: maxTokens } = config;
    const samples = this.#training.length;
    this.#order = new EpochOrder({ samples, batchSize, seed, stream: 'sequence-order' });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    const counts = lengthCounts(this.#training.map(({ rows }) => rows.length));
    this.shapes = planBuckets(counts, { batchSize, maxTokens });
  }

  /** Micro-batches whose rows' weights add up to 1. */
  step(epoch: number, index: number): StepBatch[] {
    const sequences = Array.from(this.#order.step(epoch, index), (sequence) => this.#training[sequence]);
    const supervised = sequences.reduce(
      (sum, { requested }) => sum + requested.filter((place) => place >= 0).length,
      0,
    );
    const lengths = Int32Array.from(sequences, ({ rows }) => rows.length);
    return assignToBuckets(lengths, this.shapes).map(({ bucket, members }) =>
      this.#encoder.encode(
        members.map((member) => sequences[member]),
        bucket,
        1 / supervised,
      ),
    );
  }
}

/** Sequences of rows as inputs of a model. */
export class SequenceRows {
  readonly #model: SequenceModel;
  readonly #sizes: ClickSizes;
  readonly #data: ClickData;
  readonly #reader: RowReader;

  constructor(model: SequenceModel, sizes: ClickSizes, data: ClickData, config: ClickConfig) {
    this.#model = model;
    this.#sizes = sizes;
    this.#data = data;
    this.#reader = new RowReader(data.table, config.denseTransform, rowsOfPart(data.parts, TRAIN));
  }

  /** `weight`: of each row that is learnt from. */
  encode(sequences: readonly RowSequence[], shape: Bucket, weight: number): StepBatch {
    const cells = shape.rows * shape.length;
    const rows = new Int32Array(cells).fill(-1);
    const weights = new Float32Array(cells);
    const places = new Int32Array(cells);
    const positions = new Int32Array(cells);
    const users = new Int32Array(shape.rows).fill(-1);
    let tokens = 0;
    sequences.forEach((sequence, at) => {
      const start = at * shape.length;
      rows.set(sequence.rows, start);
      positions.set(sequence.positions, start);
      sequence.rows.forEach((_, place) => {
        places[start + place] = sequence.interactions[place] ? INTERACTION : CANDIDATE;
        if (sequence.requested[place] >= 0) weights[start + place] = weight;
      });
      users[at] = sequence.user;
      tokens += sequence.rows.length;
    });
    const encoded = this.rows(rows, weights);
    const { times } = this.#model.sequences;
    const inputs = {
      ...encoded.inputs,
      places,
      positions,
      actions: this.#actions(encoded.inputs.labels as Float32Array, places),
      ...(times ? { times: this.times(rows, (at) => rows[at - (at % shape.length)]) } : {}),
    };
    return { ...encoded, shape, users, tokens, inputs };
  }

  /** Rows of data by their numbers, each by itself; -1 is a row of zeros. */
  rows(rows: Int32Array, weights = new Float32Array(rows.length)): StepBatch {
    return encodeRows(this.#model, this.#sizes, this.#reader.read(rows, weights), rows.length);
  }

  /** The labels of interactions, [rows, tasks]; those of candidates are none of the inputs but `labels`. */
  #actions(labels: Float32Array, places: Int32Array): Float32Array {
    const tasks = this.#sizes.tasks.length;
    return labels.map((label, at) => (places[Math.floor(at / tasks)] === INTERACTION ? label : 0));
  }

  /** Seconds of rows since other ones, the first of their sequences; 0 for -1. */
  times(rows: Int32Array, firstOf: (at: number) => number): Int32Array {
    const { times } = this.#data.table;
    return Int32Array.from(rows, (row, at) => {
      if (!times || row < 0) return 0;
      const seconds = Math.round(times[row]) - Math.round(times[firstOf(at)]);
      return Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, seconds));
    });
  }
}
