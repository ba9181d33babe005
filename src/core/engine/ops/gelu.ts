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

/** Factors of x and x^3 in twice what GPT-2 takes the hyperbolic tangent of. */
const [LINEAR, CUBIC] = [2 * Math.sqrt(2 / Math.PI), 2 * Math.sqrt(2 / Math.PI) * 0.044715];

/**
 * x Phi(x), with the hyperbolic tangent that GPT-2 takes for Phi (Hendrycks and Gimpel 2016, section 2), as the sigmoid that it is:
 * (1 + tanh(t)) / 2 = sigmoid(2 t).
 */
export function tanhGelu(x: Tensor): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const square = tf.square(input);
      const below = tf.sigmoid(tf.mul(input, tf.add(tf.mul(square, CUBIC), LINEAR)));
      const value = tf.mul(input, below);
      return { value, saved: [value, below, square] };
    },
    (dy, [value, below, square]) => {
      const slope = tf.add(tf.mul(square, 3 * CUBIC), LINEAR);
      return [tf.mul(dy, tf.add(below, tf.mul(tf.mul(value, tf.sub(1, below)), slope)))];
    },
  );
}
