import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** [rows, length, heads * dim], head 0 first, -> [rows, heads, length, dim] */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [rows, length, width] = x.shape as [number, number, number];
  if (heads === 1) return tf.reshape(x, [rows, 1, length, width]);
  return tf.transpose(tf.reshape(x, [rows, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [rows, heads, length, dim] -> [rows, length, heads * dim], head 0 first */
export function mergeHeads(x: Tensor): Tensor {
  const [rows, heads, length, dim] = x.shape as [number, number, number, number];
  const byPosition = heads === 1 ? x : tf.transpose(x, [0, 2, 1, 3]);
  return tf.reshape(byPosition, [rows, length, heads * dim]);
}
