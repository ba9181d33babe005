import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * Rows of a table. table [rows, dim], ids int32 of any shape -> [...ids.shape, dim].
 * The gradient is a dense [rows, dim] sum over the ids.
 */
export function gatherRows(table: Tensor, ids: Tensor): Tensor {
  const [rows, dim] = table.shape as [number, number];
  const flat = tf.reshape(ids, [-1]);
  const taken = customGradient(
    [table],
    ([t]) => ({ value: tf.gather(t, flat), saved: [flat] }),
    (dy, [places]) => [tf.unsortedSegmentSum(dy, places as tf.Tensor1D, rows)],
  );
  return tf.reshape(taken, [...ids.shape, dim]);
}
