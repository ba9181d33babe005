import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * Inverted dropout with a given mask (Srivastava et al. 2014): x * mask * gain / keep. mask bool of x's shape; `gain` is
 * a factor that costs nothing here. The mask is an input of the step, drawn from (seed, step), so that a resumed run
 * repeats it.
 */
export function dropout(x: Tensor, mask: Tensor | undefined, rate: number, gain = 1): Tensor {
  if (!mask || rate === 0) return x;
  const scale = gain / (1 - rate);
  return customGradient(
    [x],
    ([input]) => {
      const kept = tf.mul(tf.cast(mask, 'float32'), scale);
      return { value: tf.mul(input, kept), saved: [kept] };
    },
    (dy, [kept]) => [tf.mul(dy, kept)],
  );
}

/** relu(x) * mask, without the scale of `dropout`, in the fewest passes: the gradient follows from where the result is positive. */
export function maskedRelu(x: Tensor, mask: Tensor): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const value = tf.mul(tf.relu(input), tf.cast(mask, 'float32'));
      return { value, saved: [value] };
    },
    (dy, [value]) => [tf.mul(dy, tf.sign(value))],
  );
}
