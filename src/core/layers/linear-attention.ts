/** Causal attention whose cost grows with the length of the history and not with its square: sums over pairs in chunks. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../engine/tf.ts';

/** Positions whose pairs are computed one by one; what lies before them comes as one matrix. */
const CHUNK = 64;

/** How a pair fades: by exp(-rate (query's clock - key's clock)), and not at all where the key's is ahead. */
export interface Fading {
  /** int32 [batch or 1, length] */
  queries: Tensor;
  keys: Tensor;
  /** [heads], 0 or more. */
  rates: Tensor;
}

/**
 * sum over j <= i of exp(-rate (query clock_i - key clock_j)) (q_i . k_j) v_j. q, k [batch, heads, length, width], v [batch, heads,
 * length, dv] -> [batch, heads, length, dv]. `chunk` changes the cost and not the value.
 */
export function linearAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  fading: Fading | null = null,
  chunk = CHUNK,
): Tensor {
  const [batch, heads, length, dv] = v.shape as [number, number, number, number];
  const size = Math.min(chunk, length);
  const chunks = Math.ceil(length / size);
  const cut = (x: Tensor) => inChunks(x, chunks, size);
  const [queries, keys, values] = [q, k, v].map(cut);
  const clocks = fading && { queries: clockOf(fading.queries), keys: clockOf(fading.keys) };
  function clockOf(times: Tensor): Tensor {
    const whole = tf.pad(times, [
      [0, 0],
      [0, chunks * size - length],
    ]);
    return tf.reshape(whole, [times.shape[0], 1, chunks, size]);
  }
  /** exp(-rate (later - earlier)), [batch or 1, heads, ...]; the clocks broadcast, their heads are 1. */
  const faded = (x: Tensor, later: Tensor, earlier: Tensor): Tensor => {
    const passed = tf.relu(tf.cast(tf.sub(later, earlier), 'float32'));
    const rates = tf.reshape((fading as Fading).rates, [1, heads, ...Array(passed.rank - 2).fill(1)]);
    return tf.mul(x, tf.exp(tf.neg(tf.mul(passed, rates))));
  };

  const seen = tf.mul(product(queries, keys, false, true), lowerTriangle(size, 0));
  const weights = clocks
    ? faded(seen, tf.expandDims(clocks.queries, 4), tf.expandDims(clocks.keys, 3))
    : seen;
  const within = product(weights, values, false, false);
  if (chunks === 1) return whole(within);

  // What a chunk hands on, as it stands at its last position, and what a chunk finds, as it stood at the end of the one before.
  const last = clocks && tf.slice(clocks.keys, [0, 0, 0, size - 1], [clocks.keys.shape[0], 1, chunks, 1]);
  const kept = clocks && last ? faded(keys, tf.expandDims(last, 4), tf.expandDims(clocks.keys, 4)) : keys;
  const width = q.shape[3] as number;
  const states = tf.reshape(product(kept, values, true, false), [batch, heads, chunks, width * dv]);
  const ahead = tf.reshape(lowerTriangle(chunks, -1), [1, 1, chunks, chunks]);
  const before = last && shifted(last, chunks);
  const carry =
    last && before ? faded(ahead, before, tf.reshape(last, [last.shape[0], 1, 1, chunks])) : ahead;
  const found = tf.matMul(repeated(carry, [batch, heads, chunks, chunks]), states);
  const asked =
    clocks && before ? faded(queries, tf.expandDims(clocks.queries, 4), tf.expandDims(before, 4)) : queries;
  return whole(
    tf.add(within, product(asked, tf.reshape(found, [batch, heads, chunks, width, dv]), false, false)),
  );

  function whole(x: Tensor): Tensor {
    const flat = tf.reshape(x, [batch, heads, chunks * size, dv]);
    return tf.slice(flat, [0, 0, 0, 0], [batch, heads, length, dv]);
  }
}

/** [batch, heads, length, width], with zeros behind, -> [batch, heads, chunks, size, width] */
function inChunks(x: Tensor, chunks: number, size: number): Tensor {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  const none: [number, number] = [0, 0];
  const padded = tf.pad(x, [none, none, [0, chunks * size - length], none]);
  return tf.reshape(padded, [batch, heads, chunks, size, width]);
}

/** The product of the last two axes, whatever stands before them. */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const lead = a.shape.slice(0, -2);
  const flat = (x: Tensor) => tf.reshape(x, [-1, ...x.shape.slice(-2)]);
  const out = tf.matMul(flat(a), flat(b), transposeA, transposeB);
  return tf.reshape(out, [...lead, ...out.shape.slice(-2)]);
}

/** 1 where the column is at most `diagonal` behind the row, else 0. */
function lowerTriangle(size: number, diagonal: 0 | -1): Tensor {
  const cells = Array.from({ length: size * size }, (_, cell) =>
    cell % size <= Math.floor(cell / size) + diagonal ? 1 : 0,
  );
  return tf.tensor(cells, [size, size], 'float32');
}

/** The clock at the end of the chunk before, 0 for the first one: [.., chunks, 1] */
function shifted(last: Tensor, chunks: number): Tensor {
  const [batch] = last.shape;
  const front = tf.zeros([batch, 1, 1, 1], 'int32');
  return tf.concat([front, tf.slice(last, [0, 0, 0, 0], [batch, 1, chunks - 1, 1])], 2);
}

function repeated(x: Tensor, shape: number[]): Tensor {
  const times = shape.map((size, axis) => size / (x.shape[axis] as number));
  return times.every((one) => one === 1) ? x : tf.tile(x, times);
}

/**
 * Queries and keys of two heads a period, whose products are the sine (the first half of the heads) and the cosine of
 * 2π (query time - key time) / period. times int32 [rows, length], periods whole seconds below 2^31 -> [rows, 2 periods, length, 2]
 * each.
 */
export function periodicPairs(
  queryTimes: Tensor,
  times: Tensor,
  periods: readonly number[],
): { queries: Tensor; keys: Tensor } {
  const [asked, known] = [queryTimes, times].map((of) => phases(of, periods));
  const pair = (a: Tensor, b: Tensor) => tf.concat([tf.expandDims(a, 3), tf.expandDims(b, 3)], 3);
  const key = pair(known.cos, known.sin);
  const sines = pair(asked.sin, tf.neg(asked.cos));
  return {
    queries: tf.concat([sines, pair(asked.cos, asked.sin)], 1),
    keys: tf.concat([key, key], 1),
  };
}

/** Cosine and sine of 2π time / period: [rows, periods, length]. */
function phases(times: Tensor, periods: readonly number[]): { cos: Tensor; sin: Tensor } {
  const whole = tf.tensor(Int32Array.from(periods), [1, periods.length, 1], 'int32');
  const per = tf.tensor(
    periods.map((period) => 1 / period),
    [1, periods.length, 1],
    'float32',
  );
  // Float32 finds a turn to a few in ten million: the rest is exact, and short enough to be found again.
  const rest = (time: Tensor) =>
    tf.sub(time, tf.mul(tf.cast(tf.mul(tf.cast(time, 'float32'), per), 'int32'), whole));
  const angle = tf.mul(tf.cast(rest(rest(tf.expandDims(times, 1))), 'float32'), tf.mul(per, 2 * Math.PI));
  return { cos: tf.cos(angle), sin: tf.cos(tf.sub(angle, Math.PI / 2)) };
}
