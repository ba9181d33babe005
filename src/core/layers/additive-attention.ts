import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { addToPrefix, sliceRows } from './causal-blocks.ts';

/** Of query + key: the logistic function, or clip(0.2 x + 0.5, 0, 1). */
export type Activation = 'sigmoid' | 'hard-sigmoid';

/** Rows and queries handled together: their [rows, queries, keys, width] fits a processor's cache. */
const ROWS = 4;
const QUERIES = 16;

function activate(x: Tensor, activation: Activation): Tensor {
  if (activation === 'sigmoid') return tf.sigmoid(x);
  return tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1);
}

/** Derivative of the activation where its value is y. */
function derivative(y: Tensor, activation: Activation): Tensor {
  if (activation === 'sigmoid') return tf.mul(y, tf.sub(1, y));
  const inside = tf.logicalAnd(tf.greater(y, 0), tf.less(y, 1));
  return tf.mul(tf.cast(inside, 'float32'), 0.2);
}

/** Sizes of parts of `most`, the last one smaller. */
function sizesOf(total: number, most: number): number[] {
  return Array.from({ length: Math.ceil(total / most) }, (_, i) => Math.min(most, total - i * most));
}

/** 1 where the key is not after the query: [length, length]. */
export function causalWeights(length: number): Tensor {
  const values = new Float32Array(length * length);
  for (let query = 0; query < length; query++) values.fill(1, query * length, query * length + query + 1);
  return tf.tensor(values, [length, length]);
}

/** f(q_i + k_j): query [rows, m, width], key [rows, n, width] -> [rows, m, n, width]. */
function pairs(query: Tensor, key: Tensor, activation: Activation): Tensor {
  return activate(tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1)), activation);
}

/**
 * Energies v . f(q_i + k_j) of additive attention (Bahdanau et al. 2015, appendix A.1.2) of all pairs:
 * query [rows, m, width], key [rows, n, width], v [width, 1] -> [rows, m, n].
 */
export function additiveEnergies(query: Tensor, key: Tensor, v: Tensor, activation: Activation): Tensor {
  const [rows, m, width] = query.shape as [number, number, number];
  const n = key.shape[1] as number;
  const flat = tf.reshape(pairs(query, key, activation), [rows * m * n, width]);
  return tf.reshape(tf.matMul(flat, v as tf.Tensor2D), [rows, m, n]);
}

/**
 * The energies of every position with itself and those before, 0 elsewhere: query, key [rows, length, width],
 * v [width, 1] -> [rows, length, length]. Blocks of pairs are computed, used and forgotten, in the backward pass
 * once more: all of them together would be [rows, length, length, width].
 */
export function causalEnergies(query: Tensor, key: Tensor, v: Tensor, activation: Activation): Tensor {
  const [rows, length] = query.shape as [number, number, number];
  const groups = sizesOf(rows, ROWS);
  const mask = causalWeights(length);
  return customGradient(
    [query, key, v],
    ([q, k, weight]) => {
      const queries = tf.split(q, groups, 0);
      const keys = tf.split(k, groups, 0);
      const energies = groups.map((_, i) => groupEnergies(queries[i], keys[i], weight, activation));
      return { value: tf.mul(tf.concat(energies, 0), mask), saved: [q, k, weight, mask] };
    },
    (dy, [q, k, weight, allowed]) => {
      const masked = tf.split(tf.mul(dy, allowed), groups, 0);
      const queries = tf.split(q, groups, 0);
      const keys = tf.split(k, groups, 0);
      const parts = groups.map((_, i) => groupGradients(masked[i], queries[i], keys[i], weight, activation));
      return [
        tf.concat(
          parts.map((part) => part.query),
          0,
        ),
        tf.concat(
          parts.map((part) => part.key),
          0,
        ),
        parts.map((part) => part.v).reduce((sum, part) => tf.add(sum, part)),
      ];
    },
  );
}

/** Query blocks [start, end) of a sequence; keys from `end` on are after all of the block's queries. */
function blocksOf(length: number): [number, number][] {
  return sizesOf(length, QUERIES).map((size, i) => [i * QUERIES, i * QUERIES + size]);
}

/** Energies of a few rows, not yet masked inside the blocks: [rows, length, length]. */
function groupEnergies(query: Tensor, key: Tensor, v: Tensor, activation: Activation): Tensor {
  const length = query.shape[1] as number;
  const none: [number, number] = [0, 0];
  const blocks = blocksOf(length).map(([start, end]) => {
    const energies = additiveEnergies(sliceRows(query, start, end), sliceRows(key, 0, end), v, activation);
    return end === length ? energies : tf.pad(energies, [none, none, [0, length - end]]);
  });
  return tf.concat(blocks, 1);
}

/** With y = f(q_i + k_j): dq_i = v sum_j dE_ij y', dk_j = v sum_i dE_ij y', dv = sum_ij dE_ij y. */
function groupGradients(
  dy: Tensor,
  query: Tensor,
  key: Tensor,
  v: Tensor,
  activation: Activation,
): { query: Tensor; key: Tensor; v: Tensor } {
  const [rows, length, width] = query.shape as [number, number, number];
  const blocks = blocksOf(length);
  const sums = blocks.map(([start, end]) => {
    const dEnergies = tf.slice(dy, [0, start, 0], [rows, end - start, end]);
    return blockSums(dEnergies, sliceRows(query, start, end), sliceRows(key, 0, end), activation);
  });
  const sizes = blocks.flatMap(([start, end]) => [rows * (end - start), rows * end, 1]);
  const parts = tf.split(tf.concat(sums, 0), sizes, 0);
  const ofQuery = blocks.map(([start, end], i) => tf.reshape(parts[3 * i], [rows, end - start, width]));
  const ofKey = blocks.map(([, end], i) => tf.reshape(parts[3 * i + 1], [rows, end, width]));
  const ofV = blocks.map((_, i) => parts[3 * i + 2]).reduce((sum, part) => tf.add(sum, part));
  const row = tf.reshape(v, [width]);
  return {
    query: tf.mul(tf.concat(ofQuery, 1), row),
    key: tf.mul(
      ofKey.reduce((sum, part) => addToPrefix(sum, part)),
      row,
    ),
    v: tf.reshape(ofV, [width, 1]),
  };
}

/**
 * What a block of m queries and n keys adds, without the factor v: sums over keys [rows * m, width], over queries
 * [rows * n, width] and over all pairs [1, width], one under the other. As one array, so that a runtime that orders
 * the work by its results finishes a block before it starts the next: its pairs are the large arrays.
 */
function blockSums(dEnergies: Tensor, query: Tensor, key: Tensor, activation: Activation): Tensor {
  const [rows, m, n] = dEnergies.shape as [number, number, number];
  const width = query.shape[2] as number;
  // Key + query: a runtime that took this for the forward pass's query + key would keep all of those alive till now.
  const y = activate(tf.add(tf.expandDims(key, 1), tf.expandDims(query, 2)), activation);
  const flat = tf.reshape(y, [rows * m * n, width]) as tf.Tensor2D;
  const overPairs = tf.matMul(tf.reshape(dEnergies, [1, rows * m * n]), flat);
  const steep = derivative(y, activation);
  const overKeys = tf.matMul(tf.reshape(dEnergies, [rows, m, 1, n]), steep);
  const overQueries = tf.sum(tf.mul(steep, tf.expandDims(dEnergies, -1)), 1);
  const stacked = [tf.reshape(overKeys, [rows * m, width]), tf.reshape(overQueries, [rows * n, width])];
  return tf.concat([...stacked, overPairs], 0);
}
