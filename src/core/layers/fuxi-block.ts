import type { Tensor } from '@tensorflow/tfjs';
import { rmsNormalize, silu } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { linearSpecs, project } from './basics.ts';
import { parameter, xavierUniform } from './parameters.ts';
import { causalMix, type PairMaps } from './pointwise-attention.ts';
import { normal02 } from './relative-bias.ts';
import type { TensorTree } from './tree.ts';

const EPSILON = 1e-6;

export interface FuxiBlockSizes {
  dim: number;
  heads: number;
  /** Width of queries and keys in each head; 0 where no channel reads them. */
  dqk: number;
  dv: number;
  /** Ways in which values are mixed. */
  channels: number;
  /** Width of the gated feed-forward layer. */
  ffnDim: number;
}

/** Parameters of a block, without those of its biases. */
export function fuxiSpecs({ dim, heads, dqk, dv, channels, ffnDim }: FuxiBlockSizes) {
  const mixed = channels * heads * dv;
  const matrix = (inner: number, outer: number) => ({ weight: parameter([inner, outer], xavierUniform) });
  return {
    uvqk: { weight: parameter([dim, mixed + heads * (dv + 2 * dqk)], normal02) },
    out: linearSpecs(mixed, dim, xavierUniform, { kind: 'uniform', limit: 1 / Math.sqrt(mixed) }),
    ffn: { gate: matrix(dim, ffnDim), up: matrix(dim, ffnDim), down: matrix(ffnDim, dim) },
  };
}

/**
 * One block of FuXi-alpha and FuXi-beta (Ye et al. 2025): z = x + W_0 (u * RMS(channels)) + b_0,
 * x' = z + W_2 (SiLU(W_1 m) * W_3 m), m = RMS(z), with u, v and what `mix` reads = SiLU(RMS(x) W).
 * x [rows, length, dim]. `mix`: v, q, k [rows, length, heads * width] -> every channel, of the shape of v. `drop` is
 * applied before W_0 (0) and to m (1).
 */
export function fuxiBlock(
  x: Tensor,
  p: TensorTree<ReturnType<typeof fuxiSpecs>>,
  options: FuxiBlockSizes & {
    mix(v: Tensor, q: Tensor, k: Tensor): Tensor[];
    drop(x: Tensor, index: 0 | 1): Tensor;
  },
): Tensor {
  const { heads, dqk, dv, channels, mix, drop } = options;
  const [rows, length] = x.shape as [number, number];
  const product = silu(project(rmsNormalize(x, EPSILON), p.uvqk));
  const widths = [channels * dv, dv, dqk, dqk].filter((width) => width > 0);
  const [u, v, q, k] = tf.split(
    product,
    widths.map((width) => heads * width),
    -1,
  );
  const mixed = mix(v, q, k).map((channel) => tf.reshape(channel, [rows, length, heads, 1, dv]));
  const sideBySide = tf.reshape(tf.concat(mixed, 3), [rows, length, channels * heads * dv]);
  return multiStage(x, tf.mul(u, rmsNormalize(sideBySide, EPSILON)), p, drop);
}

/** Parameters of `multiStage`. */
interface Stages {
  out: { weight: Tensor; bias?: Tensor };
  ffn: Readonly<Record<'gate' | 'up' | 'down', { weight: Tensor }>>;
}

/** The end of every FuXi block: z = x + W_0 g + b_0, x' = z + W_2 (SiLU(W_1 m) * W_3 m), m = RMS(z). `drop` as above. */
export function multiStage(
  x: Tensor,
  gated: Tensor,
  p: Stages,
  drop: (x: Tensor, index: 0 | 1) => Tensor,
): Tensor {
  const z = tf.add(x, project(drop(gated, 0), p.out));
  const m = drop(rmsNormalize(z, EPSILON), 1);
  return tf.add(z, project(tf.mul(silu(project(m, p.ffn.gate)), project(m, p.ffn.up)), p.ffn.down));
}

/** Values mixed by maps that all rows share, [1, queries, keys]: v [rows, length, width] -> the same shape. */
export function mixByPosition(maps: PairMaps, v: Tensor): Tensor {
  const [rows, length, width] = v.shape as [number, number, number];
  // The values of all rows stand side by side in one product.
  const sideBySide = tf.reshape(tf.transpose(v, [1, 0, 2]), [1, length, rows * width]);
  const mixed = causalMix(maps, sideBySide);
  return tf.transpose(tf.reshape(mixed, [length, rows, width]), [1, 0, 2]);
}
