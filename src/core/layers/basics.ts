import type { Tensor } from '@tensorflow/tfjs';
import { layerNormalize } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { type Initialiser, ones, type ParameterSpec, parameter, zeros } from './parameters.ts';

/** Parameters of a linear map. */
export interface LinearSpecs {
  weight: ParameterSpec;
  bias: ParameterSpec;
}

export function linearSpecs(inner: number, outer: number, init: Initialiser, bias = zeros): LinearSpecs {
  return { weight: parameter([inner, outer], init), bias: parameter([outer], bias) };
}

/** A linear map of its parameters. */
export function project(x: Tensor, { weight, bias }: { weight: Tensor; bias?: Tensor }): Tensor {
  return linear(x, weight, bias);
}

/** Scale and shift of a layer norm over `dim` values. */
export function normSpecs(dim: number): { scale: ParameterSpec; shift: ParameterSpec } {
  return { scale: parameter([dim], ones), shift: parameter([dim], zeros) };
}

/** x [..., in] times weight [in, out] plus bias [out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [inner, outer] = weight.shape as [number, number];
  const product = tf.matMul(tf.reshape(x, [-1, inner]), weight as tf.Tensor2D);
  const shifted = bias ? tf.add(product, bias) : product;
  return tf.reshape(shifted, [...x.shape.slice(0, -1), outer]);
}

/** 0, 1, … n - 1: int32 [n] */
export function range(n: number): Tensor {
  return tf.tensor(
    Int32Array.from({ length: n }, (_, i) => i),
    [n],
    'int32',
  );
}

/** Flat positions of each row's last entry in [rows, length]: lengths int32 [rows] -> int32 [rows] */
export function lastIndices(lengths: Tensor, length: number): Tensor {
  const before = Int32Array.from({ length: lengths.shape[0] }, (_, row) => row * length - 1);
  return tf.add(tf.tensor(before, lengths.shape, 'int32'), lengths);
}

/** Layer normalisation over the last axis, with scale and shift [dim] where given. */
export function layerNorm(x: Tensor, epsilon: number, scale?: Tensor, shift?: Tensor): Tensor {
  const normal = layerNormalize(x, epsilon);
  const scaled = scale ? tf.mul(normal, scale) : normal;
  return shift ? tf.add(scaled, shift) : scaled;
}

/** Tensors one behind the other, along the first axis. */
export function concatRows(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0] : tf.concat([...parts], 0);
}

/** The parts of what `concatRows` gives, of so many rows each. */
export function splitRows(x: Tensor, sizes: readonly number[]): Tensor[] {
  return sizes.length === 1 ? [x] : tf.split(x, [...sizes], 0);
}
