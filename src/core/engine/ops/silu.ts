import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/** x sigmoid(x), also called swish (Elfwing et al. 2018). */
export function silu(x: Tensor): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const gate = tf.sigmoid(input);
      const value = tf.mul(input, gate);
      return { value, saved: [value, gate] };
    },
    // sigmoid(x) (1 + x (1 - sigmoid(x)))
    (dy, [y, gate]) => [tf.mul(dy, tf.add(y, tf.mul(gate, tf.sub(1, y))))],
  );
}
