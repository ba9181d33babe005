import type { Tensor } from '@tensorflow/tfjs';
import { tanhGelu } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { attentionMasks, causalAttention } from './attention.ts';
import { layerNorm, linearSpecs, normSpecs, project } from './basics.ts';
import { mergeHeads, splitHeads } from './heads.ts';
import { type Layer, layer } from './layer.ts';
import type { Initialiser } from './parameters.ts';

const STD = 0.02;

export interface Gpt2BlockSizes {
  dim: number;
  heads: number;
  ffnDim: number;
  normEpsilon: number;
  dropout: number;
  /** Of a model of so many. */
  blocks: number;
  /** Spread of the layers that add to the stream at the start: that of all, or divided by the root of their number. */
  residualInit: 'plain' | 'scaled';
}

/** One block of GPT-2 (Radford et al. 2019): h = x + attention(LN(x)), x' = h + GELU(LN(h) W_1 + b_1) W_2 + b_2. */
export function gpt2Block(sizes: Gpt2BlockSizes): Layer {
  const { dim, heads, ffnDim, normEpsilon, dropout: rate, blocks, residualInit } = sizes;
  const normal: Initialiser = { kind: 'normal', std: STD };
  const scale = residualInit === 'scaled' ? Math.sqrt(2 * blocks) : 1;
  const residual: Initialiser = { kind: 'normal', std: STD / scale };
  return layer({
    parameters: {
      norm: [normSpecs(dim), normSpecs(dim)] as const,
      qkv: linearSpecs(dim, 3 * dim, normal),
      out: linearSpecs(dim, dim, residual),
      ffn: [linearSpecs(dim, ffnDim, normal), linearSpecs(ffnDim, dim, residual)] as const,
    },
    masks: ({ rows, length }) => ({ weights: attentionMasks(rows, heads, length, rate) }),
    forward: (x, p, m) => {
      const normed = (input: Tensor, { scale, shift }: { scale: Tensor; shift: Tensor }) =>
        layerNorm(input, normEpsilon, scale, shift);
      const [q, k, v] = tf
        .split(project(normed(x, p.norm[0]), p.qkv), 3, -1)
        .map((part) => splitHeads(part, heads));
      const attended = mergeHeads(causalAttention(q, k, v, m?.weights, rate));
      const h = tf.add(x, project(attended, p.out));
      return tf.add(h, project(tanhGelu(project(normed(h, p.norm[1]), p.ffn[0])), p.ffn[1]));
    },
  });
}
