import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { layerNormalize, silu, type Tensors } from '../engine/index.ts';
import { linear } from './basics.ts';
import { mergeHeads, splitHeads } from './heads.ts';
import { type Initialiser, type ParameterSpec, parameter, xavierUniform } from './parameters.ts';
import { pointwiseAttention } from './pointwise-attention.ts';

const EPSILON = 1e-6;
const normal02: Initialiser = { kind: 'normal', std: 0.02 };

export interface HstuBlockSizes {
  heads: number;
  dqk: number;
  dv: number;
}

/** Parameters of a block of width `dim`, under the name `at`. */
export function hstuBlockParameters(
  at: string,
  dim: number,
  { heads, dqk, dv }: HstuBlockSizes,
): Record<string, ParameterSpec> {
  return {
    [`${at}/uvqk/weight`]: parameter([dim, 2 * heads * (dv + dqk)], normal02),
    [`${at}/out/weight`]: parameter([heads * dv, dim], xavierUniform),
    [`${at}/out/bias`]: parameter([dim], { kind: 'uniform', limit: 1 / Math.sqrt(heads * dv) }),
  };
}

/**
 * One block of HSTU (Zhai et al. 2024, section 3): x' = x + W_o (u * norm(attention)) + b_o, with u, v, q, k = SiLU(LN(x) W).
 * x [rows, length, dim]; `biases` and `normaliser` are those of `pointwiseAttention`. The norm is over the values of all
 * heads, or of each (group norm). `drop` is applied before W_o.
 */
export function hstuBlock(
  parameters: Tensors,
  at: string,
  x: Tensor,
  options: HstuBlockSizes & {
    biases: Tensor[];
    normaliser: number;
    groupNorm?: boolean;
    drop(x: Tensor): Tensor;
  },
): Tensor {
  const { heads, dqk, dv, biases, normaliser, groupNorm = false, drop } = options;
  const product = linear(layerNormalize(x, EPSILON), parameters[`${at}/uvqk/weight`]);
  const widths = [dv, dv, dqk, dqk].map((width) => heads * width);
  const [u, v, q, k] = tf.split(silu(product), widths, -1);
  const [queries, keys, values] = [q, k, v].map((part) => splitHeads(part, heads));
  const attended = pointwiseAttention(queries, keys, values, biases, normaliser);
  const normal = groupNorm
    ? mergeHeads(layerNormalize(attended, EPSILON))
    : layerNormalize(mergeHeads(attended), EPSILON);
  return tf.add(
    x,
    linear(drop(tf.mul(u, normal)), parameters[`${at}/out/weight`], parameters[`${at}/out/bias`]),
  );
}
