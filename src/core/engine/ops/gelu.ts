import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/** x Phi(x), with the normal distribution function Phi, exactly (Hendrycks and Gimpel 2016). */
export function gelu(x: Tensor): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const below = tf.mul(tf.add(tf.erf(tf.mul(input, Math.SQRT1_2)), 1), 0.5);
      return { value: tf.mul(input, below), saved: [input, below] };
    },
    // Phi(x) + x phi(x)
    (dy, [input, below]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(below, tf.mul(input, density)))];
    },
  );
}
