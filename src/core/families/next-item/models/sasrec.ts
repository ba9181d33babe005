import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  attentionMasks,
  causalAttention,
  dropoutMask,
  type Layer,
  type LinearSpecs,
  layer,
  layerNorm,
  linear,
  linearSpecs,
  mergeHeads,
  normSpecs,
  project,
  splitHeads,
  type TensorTree,
  xavierNormal,
  xavierUniform,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { encoderEssentials, nextItemFields } from '../encoder-config.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';
import { masked } from '../tokens.ts';

const LAYER_NORM_EPSILON = 1e-8;

export const sasrecSchema = z
  .object({
    ...nextItemFields,
    heads: field.positiveInt('Attention heads; must divide dim').default(2),
    ffnDim: field.nonNegativeInt('Width of the feed-forward layer; 0 takes dim').default(0),
    affineNorms: z.boolean().describe('Layer norms have scale and shift').default(false),
    finalNorm: z.boolean().describe('Layer norm after the last block').default(false),
    outputProjection: z.boolean().describe('Linear layer after the heads').default(true),
  })
  .refine(({ dim, heads }) => dim % heads === 0, {
    path: ['heads'],
    message: 'heads must divide dim',
  });

export type SasRecConfig = z.output<typeof sasrecSchema>;

/** One block: Q = LN(x), K = V = x; h = Q + attention; x' = LN(h) + FFN(LN(h)). */
function sasrecBlock(config: SasRecConfig): Layer<Tensors> {
  const { dim, heads, dropout: rate, affineNorms, outputProjection } = config;
  const width = config.ffnDim || dim;
  const norm = affineNorms ? normSpecs(dim) : undefined;
  return layer({
    parameters: {
      qkv: linearSpecs(dim, 3 * dim, xavierNormal),
      out: outputProjection ? linearSpecs(dim, dim, xavierNormal) : undefined,
      ffn: [linearSpecs(dim, width, xavierUniform), linearSpecs(width, dim, xavierUniform)],
      norm: norm && [norm, norm],
    },
    masks: ({ rows, length }) => ({
      attention: attentionMasks(rows, heads, length, rate),
      ffn: [dropoutMask(rate, rows, length, width), dropoutMask(rate, rows, length, dim)],
    }),
    forward: (x, p, m, inputs) => {
      const normed = layerNorm(x, LAYER_NORM_EPSILON, p.norm?.[0].scale, p.norm?.[0].shift);
      const [q, k, v] = queriesKeysValues(normed, x, p.qkv, heads);
      const merged = mergeHeads(causalAttention(q, k, v, m?.attention, rate));
      const attended = p.out ? project(merged, p.out) : merged;
      const sum = tf.add(normed, attended);
      const h = layerNorm(sum, LAYER_NORM_EPSILON, p.norm?.[1].scale, p.norm?.[1].shift);
      const hidden = dropout(tf.relu(project(h, p.ffn[0])), m?.ffn[0], rate);
      const out = dropout(project(hidden, p.ffn[1]), m?.ffn[1], rate);
      return masked(tf.add(h, out), inputs);
    },
  });
}

/** Queries of one input, keys and values of another, from one matrix: [rows, heads, length, dim / heads] each. */
function queriesKeysValues(
  query: Tensor,
  x: Tensor,
  { weight, bias }: TensorTree<LinearSpecs>,
  heads: number,
): Tensor[] {
  const dim = weight.shape[0];
  const [queryWeight, pairWeight] = tf.split(weight, [dim, 2 * dim], 1);
  const [queryBias, pairBias] = tf.split(bias, [dim, 2 * dim]);
  const [k, v] = tf.split(linear(x, pairWeight, pairBias), 2, -1);
  return [linear(query, queryWeight, queryBias), k, v].map((part) => splitHeads(part, heads));
}

/** Self-Attentive Sequential Recommendation. Both the original and the variant of the published tables. */
export function sasRecModel(config: SasRecConfig, sizes: DataSizes): SequenceEncoder<Tensors> {
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: config.blocks }, () => sasrecBlock(config)),
    context: ({ ids, special }) => ({ ids, special }),
    finalNorm: config.finalNorm ? finalNorm(config.dim) : undefined,
  });
}

function finalNorm(dim: number): Layer {
  return layer({
    parameters: normSpecs(dim),
    forward: (x, { scale, shift }) => layerNorm(x, LAYER_NORM_EPSILON, scale, shift),
  });
}

export const sasrec = trained({
  id: 'sasrec',
  title: 'SASRec',
  summary: 'Self-attention over the history.',
  group: 'sequential',
  paper: {
    title: 'Self-Attentive Sequential Recommendation',
    authors: 'Wang-Cheng Kang, Julian McAuley',
    year: 2018,
    where: 'ICDM 2018, arXiv:1808.09781',
  },
  essentials: encoderEssentials,
  configSchema: sasrecSchema,
  build: sasRecModel,
});
