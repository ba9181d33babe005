/** Batches of a click model's rows: for training in a random order, and for predictions of given rows. */

import { EpochOrder } from '../../data/batches/epoch-order.ts';
import type { TrainingBatches } from '../../data/batches/sequence-batches.ts';
import { type ClickData, rowsOfPart, TRAIN } from '../../data/clicks/index.ts';
import type { StepBatch } from '../../training/step-runner.ts';
import type { ClickConfig } from './click-config.ts';
import type { ClickModel, ClickSizes } from './click-model.ts';
import { encodeRows } from './click-step.ts';
import { RowReader } from './rows.ts';

/** Log-odds of some of the requested rows. */
export interface PredictedRows {
  /** Their places among the requested rows. */
  requested: Int32Array;
  /** [rows, tasks]; there may be more behind those of the requested rows. */
  logits: Float32Array;
}

/** Rows that are predicted each by itself, in an order that depends on (seed, epoch) alone. */
export class RowBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly shapes: TrainingBatches['shapes'];
  readonly #model: ClickModel;
  readonly #sizes: ClickSizes;
  readonly #reader: RowReader;
  readonly #train: Int32Array;
  readonly #microRows: number;
  readonly #order: EpochOrder;

  constructor(
    model: ClickModel,
    sizes: ClickSizes,
    { table, parts }: ClickData,
    { batchSize, microBatchTokens, denseTransform }: ClickConfig,
    seed: number,
  ) {
    this.#model = model;
    this.#sizes = sizes;
    this.#train = rowsOfPart(parts, TRAIN);
    this.#reader = new RowReader(table, denseTransform, this.#train);
    this.#microRows = Math.min(batchSize, microBatchTokens, this.#train.length);
    this.#order = new EpochOrder({ samples: this.#train.length, batchSize, seed, stream: 'row-order' });
    this.stepsPerEpoch = this.#order.stepsPerEpoch;
    this.shapes = [{ rows: this.#microRows, length: 1 }];
  }

  /** Micro-batches of rows whose weights add up to 1. */
  step(epoch: number, index: number): StepBatch[] {
    const rows = this.#order.step(epoch, index).map((at) => this.#train[at]);
    return this.#parts(rows).map((part) => this.#encode(part, 1 / rows.length));
  }

  /** Every row once, in batches, as `predict` says. */
  async *predictions(
    rows: Int32Array,
    predict: (batch: StepBatch) => Promise<Float32Array>,
  ): AsyncGenerator<PredictedRows> {
    for (const [part, partRows] of this.#parts(rows).entries()) {
      const requested = Int32Array.from(partRows, (_, at) => part * this.#microRows + at);
      yield { requested, logits: await predict(this.#encode(partRows, 0)) };
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
