import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * Root-mean-square normalisation over the last axis without scale: x / sqrt(mean(x^2) + eps) (Zhang and
 * Sennrich 2019).
 */
export function rmsNormalize(x: Tensor, epsilon: number): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon));
      const value = tf.mul(input, inverse);
      return { value, saved: [value, inverse] };
    },
    (dy, [y, inverse]) => [tf.mul(inverse, tf.sub(dy, tf.mul(y, tf.mean(tf.mul(dy, y), -1, true))))],
  );
}
