import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { int32, type TensorSpec } from '../types.ts';
import { customGradient } from './custom-gradient.ts';

/** The words that `maskOf` makes a mask of this shape from: one a row, of all axes but the last, then one a column. */
export function maskWords(shape: readonly number[]): TensorSpec {
  const width = shape.at(-1) ?? 1;
  return int32(shape.slice(0, -1).reduce((product, size) => product * size, 1) + width);
}

/**
 * A dropout mask, true where a number is kept: as it is given, bool of the shape, or made in the step of `maskWords`, odd
 * numbers from 2^25 to 2^26. A number is dropped where the last 32 bits of row word times column word are among the lowest
 * share `rate` (multiplicative hashing, Knuth, vol. 3, section 6.4): as rare as asked, pairs of rows and of columns as
 * good as independent, and the words take next to no room. Products stay under 2^53, so that every backend wraps them alike.
 */
export function maskOf(mask: Tensor, shape: readonly number[], rate: number): Tensor {
  if (mask.dtype === 'bool') return mask;
  const width = shape.at(-1) as number;
  const rows = mask.size - width;
  const ofRows = tf.reshape(tf.slice(mask, [0], [rows]), [...shape.slice(0, -1), 1]);
  const products = tf.mul(ofRows, tf.slice(mask, [rows], [width]));
  return tf.greaterEqual(products, tf.scalar(Math.round((rate - 0.5) * 2 ** 32), 'int32'));
}

/**
 * Part of a mask, in the form that `maskOf` takes for it: of the whole `shape` the rows from `start` on, along the last axis but
 * one, and the first columns. part: shape of the part, of the same leading axes.
 */
export function maskPart(
  mask: Tensor,
  shape: readonly number[],
  start: number,
  part: readonly number[],
): Tensor {
  const lead = shape.slice(0, -2);
  const [rows, width] = shape.slice(-2);
  const [count, columns] = part.slice(-2);
  if (count === rows && columns === width) return mask;
  const none = lead.map(() => 0);
  if (mask.dtype === 'bool') return tf.slice(mask, [...none, start, 0], [...part]);
  const words = tf.reshape(tf.slice(mask, [0], [mask.size - width]), [...lead, rows]);
  const ofRows = tf.reshape(tf.slice(words, [...none, start], [...lead, count]), [-1]);
  return tf.concat([ofRows, tf.slice(mask, [mask.size - width], [columns])]);
}

/**
 * Inverted dropout with a given mask (Srivastava et al. 2014): x * mask * gain / keep. `mask` is what `maskOf` takes for x's
 * shape; `gain` is a factor that costs nothing here. It is an input of the step, drawn from (seed, step), so that a
 * resumed run repeats it.
 */
export function dropout(x: Tensor, mask: Tensor | undefined, rate: number, gain = 1): Tensor {
  if (!mask || rate === 0) return x;
  const scale = gain / (1 - rate);
  return customGradient(
    [x],
    ([input]) => {
      const kept = tf.mul(tf.cast(maskOf(mask, input.shape, rate), 'float32'), scale);
      return { value: tf.mul(input, kept), saved: [kept] };
    },
    (dy, [kept]) => [tf.mul(dy, kept)],
  );
}

/** relu(x) * mask, without the scale of `dropout`, in the fewest passes: the gradient follows from where the result is positive. */
export function maskedRelu(x: Tensor, mask: Tensor, rate: number): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const value = tf.mul(tf.relu(input), tf.cast(maskOf(mask, input.shape, rate), 'float32'));
      return { value, saved: [value] };
    },
    (dy, [value]) => [tf.mul(dy, tf.sign(value))],
  );
}
