import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

/** Pairs (i, j) in the order i = 0..n-1, j < i, or j <= i with `self`: places i * n + j in a matrix [n, n]. */
function pairPlaces(vectors: number, self: boolean): number[] {
  return Array.from({ length: vectors }, (_, i) =>
    Array.from({ length: self ? i + 1 : i }, (__, j) => i * vectors + j),
  ).flat();
}

/** Number of values that `dotInteraction` gives for so many vectors. */
export function pairCount(vectors: number, self: boolean): number {
  return (vectors * (self ? vectors + 1 : vectors - 1)) / 2;
}

/** Columns of each row. x [rows, columns] -> [rows, ids.length]; not differentiable. */
function columnsOf(x: Tensor, ids: readonly number[]): Tensor {
  return tf.gather(x, tf.tensor1d(Int32Array.from(ids), 'int32'), 1);
}

/**
 * Inner products of the vectors of each row (Naumov et al. 2019, section 2.1.3): x [rows, n, dim] -> [rows, pairs],
 * the strictly lower triangle of x x^T row by row, with the diagonal where `self` is set.
 */
export function dotInteraction(x: Tensor, self: boolean): Tensor {
  const [rows, n] = x.shape as [number, number, number];
  const places = pairPlaces(n, self);
  return customGradient(
    [x],
    ([vectors]) => {
      const products = tf.matMul(vectors, vectors, false, true);
      return { value: columnsOf(tf.reshape(products, [rows, n * n]), places), saved: [vectors] };
    },
    (dy, [vectors]) => [tf.matMul(symmetricGradient(dy, n, places, self), vectors)],
  );
}

/** With z_ij = x_i . x_j, dx = (dz + dz^T) x: each pair's gradient at (i, j) and (j, i), twice on the diagonal. */
function symmetricGradient(dy: Tensor, n: number, places: readonly number[], self: boolean): Tensor {
  const rows = dy.shape[0];
  const pairs = places.length;
  const sources = new Array<number>(n * n).fill(pairs);
  for (const [pair, place] of places.entries()) {
    const [i, j] = [Math.floor(place / n), place % n];
    sources[i * n + j] = pair;
    sources[j * n + i] = pair;
  }
  const padded = tf.concat([dy, tf.zeros([rows, 1])], 1);
  const gradient = tf.reshape(columnsOf(padded, sources), [rows, n, n]);
  return self ? tf.add(gradient, tf.mul(gradient, tf.eye(n))) : gradient;
}
