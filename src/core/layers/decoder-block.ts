import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { rmsNormalize, silu } from '../engine/index.ts';
import { mergeHeads, splitHeads } from './heads.ts';
import { type Initialiser, ones, type ParameterSpec, parameter } from './parameters.ts';

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

/** The matrices of a block, each [in, out]. */
export type Projection = 'query' | 'key' | 'value' | 'out' | 'ffn/gate' | 'ffn/up' | 'ffn/down';

/** [in, out] of every matrix of a block. */
export function projectionShapes(widths: DecoderWidths): Record<Projection, [number, number]> {
  const { dim, heads, kvHeads, headDim, ffnDim } = widths;
  return {
    query: [dim, heads * headDim],
    key: [dim, kvHeads * headDim],
    value: [dim, kvHeads * headDim],
    out: [heads * headDim, dim],
    'ffn/gate': [dim, ffnDim],
    'ffn/up': [dim, ffnDim],
    'ffn/down': [ffnDim, dim],
  };
}

/** The parameters of the block named `at`, in order. */
export function decoderTables(
  at: string,
  widths: DecoderWidths,
  init: (projection: Projection) => Initialiser,
): Record<string, ParameterSpec> {
  const shapes = Object.entries(projectionShapes(widths)) as [Projection, [number, number]][];
  const matrices = shapes.map(([name, shape]) => [`${at}/${name}/weight`, parameter(shape, init(name))]);
  const scale = (index: number) => [`${at}/norm/${index}/scale`, parameter([widths.dim], ones)];
  return Object.fromEntries([scale(0), ...matrices.slice(0, 4), scale(1), ...matrices.slice(4)]);
}

export interface DecoderBlock {
  heads: number;
  kvHeads: number;
  normEpsilon: number;
  /** The input times one of the block's matrices. */
  project(x: Tensor, name: Projection): Tensor;
  /** Scale of the norm before the attention (0) or the feed-forward layer (1): [dim] */
  scale(index: 0 | 1): Tensor;
  /** Queries [rows, heads, length, dim], keys and values [rows, kvHeads, length, dim], none turned -> queries' shape. */
  attend(query: Tensor, key: Tensor, value: Tensor): Tensor;
  /** What the attention (0) or the feed-forward layer (1) adds, where there is dropout. */
  drop?(x: Tensor, index: 0 | 1): Tensor;
}

/** RMS norm with a scale: x [.., dim], scale [dim]. */
export function rmsNorm(x: Tensor, scale: Tensor, epsilon: number): Tensor {
  return tf.mul(rmsNormalize(x, epsilon), scale);
}

/**
 * The decoder block of LLaMA (Touvron et al. 2023): h = x + attention(RMS(x)), h + W_down (SiLU(W_gate m) * W_up m) with
 * m = RMS(h). x [rows, length, dim] -> the same shape.
 */
export function decoderBlock(x: Tensor, block: DecoderBlock): Tensor {
  const { heads, kvHeads, normEpsilon, project, scale, attend, drop = (added: Tensor) => added } = block;
  const normal = rmsNorm(x, scale(0), normEpsilon);
  const query = splitHeads(project(normal, 'query'), heads);
  const [key, value] = (['key', 'value'] as const).map((name) => splitHeads(project(normal, name), kvHeads));
  const h = tf.add(x, drop(project(mergeHeads(attend(query, key, value)), 'out'), 0));
  const m = rmsNorm(h, scale(1), normEpsilon);
  const hidden = tf.mul(silu(project(m, 'ffn/gate')), project(m, 'ffn/up'));
  return tf.add(h, drop(project(hidden, 'ffn/down'), 1));
}
