import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';

/**
 * Rotary position embedding (Su et al. 2021) in the rotate-half form: dimension i turns together with i + dim / 2, by
 * the angle position * theta^(-2i / dim); positions count from 0 on the left. x [batch, heads, length, dim] -> the
 * same shape; dim is even.
 */
export function rotary(x: Tensor, theta: number): Tensor {
  const [length, dim] = x.shape.slice(-2);
  const turned = (input: Tensor, sign: 1 | -1) => {
    const { cosines, sines } = rotations(length, dim, theta, sign);
    const [low, high] = tf.split(input, 2, -1);
    return tf.add(tf.mul(input, cosines), tf.mul(tf.concat([tf.neg(high), low], -1), sines));
  };
  // A rotation's transpose is the rotation back.
  return customGradient(
    [x],
    ([input]) => ({ value: turned(input, 1), saved: [] }),
    (dy) => [turned(dy, -1)],
  );
}

/** Cosines and sines of every position's angles, the half row written twice: each [length, dim]. */
function rotations(
  length: number,
  dim: number,
  theta: number,
  sign: 1 | -1,
): { cosines: Tensor; sines: Tensor } {
  const half = dim / 2;
  const cosines = new Float32Array(length * dim);
  const sines = new Float32Array(length * dim);
  for (let position = 0; position < length; position++) {
    for (let i = 0; i < dim; i++) {
      const angle = position * theta ** ((-2 * (i % half)) / dim);
      cosines[position * dim + i] = Math.cos(angle);
      sines[position * dim + i] = sign * Math.sin(angle);
    }
  }
  return { cosines: tf.tensor(cosines, [length, dim]), sines: tf.tensor(sines, [length, dim]) };
}
