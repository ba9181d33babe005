import type { Tensor } from '@tensorflow/tfjs';
import { rmsNormalize, silu } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { mergeHeads, splitHeads } from './heads.ts';
import { ones, parameter } from './parameters.ts';

export interface DecoderWidths {
  dim: number;
  heads: number;
  /** Heads of keys and values; divides `heads`. */
  kvHeads: number;
  /** Of each head; even. */
  headDim: number;
  /** Of the gated feed-forward layer. */
  ffnDim: number;
}

export const DECODER_MATRICES = ['query', 'key', 'value', 'out', 'gate', 'up', 'down'] as const;
export type DecoderMatrix = (typeof DECODER_MATRICES)[number];

/** Something for every matrix of a block, each [inner, outer]. */
export function decoderMatrices<M>(
  { dim, heads, kvHeads, headDim, ffnDim }: DecoderWidths,
  matrix: (inner: number, outer: number, name: DecoderMatrix) => M,
) {
  return {
    query: matrix(dim, heads * headDim, 'query'),
    key: matrix(dim, kvHeads * headDim, 'key'),
    value: matrix(dim, kvHeads * headDim, 'value'),
    out: matrix(heads * headDim, dim, 'out'),
    ffn: {
      gate: matrix(dim, ffnDim, 'gate'),
      up: matrix(dim, ffnDim, 'up'),
      down: matrix(ffnDim, dim, 'down'),
    },
  };
}

/** Parameters of a block, with the matrices as `matrix` makes them. */
export function decoderSpecs<M>(
  widths: DecoderWidths,
  matrix: (inner: number, outer: number, name: DecoderMatrix) => M,
) {
  const norm = { scale: parameter([widths.dim], ones) };
  return { norm: [norm, norm] as const, ...decoderMatrices(widths, matrix) };
}

type Norm = { readonly scale: Tensor };

/** What a block reads: `M` is one of its matrices. With norms of queries and keys, each head has its RMS taken out (Qwen3). */
export type DecoderParameters<M> = {
  readonly norm: readonly [Norm, Norm];
  readonly queryNorm?: Norm;
  readonly keyNorm?: Norm;
} & ReturnType<typeof decoderMatrices<M>>;

export interface DecoderBlock<M> {
  heads: number;
  kvHeads: number;
  normEpsilon: number;
  /** The input times one of the block's matrices. */
  multiply(x: Tensor, matrix: M): Tensor;
  /** Queries [rows, heads, length, dim], keys and values [rows, kvHeads, length, dim], none rotated -> queries' shape. */
  attend(query: Tensor, key: Tensor, value: Tensor): Tensor;
  /** What the attention (0) or the feed-forward layer (1) adds, where there is dropout. */
  drop?(x: Tensor, index: 0 | 1): Tensor;
  /** Weighs the hidden values of the feed-forward layer by what goes into it, where it is one of experts. */
  route?(hidden: Tensor, x: Tensor): Tensor;
}

/** RMS norm with a scale: x [.., dim], scale [dim]. */
export function rmsNorm(x: Tensor, scale: Tensor, epsilon: number): Tensor {
  return tf.mul(rmsNormalize(x, epsilon), scale);
}

/**
 * The decoder block of LLaMA (Touvron et al. 2023): h = x + attention(RMS(x)), h + W_down (SiLU(W_gate m) * W_up m) with
 * m = RMS(h). x [rows, length, dim] -> the same shape.
 */
export function decoderBlock<M>(x: Tensor, p: DecoderParameters<M>, block: DecoderBlock<M>): Tensor {
  const { heads, kvHeads, normEpsilon, multiply, attend } = block;
  const { drop = (added: Tensor) => added, route = (hidden: Tensor) => hidden } = block;
  const normed = (head: Tensor, norm?: Norm) => (norm ? rmsNorm(head, norm.scale, normEpsilon) : head);
  const normal = rmsNorm(x, p.norm[0].scale, normEpsilon);
  const query = normed(splitHeads(multiply(normal, p.query), heads), p.queryNorm);
  const key = normed(splitHeads(multiply(normal, p.key), kvHeads), p.keyNorm);
  const value = splitHeads(multiply(normal, p.value), kvHeads);
  const h = tf.add(x, drop(multiply(mergeHeads(attend(query, key, value)), p.out), 0));
  const m = rmsNorm(h, p.norm[1].scale, normEpsilon);
  const hidden = tf.mul(silu(multiply(m, p.ffn.gate)), multiply(m, p.ffn.up));
  return tf.add(h, drop(multiply(route(hidden, m), p.ffn.down), 1));
}
