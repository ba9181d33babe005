/** How rows of users lie in the sequence that attention sees: context, then item and action in turn. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import {
  blockTable,
  bucketsBetween,
  distanceMaps,
  distancesBetween,
  type pointwiseAttention,
  queryBlocks,
  range,
  timeBuckets,
} from '../../layers/index.ts';
import { CANDIDATE, type ClickShape, INTERACTION } from './click-model.ts';

/** A bias at which SiLU and its slope are exactly 0 in float32: the key is not seen. */
const UNSEEN = -1e4;

export interface Layout {
  /** Context and turns. */
  length: number;
  /** 1 at places that are no padding: [sequences, length, 1] */
  real: Tensor;
  /** Position of each place, int32 [sequences, length]; null where it is the place's index. */
  positions: Tensor | null;
  /** Indices of biases, one tensor a query block: int32 [queries, keys], or [sequences, queries, keys]. */
  maps: {
    /** Index of the bias by distance in positions. */
    distances: Tensor;
    /** That of the bias by time; null without times. */
    buckets: Tensor | null;
    /** UNSEEN at the keys of other candidates, else 0; null without candidates. */
    hidden: Tensor | null;
  }[];
  /** Default: `pointwiseAttention`. */
  attend?: typeof pointwiseAttention;
}

interface LayoutOptions {
  /** Places of the context. */
  prefix: number;
  /** Positions that the tables have room for. */
  span: number;
  /** Whether there may be candidates: rows at the place after their history, unseen by all others. */
  candidates: boolean;
}

/** `places`, `positions` and `times` of the inputs are those of a model of sequences (click-model.ts). */
export function sequenceLayout(inputs: Tensors, shape: ClickShape, options: LayoutOptions): Layout {
  const { prefix, span, candidates } = options;
  const { rows, length: turns } = shape;
  const length = prefix + 2 * turns;
  const { places } = inputs;
  const is = (kind: number) => tf.cast(tf.equal(places, tf.scalar(kind, 'int32')), 'float32');
  const [candidate, interaction] = [is(CANDIDATE), is(INTERACTION)];
  const present = alternating(tf.add(candidate, interaction), interaction);
  const real = tf.expandDims(withPrefix(present, tf.ones([rows, prefix])), 2);
  const positions = candidates ? positionsOf(inputs.positions, rows, prefix) : null;
  const unseen = candidates
    ? withPrefix(alternating(tf.mul(candidate, UNSEEN), tf.zeros(places.shape)), tf.zeros([rows, prefix]))
    : null;
  const times = inputs.times ? placeTimes(inputs.times, prefix) : null;
  const blocks = queryBlocks(length);
  const distances = positions
    ? blocks.map((block) => distancesBetween(positions, block, span))
    : distanceMaps(length, span);
  const maps = blocks.map(([start, end], at) => ({
    distances: distances[at],
    buckets: times && timeBuckets(times, times, start, end),
    hidden: unseen && hiddenFrom(unseen, start, end),
  }));
  return { length, real, positions, maps };
}

/**
 * Of candidates that see a history, each up to its own place, and themselves. `positions` and `times` int32 [sequences, n or 1] of
 * the candidates, as in click-model.ts, `historyTimes` [sequences, turns] of the history, null without times. The keys of the maps
 * are the places of the history, and last the candidate itself: [sequences, n or 1, prefix + 2 turns + 1].
 */
export function candidateLayout(
  {
    positions,
    times,
    historyTimes,
  }: { positions: Tensor; times: Tensor | null; historyTimes: Tensor | null },
  { prefix, span, turns }: { prefix: number; span: number; turns: number },
): Layout {
  const [sequences, width] = positions.shape as [number, number];
  const length = prefix + 2 * turns;
  const own = (value: number) => tf.fill([sequences, width, 1], value, 'int32');
  const query = tf.add(tf.mul(positions, tf.scalar(2, 'int32')), tf.scalar(prefix, 'int32'));
  const difference = tf.sub(tf.reshape(range(length), [1, 1, length]), tf.expandDims(query, 2));
  const isSeen = tf.cast(tf.less(difference, tf.scalar(0, 'int32')), 'float32');
  const inside = tf.add(tf.minimum(difference, tf.scalar(0, 'int32')), tf.scalar(span - 1, 'int32'));
  const buckets =
    times && historyTimes
      ? tf.concat([bucketsBetween(times, placeTimes(historyTimes, prefix)), own(0)], 2)
      : null;
  const hidden = tf.concat([tf.mul(tf.sub(1, isSeen), UNSEEN), tf.zeros([sequences, width, 1])], 2);
  return {
    length,
    real: tf.ones([1, 1, 1]),
    positions: query,
    maps: [{ distances: tf.concat([inside, own(span - 1)], 2), buckets, hidden }],
  };
}

/** Times of the context, which has none, and of turns [sequences, turns]: int32 [sequences, prefix + 2 turns] */
function placeTimes(times: Tensor, prefix: number): Tensor {
  return withPrefix(alternating(times, times), tf.zeros([times.shape[0], prefix], 'int32'));
}

/** Of items and actions [sequences, rows] one after the other: [sequences, 2 rows] */
function alternating(items: Tensor, actions: Tensor): Tensor {
  const [sequences, rows] = items.shape as [number, number];
  const both = [items, actions].map((turn) => tf.expandDims(turn, 2));
  return tf.reshape(tf.concat(both, 2), [sequences, 2 * rows]);
}

function withPrefix(turns: Tensor, prefix: Tensor): Tensor {
  return prefix.shape[1] === 0 ? turns : tf.concat([prefix, turns], 1);
}

/** A row stands after the interactions before it, whatever other candidates are there. */
function positionsOf(before: Tensor, rows: number, prefix: number): Tensor {
  const items = tf.add(tf.mul(before, tf.scalar(2, 'int32')), tf.scalar(prefix, 'int32'));
  const turns = alternating(items, tf.add(items, tf.scalar(1, 'int32')));
  if (prefix === 0) return turns;
  const first = tf.tile(tf.reshape(range(prefix), [1, prefix]), [rows, 1]);
  return tf.concat([first, turns], 1);
}

/** unseen [rows, length] of keys -> [rows, queries, keys], 0 where query and key are the same place. */
function hiddenFrom(unseen: Tensor, start: number, end: number): Tensor {
  const rows = unseen.shape[0];
  const keys = tf.reshape(tf.slice(unseen, [0, 0], [rows, end]), [rows, 1, end]);
  return tf.mul(
    keys,
    blockTable([start, end], (query, key) => (key === query ? 0 : 1), 1),
  );
}
