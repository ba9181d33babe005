import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, type Tensors } from '../../engine/index.ts';
import {
  attentionMasks,
  causalAttention,
  layerNorm,
  linear,
  masksOf,
  ones,
  type ParameterSpec,
  parameter,
  type RandomInput,
  type RandomInputs,
  xavierNormal,
  xavierUniform,
  zeros,
} from '../../layers/index.ts';
import { field } from '../../training/config.ts';
import type { BatchShape } from '../../training/step-model.ts';
import {
  beautyTraining,
  NextItemModel,
  nextItemFields,
  publishedBooks,
  publishedTraining,
} from './causal-encoder.ts';
import { trained } from './next-item-model.ts';

const LAYER_NORM_EPSILON = 1e-8;

export const sasrecSchema = z
  .object({
    ...nextItemFields,
    heads: field.whole('Attention heads; must divide dim').default(2),
    ffnDim: field.natural('Width of the feed-forward layer; 0 takes dim').default(0),
    affineNorms: z.boolean().describe('Layer norms have scale and shift').default(false),
    finalNorm: z.boolean().describe('Layer norm after the last block').default(false),
    outputProjection: z.boolean().describe('Linear layer after the heads').default(true),
  })
  .refine(({ dim, heads }) => dim % heads === 0, {
    path: ['heads'],
    message: 'heads must divide dim',
  });

export type SasRecConfig = z.output<typeof sasrecSchema>;

const original = {
  dim: 50,
  heads: 1,
  maxLength: 200,
  positions: 'from-end',
  dropout: 0.2,
  affineNorms: true,
  finalNorm: true,
  outputProjection: false,
  l2Normalize: false,
  temperature: 1,
  loss: 'bce',
  optimiser: 'adam',
  epochs: 201,
};

/** Self-Attentive Sequential Recommendation. Both the original and the variant of the published tables. */
export class SasRec extends NextItemModel<SasRecConfig> {
  get #ffnDim(): number {
    return this.config.ffnDim || this.config.dim;
  }

  protected blockTables(): Record<string, ParameterSpec> {
    const { dim, blocks, affineNorms, finalNorm, outputProjection } = this.config;
    const width = this.#ffnDim;
    const specs: Record<string, ParameterSpec> = {};
    const norm = (name: string) => {
      specs[`${name}/scale`] = parameter([dim], ones);
      specs[`${name}/shift`] = parameter([dim], zeros);
    };
    for (let block = 0; block < blocks; block++) {
      const at = `blocks/${block}`;
      specs[`${at}/qkv/weight`] = parameter([dim, 3 * dim], xavierNormal);
      specs[`${at}/qkv/bias`] = parameter([3 * dim], zeros);
      if (outputProjection) {
        specs[`${at}/out/weight`] = parameter([dim, dim], xavierNormal);
        specs[`${at}/out/bias`] = parameter([dim], zeros);
      }
      specs[`${at}/ffn/0/weight`] = parameter([dim, width], xavierUniform);
      specs[`${at}/ffn/0/bias`] = parameter([width], zeros);
      specs[`${at}/ffn/1/weight`] = parameter([width, dim], xavierUniform);
      specs[`${at}/ffn/1/bias`] = parameter([dim], zeros);
      if (affineNorms) for (const name of ['norm/0', 'norm/1']) norm(`${at}/${name}`);
    }
    if (finalNorm) norm('final-norm');
    return specs;
  }

  protected blockMasks(shape: BatchShape): RandomInputs {
    const { dim, blocks, heads, dropout: rate } = this.config;
    const inputs: Record<string, RandomInput> = {};
    for (let block = 0; block < blocks; block++) {
      Object.assign(inputs, attentionMasks(`mask/${block}/attention`, shape.rows, heads, shape.length, rate));
      inputs[`mask/${block}/ffn/0`] = this.mask(shape, this.#ffnDim);
      inputs[`mask/${block}/ffn/1`] = this.mask(shape, dim);
    }
    return inputs;
  }

  /** One block: Q = LN(x), K = V = x; h = Q + attention; x' = LN(h) + FFN(LN(h)). x [rows, length, dim] */
  block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { dropout: rate } = this.config;
    const at = `blocks/${index}`;
    const p = (name: string): Tensor | undefined => parameters[`${at}/${name}`];
    const normed = layerNorm(x, LAYER_NORM_EPSILON, p('norm/0/scale'), p('norm/0/shift'));
    const attended = this.#attend(parameters, inputs, normed, x, index);
    const h = layerNorm(tf.add(normed, attended), LAYER_NORM_EPSILON, p('norm/1/scale'), p('norm/1/shift'));
    const hidden = tf.relu(linear(h, parameters[`${at}/ffn/0/weight`], parameters[`${at}/ffn/0/bias`]));
    const dropped = dropout(hidden, inputs[`mask/${index}/ffn/0`], rate);
    const out = linear(dropped, parameters[`${at}/ffn/1/weight`], parameters[`${at}/ffn/1/bias`]);
    const sum = tf.add(h, dropout(out, inputs[`mask/${index}/ffn/1`], rate));
    return this.masked(sum, inputs);
  }

  #attend(parameters: Tensors, inputs: Tensors, query: Tensor, x: Tensor, index: number): Tensor {
    const { dim, heads, dropout: rate } = this.config;
    const at = `blocks/${index}`;
    const [rows, length] = x.shape as [number, number];
    const [queryWeight, pairWeight] = tf.split(parameters[`${at}/qkv/weight`], [dim, 2 * dim], 1);
    const [queryBias, pairBias] = tf.split(parameters[`${at}/qkv/bias`], [dim, 2 * dim]);
    const byHead = (t: Tensor, parts: number) =>
      tf.transpose(tf.reshape(t, [rows, length, parts, heads, dim / heads]), [2, 0, 3, 1, 4]);
    const shape = [rows, heads, length, dim / heads];
    const q = tf.reshape(byHead(linear(query, queryWeight, queryBias), 1), shape);
    const [k, v] = tf
      .split(byHead(linear(x, pairWeight, pairBias), 2), 2, 0)
      .map((part) => tf.reshape(part, shape));
    const masks = masksOf(inputs, `mask/${index}/attention`);
    const output = causalAttention(q, k, v, masks, rate);
    const merged = tf.reshape(tf.transpose(output, [0, 2, 1, 3]), [rows, length, dim]);
    const weight = parameters[`${at}/out/weight`];
    return weight ? linear(merged, weight, parameters[`${at}/out/bias`]) : merged;
  }

  protected override finish(parameters: Tensors, x: Tensor): Tensor {
    if (!this.config.finalNorm) return x;
    const [scale, shift] = [parameters['final-norm/scale'], parameters['final-norm/shift']];
    return layerNorm(x, LAYER_NORM_EPSILON, scale, shift);
  }
}

const ml1m = { ...publishedTraining, dim: 50, heads: 1 };
const ml20m = { ...publishedTraining, dim: 256, heads: 4 };

export const sasrec = trained({
  id: 'sasrec',
  title: 'SASRec',
  summary: 'Causal self-attention over the history of item ids.',
  group: 'attention',
  paper: {
    title: 'Self-Attentive Sequential Recommendation',
    authors: 'Wang-Cheng Kang, Julian McAuley',
    year: 2018,
    where: 'ICDM 2018, arXiv:1808.09781',
  },
  configSchema: sasrecSchema,
  presets: {
    original: { description: 'As published, dense data such as MovieLens-1M', config: original },
    'original-sparse': {
      description: 'As published, sparse data such as Amazon',
      config: { ...original, maxLength: 50, dropout: 0.5 },
    },
    'ml-1m': { description: 'SASRec in the HSTU and FuXi-α tables, MovieLens-1M', config: ml1m },
    'ml-1m-large': {
      description: 'SASRec-Large in the FuXi-α table, MovieLens-1M: 8 blocks',
      config: { ...ml1m, blocks: 8 },
    },
    'ml-20m': {
      description: 'SASRec in the HSTU table, MovieLens-20M: 4 blocks',
      config: { ...ml20m, blocks: 4 },
    },
    'ml-20m-fuxi': { description: 'SASRec in the FuXi-α table, MovieLens-20M: 2 blocks', config: ml20m },
    'ml-20m-large': {
      description: 'SASRec-Large in the FuXi-α table, MovieLens-20M: 8 blocks',
      config: { ...ml20m, blocks: 8 },
    },
    kuairand: { description: 'SASRec in the FuXi-α table, KuaiRand', config: ml1m },
    'kuairand-large': {
      description: 'SASRec-Large in the FuXi-α table, KuaiRand: 8 blocks',
      config: { ...ml1m, blocks: 8 },
    },
    books: {
      description: 'SASRec in the HSTU table, Amazon Books',
      config: { ...publishedBooks, blocks: 4 },
    },
    beauty: {
      description: 'Amazon Beauty, full softmax; tuned here on the validation items',
      config: beautyTraining,
    },
  },
  build: (config, sizes) => new SasRec(config, sizes),
});
