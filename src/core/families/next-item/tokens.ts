/** What stands at the positions of a batch: items, special tokens of a task, or padding. */
import type { Tensor } from '@tensorflow/tfjs';
import { gatherRows, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';

/** 1 at positions that are no padding: float32 [rows, length] */
export function present({ ids, special }: Tensors): Tensor {
  const named = special ? tf.add(ids, special) : ids;
  return tf.cast(tf.notEqual(named, tf.scalar(0, 'int32')), 'float32');
}

/** x with zeros at padded positions. */
export function masked(x: Tensor, inputs: Tensors): Tensor {
  return tf.mul(x, tf.expandDims(present(inputs), -1));
}

/** Item vectors with those of special tokens where these stand. vectors [rows, length, dim] -> the same shape */
export function withSpecial(vectors: Tensor, parameters: Tensors, { ids, special }: Tensors): Tensor {
  if (!special) return vectors;
  const table = tf.pad(parameters['special-embedding'], [
    [1, 0],
    [0, 0],
  ]);
  return tf.add(masked(vectors, { ids }), gatherRows(table, special));
}
