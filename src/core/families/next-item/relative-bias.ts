/** What HSTU and FuXi-alpha share: times, and tables of biases by distance in positions and in time. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { SequenceColumns } from '../../data/sequence-inputs.ts';
import { gatherRows, type Tensors } from '../../engine/index.ts';
import { timeBucket } from '../../evaluation/ranking.ts';
import {
  embedding,
  type Initialiser,
  type ParameterSpec,
  parameter,
  queryBlocks,
} from '../../layers/index.ts';
import { type Config, field } from '../../training/config.ts';
import type { BatchShape } from '../../training/step-model.ts';
import { NextItemModel, nextItemFields } from './causal-encoder.ts';
import type { DataSizes } from './next-item-model.ts';

/** The reference pads histories of at most 200 by 11 positions, and divides by the padded length. */
const EXTRA_POSITIONS = 11;
const LAST_BUCKET = 128;
/** Entries of a table of biases by time. */
export const TIME_BUCKETS = LAST_BUCKET + 1;
/** Where the key comes after the query; such pairs weigh nothing. */
const NO_BUCKET = TIME_BUCKETS;
const BUCKET_WIDTH = 0.301;

export const normal02: Initialiser = { kind: 'normal', std: 0.02 };

export const relativeFields = {
  ...nextItemFields,
  heads: field.whole('Attention heads').default(1),
  dqk: field.whole('Width of queries and keys in each head').default(64),
  dv: field.whole('Width of values in each head').default(64),
  normaliser: field
    .natural('Constant that attention weights are divided by; 0 takes maxLength + 11, as published')
    .default(0),
  targetTime: z
    .enum(['seen', 'hidden'])
    .describe(
      'seen: a position knows the time of the interaction it predicts, at test time that of the target (the request ' +
        'time), as published, which models without times do not; hidden: it knows the time of its own interaction',
    )
    .default('seen'),
} as const;

const targetTimeSchema = z.object({ targetTime: relativeFields.targetTime.unwrap().optional() });

/** Models that read times say in their protocol whether they know the target's. */
export function targetTimeOf(config: Config): { targetTime?: 'seen' | 'hidden' } {
  return targetTimeSchema.parse(config);
}

export type RelativeConfig = z.output<z.ZodObject<typeof relativeFields>>;

/** Smallest whole difference in seconds of each bucket that int32 differences reach. */
const bucketStarts = Int32Array.from({ length: timeBucket(2 ** 31 - 1) + 1 }, (_, bucket) => {
  let [low, high] = [0, 2 ** 31 - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (timeBucket(middle) >= bucket) high = middle;
    else low = middle + 1;
  }
  return low;
});

/**
 * Buckets min(128, floor(ln(max(1, |d|)) / 0.301)) of d = queryTimes_i - times_j, exactly as in float32 arithmetic
 * whatever the device's logarithm, and 129 where j > i. times, queryTimes int32 [rows, length], differences within
 * int32 -> int32 [rows, end - start, end].
 */
export function timeBuckets(queryTimes: Tensor, times: Tensor, start: number, end: number): Tensor {
  const rows = times.shape[0];
  const query = tf.reshape(tf.slice(queryTimes, [0, start], [rows, end - start]), [rows, end - start, 1]);
  const key = tf.reshape(tf.slice(times, [0, 0], [rows, end]), [rows, 1, end]);
  const distance = tf.abs(tf.sub(query, key));
  const size = tf.cast(tf.maximum(distance, tf.scalar(1, 'int32')), 'float32');
  // A little too far rather than too short: the bucket found is the right one or the one after it.
  const reached = tf.mul(tf.add(tf.log(size), 1e-4), 1 / BUCKET_WIDTH);
  const found = tf.cast(reached, 'int32');
  const starts = tf.gather(tf.tensor1d(bucketStarts, 'int32'), found);
  const bucket = tf.sub(found, tf.cast(tf.less(distance, starts), 'int32'));
  return tf.maximum(
    bucket,
    laterKeys(start, end, () => 0, NO_BUCKET),
  );
}

/** int32 [end - start, end]: `value(i, j)` for keys j up to query i, `later` for those after it. */
export function laterKeys(
  start: number,
  end: number,
  value: (i: number, j: number) => number,
  later: number,
): Tensor {
  const cells = Int32Array.from({ length: (end - start) * end }, (_, cell) => {
    const [i, j] = [start + Math.floor(cell / end), cell % end];
    return j <= i ? value(i, j) : later;
  });
  return tf.tensor(cells, [end - start, end], 'int32');
}

/** Entries of a table [n], and 0 for index n. ids int32 of any shape -> the same shape. */
export function entries(table: Tensor, ids: Tensor): Tensor {
  const column = tf.reshape(tf.pad(table, [[0, 1]]), [-1, 1]);
  return tf.reshape(gatherRows(column, ids), ids.shape);
}

/** A model whose blocks have a table of biases by position and one by time, shared by the heads. */
export abstract class RelativeBiasModel<C extends RelativeConfig = RelativeConfig> extends NextItemModel<C> {
  /** Positions before the first interaction. */
  protected readonly prefix: number;

  constructor(config: C, sizes: DataSizes, columns: SequenceColumns, prefix = 0) {
    super(config, sizes, columns);
    this.prefix = prefix;
  }

  protected get normaliser(): number {
    return this.config.normaliser || this.config.maxLength + EXTRA_POSITIONS;
  }

  /** Positions that the bias table has room for; the published table is as wide as the padded length. */
  get #span(): number {
    return Math.max(this.normaliser, this.config.maxLength + this.prefix);
  }

  /** Xavier-normal for the padded length, as in the reference, though only maxLength rows are ever used. */
  protected override positionTable([rows, dim]: [number, number]): ParameterSpec {
    const std = Math.sqrt(2 / (rows + EXTRA_POSITIONS + dim));
    return embedding([rows, dim], { kind: 'normal', std });
  }

  protected positionBiasTable(): ParameterSpec {
    return parameter([2 * this.#span - 1], normal02);
  }

  protected timeBiasTable(): ParameterSpec {
    return parameter([TIME_BUCKETS], normal02);
  }

  protected override prepare(inputs: Tensors, { rows, length }: BatchShape): Tensors {
    const prepared: Tensors = {};
    const from = (name: string) => {
      const times = inputs[name];
      return this.prefix === 0 ? times : tf.concat([tf.zeros([rows, this.prefix], 'int32'), times], 1);
    };
    const last = 2 * this.#span - 1;
    queryBlocks(length + this.prefix).forEach(([start, end], i) => {
      prepared[`distance/${i}`] = laterKeys(start, end, (query, key) => this.#span - 1 + key - query, last);
      if (this.batches.columns.times) {
        prepared[`time-bucket/${i}`] = timeBuckets(from('queryTimes'), from('times'), start, end);
      }
    });
    return prepared;
  }

  /** Biases by position, one map a query block: [end - start, end], 0 where the key comes after the query. */
  protected positionMaps(table: Tensor, inputs: Tensors, length: number): Tensor[] {
    return queryBlocks(length).map((_, i) => entries(table, inputs[`distance/${i}`]));
  }

  /** Biases by time, one map a query block: [rows, end - start, end], 0 where the key comes after the query. */
  protected timeMaps(table: Tensor, inputs: Tensors, length: number): Tensor[] {
    return queryBlocks(length).map((_, i) => entries(table, inputs[`time-bucket/${i}`]));
  }
}
