import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

/** Cosines and sines of the angles by which every position turns: each [.., length, dim], the half row written twice. */
export interface Rotations {
  cosines: Tensor;
  sines: Tensor;
}

/**
 * Rotary position embedding (Su et al. 2021) in the rotate-half form: dimension i turns together with i + dim / 2, by
 * the angle position * theta^(-2i / dim); positions count from 0 on the left. x [batch, heads, length, dim] -> the
 * same shape; dim is even.
 */
export function rotary(x: Tensor, theta: number): Tensor {
  const [length, dim] = x.shape.slice(-2);
  return rotate(x, rotations(length, ropeAngles(dim, theta)));
}

/** The same by given angles, which broadcast to the shape of x. */
export function rotate(x: Tensor, { cosines, sines }: Rotations): Tensor {
  const turned = (input: Tensor, along: Tensor, across: Tensor) => {
    const [low, high] = tf.split(input, 2, -1);
    return tf.add(tf.mul(input, along), tf.mul(tf.concat([tf.neg(high), low], -1), across));
  };
  // A rotation's transpose is the rotation back. Saved, for an eager device frees what only the forward pass holds.
  return customGradient(
    [x],
    ([input]) => ({ value: turned(input, cosines, sines), saved: [cosines, sines] }),
    (dy, [along, across]) => [turned(dy, along, tf.neg(across))],
  );
}

/** Radians by which each pair of a head turns from one position to the next: [dim / 2] */
export function ropeAngles(dim: number, theta: number): number[] {
  return Array.from({ length: dim / 2 }, (_, i) => theta ** ((-2 * i) / dim));
}

/** Of the positions 0 to length - 1, by the angles of each pair: each [length, dim]. */
export function rotations(length: number, angles: readonly number[]): Rotations {
  const half = angles.length;
  // Both halves of a row are equal, so a graph stores one: for long histories these tables are most of its bytes.
  const twice = (of: (angle: number) => number) => {
    const values = Float32Array.from({ length: length * half }, (_, at) =>
      of(Math.floor(at / half) * angles[at % half]),
    );
    const table = tf.tensor(values, [length, half]);
    return tf.concat([table, table], 1);
  };
  return { cosines: twice(Math.cos), sines: twice(Math.sin) };
}

/** Of given positions below `most`: positions int32 [rows, length] -> each [rows, 1, length, dim]. */
export function rotationsAt(positions: Tensor, most: number, angles: readonly number[]): Rotations {
  const [rows, length] = positions.shape as [number, number];
  const { cosines, sines } = rotations(most, angles);
  const flat = tf.reshape(positions, [-1]) as tf.Tensor1D;
  const of = (table: Tensor) => tf.reshape(tf.gather(table, flat), [rows, 1, length, 2 * angles.length]);
  return { cosines: of(cosines), sines: of(sines) };
}
