import type { Tensor } from '@tensorflow/tfjs';
import { layerNormalize, silu } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { linearSpecs, project } from './basics.ts';
import { mergeHeads, splitHeads } from './heads.ts';
import { type Initialiser, parameter, xavierUniform } from './parameters.ts';
import { type PairMaps, pointwiseAttention } from './pointwise-attention.ts';
import { normal02 } from './relative-bias.ts';
import type { TensorTree } from './tree.ts';

const EPSILON = 1e-6;

export interface HstuBlockSizes {
  heads: number;
  dqk: number;
  dv: number;
}

/** Parameters of a block of width `dim`. */
export function hstuSpecs(dim: number, { heads, dqk, dv }: HstuBlockSizes) {
  const bias: Initialiser = { kind: 'uniform', limit: 1 / Math.sqrt(heads * dv) };
  return {
    uvqk: { weight: parameter([dim, 2 * heads * (dv + dqk)], normal02) },
    out: linearSpecs(heads * dv, dim, xavierUniform, bias),
  };
}

/**
 * One block of HSTU (Zhai et al. 2024, section 3): x' = x + W_o (u * norm(attention)) + b_o, with u, v, q, k = SiLU(LN(x) W).
 * x [rows, length, dim]; `bias` and `normaliser` are those of `pointwiseAttention`, or of what stands in its place (`attend`).
 * The norm is over the values of all heads, or of each (group norm). `drop` is applied before W_o.
 */
export function hstuBlock(
  x: Tensor,
  p: TensorTree<ReturnType<typeof hstuSpecs>>,
  options: HstuBlockSizes & {
    bias: PairMaps | null;
    normaliser: number;
    groupNorm?: boolean;
    attend?: typeof pointwiseAttention;
    drop(x: Tensor): Tensor;
  },
): Tensor {
  const { heads, dqk, dv, bias, normaliser, groupNorm = false, attend = pointwiseAttention, drop } = options;
  const product = project(layerNormalize(x, EPSILON), p.uvqk);
  const widths = [dv, dv, dqk, dqk].map((width) => heads * width);
  const [u, v, q, k] = tf.split(silu(product), widths, -1);
  const [queries, keys, values] = [q, k, v].map((part) => splitHeads(part, heads));
  const attended = attend(queries, keys, values, bias, normaliser);
  const normal = groupNorm
    ? mergeHeads(layerNormalize(attended, EPSILON))
    : layerNormalize(mergeHeads(attended), EPSILON);
  return tf.add(x, project(drop(tf.mul(u, normal)), p.out));
}
