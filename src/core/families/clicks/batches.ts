/** Batches of a ranking model's rows: for training in a random order, and for predictions of given rows. */
import { type RankingData, rowsOfPart, TRAIN } from '../../data/clicks/index.ts';
import type { TrainingBatches } from '../../data/sequence-batches.ts';
import { Random } from '../../math/random.ts';
import type { StepBatch } from '../../training/step-runner.ts';
import type { RankingModel, RankingSizes } from './click-model.ts';
import type { RankingConfig } from './config.ts';
import { RowReader } from './rows.ts';
import { encodeRows } from './step.ts';
import { readsSequences, UserBatches } from './user-batches.ts';

/** A batch that predicts some of the asked rows. */
export interface PredictedRows {
  batch: StepBatch;
  /** Of each row that the batch predicts its place among the asked ones, and among the rows of the batch. */
  asked: Int32Array;
  places: Int32Array;
}

export interface RankingBatches extends TrainingBatches {
  step(epoch: number, index: number): StepBatch[];
  /** Every row once, in batches. */
  predictions(rows: Int32Array): Iterable<PredictedRows>;
}

/** Batches as the model reads its rows. */
export function rankingBatches(
  model: RankingModel,
  sizes: RankingSizes,
  data: RankingData,
  config: RankingConfig,
  seed: number,
): RankingBatches {
  return readsSequences(model)
    ? new UserBatches(model, sizes, data, config, seed)
    : new RowBatches(model, sizes, data, config, seed);
}

/** Rows that are predicted each by itself, in an order that depends on (seed, epoch) alone. */
export class RowBatches implements RankingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: RankingBatches['shapes'];
  readonly #model: RankingModel;
  readonly #sizes: RankingSizes;
  readonly #reader: RowReader;
  readonly #train: Int32Array;
  readonly #batchSize: number;
  readonly #microRows: number;
  readonly #seed: number;
  #order: { epoch: number; rows: Int32Array } | null = null;

  constructor(
    model: RankingModel,
    sizes: RankingSizes,
    { table, parts }: RankingData,
    { batchSize, microBatchTokens, denseTransform }: RankingConfig,
    seed: number,
  ) {
    this.#model = model;
    this.#sizes = sizes;
    this.#train = rowsOfPart(parts, TRAIN);
    this.#reader = new RowReader(table, denseTransform, this.#train);
    this.#batchSize = batchSize;
    this.#microRows = Math.min(batchSize, microBatchTokens, this.#train.length);
    this.#seed = seed;
    this.stepsPerEpoch = Math.ceil(this.#train.length / batchSize);
    this.shapes = [{ rows: this.#microRows, length: 1 }];
  }

  /** Micro-batches of rows whose weights add up to 1. */
  step(epoch: number, index: number): StepBatch[] {
    if (this.#order?.epoch !== epoch) {
      const rows = new Random(this.#seed, epoch, 'row-order').shuffle(this.#train.slice());
      this.#order = { epoch, rows };
    }
    const rows = this.#order.rows.subarray(index * this.#batchSize, (index + 1) * this.#batchSize);
    return this.#parts(rows).map((part) => this.#encode(part, 1 / rows.length));
  }

  *predictions(rows: Int32Array): Generator<PredictedRows> {
    for (const [part, own] of this.#parts(rows).entries()) {
      const asked = Int32Array.from(own, (_, at) => part * this.#microRows + at);
      yield { batch: this.#encode(own, 0), asked, places: Int32Array.from(own.keys()) };
    }
  }

  #parts(rows: Int32Array): Int32Array[] {
    const count = Math.ceil(rows.length / this.#microRows);
    return Array.from({ length: count }, (_, at) =>
      rows.subarray(at * this.#microRows, (at + 1) * this.#microRows),
    );
  }

  #encode(rows: Int32Array, weight: number): StepBatch {
    const data = this.#reader.read(rows, new Float32Array(rows.length).fill(weight));
    return encodeRows(this.#model, this.#sizes, data, this.#microRows);
  }
}
