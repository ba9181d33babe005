import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * Divides each row of the last axis by max(its L2 norm, epsilon). Rows shorter than epsilon get the
 * gradient of a division by a constant.
 */
export function l2Normalize(x: Tensor, epsilon: number): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const norm = tf.sqrt(tf.sum(tf.square(input), -1, true));
      const inverse = tf.reciprocal(tf.maximum(norm, epsilon));
      const value = tf.mul(input, inverse);
      const active = tf.cast(tf.greater(norm, epsilon), 'float32');
      return { value, saved: [value, inverse, active] };
    },
    (dy, [y, inverse, active]) => {
      const along = tf.mul(active, tf.sum(tf.mul(dy, y), -1, true));
      return [tf.mul(inverse, tf.sub(dy, tf.mul(y, along)))];
    },
  );
}
