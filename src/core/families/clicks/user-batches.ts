/** Batches of a model that reads a user's rows as a sequence. */
import { assignToBuckets, type Bucket, lengthCounts, planBuckets } from '../../data/batches/buckets.ts';
import { EpochOrder } from '../../data/batches/epoch-order.ts';
import {
  type ClickData,
  type RowSequence,
  rowsOfPart,
  TRAIN,
  UserSequences,
} from '../../data/clicks/index.ts';
import type { StepBatch } from '../../training/step-runner.ts';
import type { ClickBatches, PredictedRows } from './click-batches.ts';
import type { ClickConfig } from './click-config.ts';
import { CANDIDATE, type ClickModel, type ClickSizes, INTERACTION } from './click-model.ts';
import { encodeRows } from './click-step.ts';
import { RowReader } from './rows.ts';

/** Sequences that are predicted at once. */
const PREDICTED_AT_ONCE = 64;
/** Times are 32-bit differences of seconds. */
const MAX_SECONDS = 2 ** 31 - 1;

type SequenceModel = ClickModel & Required<Pick<ClickModel, 'sequences'>>;

export function readsSequences(model: ClickModel): model is SequenceModel {
  return model.sequences !== undefined;
}

/** Whole sequences of users in a few lengths, in an order that depends on (seed, epoch) alone; a batch counts sequences. */
export class UserBatches implements ClickBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: readonly Bucket[];
  readonly #model: SequenceModel;
  readonly #sizes: ClickSizes;
  readonly #data: ClickData;
  readonly #config: ClickConfig;
  readonly #reader: RowReader;
  readonly #sequences: UserSequences;
  readonly #training: readonly RowSequence[];
  readonly #order: EpochOrder;

  constructor(model: SequenceModel, sizes: ClickSizes, data: ClickData, config: ClickConfig, seed: number) {
    this.#model = model;
    this.#sizes = sizes;
    this.#data = data;
    this.#config = config;
    this.#reader = new RowReader(data.table, config.denseTransform, rowsOfPart(data.parts, TRAIN));
    this.#sequences = new UserSequences(data, model.sequences.history);
    this.#training = this.#sequences.training();
    const { batchSize } = config;
    const samples = this.#training.length;
    this.#order = new EpochOrder({ samples, batchSize, seed, stream: 'sequence-order' });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    this.shapes = this.#buckets(this.#training, batchSize);
  }

  #buckets(sequences: readonly RowSequence[], batchSize: number): Bucket[] {
    const counts = lengthCounts(sequences.map(({ rows }) => rows.length));
    return planBuckets(counts, { batchSize, maxTokens: this.#config.microBatchTokens });
  }

  /** Micro-batches whose rows' weights add up to 1. */
  step(epoch: number, index: number): StepBatch[] {
    const sequences = Array.from(this.#order.step(epoch, index), (sequence) => this.#training[sequence]);
    const supervised = sequences.reduce(
      (sum, { requested }) => sum + requested.filter((place) => place >= 0).length,
      0,
    );
    return this.#assigned(sequences, this.shapes).map(({ bucket, members }) =>
      this.#encode(members, bucket, 1 / supervised),
    );
  }

  *predictions(rows: Int32Array): Generator<PredictedRows> {
    const sequences = this.#sequences.predicting(rows);
    const buckets = this.#buckets(sequences, PREDICTED_AT_ONCE);
    for (const { bucket, members } of this.#assigned(sequences, buckets)) {
      const predicted = members.flatMap(({ requested }, row) =>
        Array.from(requested, (one, at) => ({ one, place: row * bucket.length + at })).filter(
          ({ one }) => one >= 0,
        ),
      );
      yield {
        batch: this.#encode(members, bucket, 0),
        requested: Int32Array.from(predicted, ({ one }) => one),
        places: Int32Array.from(predicted, ({ place }) => place),
      };
    }
  }

  #assigned(sequences: readonly RowSequence[], buckets: readonly Bucket[]) {
    const lengths = Int32Array.from(sequences, ({ rows }) => rows.length);
    return assignToBuckets(lengths, buckets).map(({ bucket, members }) => ({
      bucket,
      members: members.map((member) => sequences[member]),
    }));
  }

  #encode(sequences: readonly RowSequence[], shape: Bucket, weight: number): StepBatch {
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
    const encoded = encodeRows(this.#model, this.#sizes, this.#reader.read(rows, weights), cells);
    const { times } = this.#model.sequences;
    const inputs = {
      ...encoded.inputs,
      places,
      positions,
      actions: this.#actions(encoded.inputs.labels as Float32Array, places),
      ...(times ? { times: this.#times(rows, shape.length) } : {}),
    };
    return { ...encoded, shape, users, tokens, inputs };
  }

  /** The labels of interactions, [rows, tasks]; those of candidates are none of the inputs but `labels`. */
  #actions(labels: Float32Array, places: Int32Array): Float32Array {
    const tasks = this.#sizes.tasks.length;
    return labels.map((label, at) => (places[Math.floor(at / tasks)] === INTERACTION ? label : 0));
  }

  /** Seconds since the first row of each sequence. */
  #times(rows: Int32Array, length: number): Int32Array {
    const { times } = this.#data.table;
    return Int32Array.from(rows, (row, at) => {
      if (!times || row < 0) return 0;
      const seconds = Math.round(times[row]) - Math.round(times[rows[at - (at % length)]]);
      return Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, seconds));
    });
  }
}
