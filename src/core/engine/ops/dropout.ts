import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { customGradient } from './custom-gradient.ts';

/**
 * Inverted dropout with a given mask (Srivastava et al. 2014): x * mask / keep. mask bool of x's shape.
 * The mask is an input of the step, drawn from (seed, step), so that a resumed run repeats it.
 */
export function dropout(x: Tensor, mask: Tensor | undefined, rate: number): Tensor {
  if (!mask || rate === 0) return x;
  const scale = 1 / (1 - rate);
  return customGradient(
    [x],
    ([input]) => {
      const kept = tf.mul(tf.cast(mask, 'float32'), scale);
      return { value: tf.mul(input, kept), saved: [kept] };
    },
    (dy, [kept]) => [tf.mul(dy, kept)],
  );
}
