/** Biases of attention by distance in positions and in time (Zhai et al. 2024), as tables that maps look up. */
import type { Tensor } from '@tensorflow/tfjs';
import { gatherRows } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { range } from './basics.ts';
import { type Block, causalTable, queryBlocks, recomputesScores } from './causal-blocks.ts';
import { type Initialiser, type ParameterSpec, parameter } from './parameters.ts';
import type { PairMaps } from './pointwise-attention.ts';

const LAST_BUCKET = 128;
/** Entries of a table of biases by time. */
export const TIME_BUCKETS = LAST_BUCKET + 1;
/** Where the key comes after the query; such pairs weigh nothing. */
const FUTURE_BUCKET = TIME_BUCKETS;
const BUCKET_WIDTH = 0.301;

export const normal02: Initialiser = { kind: 'normal', std: 0.02 };

/**
 * Bucket of a time difference in seconds, floor(ln(max(1, |Δ|)) / 0.301) but at most 128, in float32 arithmetic: near
 * the borders of the buckets float64 gives other ones (the relative time bias of HSTU, Zhai et al. 2024).
 */
export function timeBucket(deltaSeconds: number): number {
  const size = Math.max(1, Math.fround(Math.abs(deltaSeconds)));
  return Math.min(128, Math.floor(Math.fround(Math.fround(Math.log(size)) / Math.fround(0.301))));
}

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
 * Buckets min(128, floor(ln(max(1, |d|)) / 0.301)) of d = queryTimes_i - times_j, and 129 where j > i. times, queryTimes int32
 * [rows, length], differences within int32 -> int32 [rows, end - start, end].
 */
export function timeBuckets(queryTimes: Tensor, times: Tensor, start: number, end: number): Tensor {
  const rows = times.shape[0];
  const query = tf.slice(queryTimes, [0, start], [rows, end - start]);
  const bucket = bucketsBetween(query, tf.slice(times, [0, 0], [rows, end]));
  return tf.maximum(bucket, causalTable([start, end], { upTo: 0, later: FUTURE_BUCKET }, 'int32'));
}

/**
 * The bucket of each query and key, exactly as in float32 arithmetic whatever the device's logarithm. queries int32 [rows, n],
 * keys int32 [rows, m], differences within int32 -> int32 [rows, n, m].
 */
export function bucketsBetween(queries: Tensor, keys: Tensor): Tensor {
  const distance = tf.abs(tf.sub(tf.expandDims(queries, 2), tf.expandDims(keys, 1)));
  const size = tf.cast(tf.maximum(distance, tf.scalar(1, 'int32')), 'float32');
  // A little too far rather than too short: the bucket found is the right one or the one after it.
  const reached = tf.mul(tf.add(tf.log(size), 1e-4), 1 / BUCKET_WIDTH);
  const found = tf.cast(reached, 'int32');
  const starts = tf.gather(tf.tensor1d(bucketStarts, 'int32'), found);
  return tf.sub(found, tf.cast(tf.less(distance, starts), 'int32'));
}

/** Entries of a table [n], and 0 for index n. ids int32 of any shape -> the same shape. */
export function biasEntries(table: Tensor, ids: Tensor): Tensor {
  const column = tf.reshape(tf.pad(table, [[0, 1]]), [-1, 1]);
  return tf.reshape(gatherRows(column, ids), ids.shape);
}

/** Biases by distance in positions, for at most `span` positions. */
export function positionBiasTable(span: number): ParameterSpec {
  return parameter([2 * span - 1], normal02);
}

/** Biases by distance in time. */
export function timeBiasTable(): ParameterSpec {
  return parameter([TIME_BUCKETS], normal02);
}

/**
 * Which entry of a table each pair of positions has: int32 [queries, keys] or [rows, queries, keys] of every block of
 * queries, or what they are made of in each block, where all of them would be as large as scores that are not kept.
 */
export type PairIds = readonly Tensor[] | TimeIds | DistanceIds;

/** Buckets of time differences: int32 [rows, length]; a query's own time may differ from that at its position. */
export interface TimeIds {
  readonly queries: Tensor;
  readonly keys: Tensor;
}

/** Distances in positions, int32 [rows or 1, length], in a table of `positionBiasTable(span)`. */
interface DistanceIds {
  readonly positions: Tensor;
  readonly span: number;
}

/** What the ids of a block are made of. */
function sourcesOf(ids: PairIds, at: number): Tensor[] {
  if ('span' in ids) return [ids.positions];
  // Arrays have `keys` as well.
  return 'queries' in ids ? [ids.queries, ids.keys] : [ids[at]];
}

/** The ids of a block, of its sources. */
function idsOf(ids: PairIds, block: Block, [first, second]: readonly Tensor[]): Tensor {
  if ('span' in ids) return distancesBetween(first, block, ids.span);
  return second ? timeBuckets(first, second, ...block) : first;
}

/** Ids of biases by position and time. */
export interface RelativeMaps {
  distances: PairIds;
  /** Null without times. */
  buckets: PairIds | null;
}

export function relativeMaps(length: number, span: number, times: TimeIds | null): RelativeMaps {
  if (recomputesScores(length)) return { distances: distanceIds(length, span), buckets: times };
  const blocks = queryBlocks(length);
  return {
    distances: distanceIds(length, span),
    buckets: times && blocks.map(([start, end]) => timeBuckets(times.queries, times.keys, start, end)),
  };
}

/** Ids of biases by position alone. */
export function distanceIds(length: number, span: number): PairIds {
  if (!recomputesScores(length)) return distanceMaps(length, span);
  return { positions: tf.reshape(range(length), [1, length]), span };
}

/** The same of every block of queries: int32 [queries, keys] */
export function distanceMaps(length: number, span: number): Tensor[] {
  const positions = tf.reshape(range(length), [1, length]);
  return queryBlocks(length).map((block) => tf.squeeze(distancesBetween(positions, block, span), [0]));
}

/** span - 1 + key - query by their positions, 2 span - 1 where the key comes later: int32 [rows, queries, keys] */
export function distancesBetween(
  positions: Tensor,
  [start, end]: readonly [number, number],
  span: number,
): Tensor {
  const rows = positions.shape[0];
  const part = (from: number, shape: number[]) =>
    tf.reshape(tf.slice(positions, [0, from], [rows, end - from]), shape);
  const difference = tf.sub(part(0, [rows, 1, end]), part(start, [rows, end - start, 1]));
  const inside = tf.add(difference, tf.scalar(span - 1, 'int32'));
  // No index of two places is larger than that of a later key, or smaller than 0.
  return tf.maximum(inside, causalTable([start, end], { upTo: 0, later: 2 * span - 1 }, 'int32'));
}

/** Entries that pairs have in a table. */
export interface PairEntries {
  table: Tensor;
  ids: PairIds;
}

/** What every pair has in a table, 0 where the key comes after the query: [rows or 1, queries, keys] */
export function entryMaps(entries: PairEntries): PairMaps {
  return summedMaps([entries], [], (map) => tf.reshape(map, [-1, ...map.shape.slice(-2)]));
}

/**
 * The sum of what every pair has in tables and of `others`, one map a query block, as a bias of the scores of all heads:
 * [rows or 1, 1, queries, keys]. Null where there is nothing to sum.
 */
export function entryBias(
  entries: readonly (PairEntries | null | undefined)[],
  others: readonly Tensor[] = [],
): PairMaps | null {
  const parts = entries.filter((part) => !!part);
  if (parts.length + others.length === 0) return null;
  return summedMaps(parts, others, (map) => tf.reshape(map, [-1, 1, ...map.shape.slice(-2)]));
}

function summedMaps(
  parts: readonly PairEntries[],
  others: readonly Tensor[],
  shaped: (map: Tensor) => Tensor,
): PairMaps {
  return {
    tables: parts.map(({ table }) => table),
    constants: (at) => [...parts.flatMap(({ ids }) => sourcesOf(ids, at)), ...others.slice(at, at + 1)],
    of: (block, tables, constants) => {
      const left = [...constants];
      const entries = parts.map(({ ids }, i) => {
        return biasEntries(tables[i], idsOf(ids, block, left.splice(0, sourcesOf(ids, 0).length)));
      });
      const maps = [...entries, ...left];
      return shaped(maps.reduce((sum, map) => tf.add(sum, map)));
    },
  };
}

/** Parameters of a bias a (1 + t)^-b by the seconds t between query and key (FuXi-beta, Ye et al. 2025). */
export function powerBiasSpecs() {
  return {
    scale: parameter([1], { kind: 'uniform', limit: 0.2 }),
    exponent: parameter([1], { kind: 'uniform', limit: 0.2, mean: 0.6 }),
  };
}

/** What biases by the time between query and key are made of: ln(1 + max(0, t)) of every pair, or the times themselves. */
export type LogTimes = readonly Tensor[] | TimeIds;

/** ln(1 + max(0, queryTimes_i - times_j)) of pairs. times, queryTimes int32 [rows, length], differences within int32. */
export function logTimes(times: TimeIds): LogTimes {
  const length = times.keys.shape[1] as number;
  return recomputesScores(length) ? times : queryBlocks(length).map((block) => logTimesOf(times, block));
}

/** float32 [rows, queries, keys] */
function logTimesOf({ queries, keys }: TimeIds, [start, end]: Block): Tensor {
  const rows = keys.shape[0];
  const query = tf.reshape(tf.slice(queries, [0, start], [rows, end - start]), [rows, end - start, 1]);
  const key = tf.reshape(tf.slice(keys, [0, 0], [rows, end]), [rows, 1, end]);
  return tf.log(tf.add(tf.relu(tf.cast(tf.sub(query, key), 'float32')), 1));
}

/** a (1 + t)^-b of every pair, 0 where the key comes after the query. */
export function powerBiasMaps(
  { scale, exponent }: { scale: Tensor; exponent: Tensor },
  times: LogTimes,
): PairMaps {
  return {
    tables: [scale, exponent],
    constants: (at) => sourcesOf(times, at),
    of: (block, [factor, power], [first, second]) => {
      const logTime = second ? logTimesOf({ queries: first, keys: second }, block) : first;
      const causal = causalTable(block, { upTo: 1, later: 0 });
      return tf.mul(tf.mul(tf.exp(tf.mul(logTime, tf.neg(power))), causal), factor);
    },
  };
}
