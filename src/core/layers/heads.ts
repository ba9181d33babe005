import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

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

/**
 * Every head written `group` times in a row, so that groups of query heads share one head of keys and values (Ainslie et
 * al. 2023). [rows, heads, length, dim] -> [rows, heads * group, length, dim]
 */
export function repeatHeads(x: Tensor, group: number): Tensor {
  if (group === 1) return x;
  const [rows, heads, length, dim] = x.shape as [number, number, number, number];
  return customGradient(
    [x],
    ([input]) => {
      const tiled = tf.tile(tf.reshape(input, [rows * heads, 1, length * dim]), [1, group, 1]);
      return { value: tf.reshape(tiled, [rows, heads * group, length, dim]), saved: [] };
    },
    (dy) => {
      const summed = tf.sum(tf.reshape(dy, [rows * heads, group, length * dim]), 1);
      return [tf.reshape(summed, [rows, heads, length, dim])];
    },
  );
}
