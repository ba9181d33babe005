import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, rmsNormalize, silu, type Tensors } from '../engine/index.ts';
import {
  attentionMasks,
  causalAttention,
  linear,
  masksOf,
  mergeHeads,
  ones,
  type ParameterSpec,
  parameter,
  type RandomInput,
  type RandomInputs,
  rotary,
  splitHeads,
  xavierNormal,
  xavierUniform,
} from '../layers/index.ts';
import { field } from './config.ts';
import { beautyTraining, NextItemModel, nextItemFields, publishedTraining } from './next-item.ts';
import type { BatchShape, ModelDefinition } from './types.ts';

interface Widths {
  dim: number;
  heads: number;
  headDim: number;
  ffnDim: number;
}

/** Widths that a config leaves open: heads share dim; the gated layer has the weights of a plain one of 4 dim. */
function widthsOf({ dim, heads, headDim, ffnDim }: Widths): { head: number; hidden: number } {
  return { head: headDim || dim / heads, hidden: ffnDim || Math.round((8 * dim) / 3) };
}

export const llamaSchema = z
  .object({
    ...nextItemFields,
    heads: field.whole('Attention heads').default(1),
    headDim: field.natural('Width of each head, even; 0 takes dim / heads').default(0),
    ffnDim: field.natural('Width of the gated feed-forward layer; 0 takes 8/3 of dim, rounded').default(0),
    finalNorm: z.boolean().describe('RMS norm after the last block').default(true),
    ropeTheta: field.positive('Base of the rotary angles').default(10000),
    normEpsilon: field.positive('Added under the root of the RMS norms').default(1e-6),
  })
  .refine((config) => widthsOf(config).head % 2 === 0, {
    path: ['heads'],
    message: 'heads must have an even width: choose heads so that dim / heads is even, or set headDim',
  });

export type LlamaConfig = z.output<typeof llamaSchema>;

/**
 * The decoder block of LLaMA (Touvron et al. 2023) in the place of SASRec's: the baseline "LLaMa" of the FuXi-alpha
 * table, of which no code and no width of the feed-forward layer is published.
 */
export class Llama extends NextItemModel<LlamaConfig> {
  protected blockTables(): Record<string, ParameterSpec> {
    const { dim, blocks, heads, finalNorm } = this.config;
    const { head, hidden } = widthsOf(this.config);
    const specs: Record<string, ParameterSpec> = {};
    for (let block = 0; block < blocks; block++) {
      const at = `blocks/${block}`;
      specs[`${at}/norm/0/scale`] = parameter([dim], ones);
      for (const name of ['query', 'key', 'value']) {
        specs[`${at}/${name}/weight`] = parameter([dim, heads * head], xavierNormal);
      }
      specs[`${at}/out/weight`] = parameter([heads * head, dim], xavierNormal);
      specs[`${at}/norm/1/scale`] = parameter([dim], ones);
      specs[`${at}/ffn/gate/weight`] = parameter([dim, hidden], xavierUniform);
      specs[`${at}/ffn/up/weight`] = parameter([dim, hidden], xavierUniform);
      specs[`${at}/ffn/down/weight`] = parameter([hidden, dim], xavierUniform);
    }
    if (finalNorm) specs['final-norm/scale'] = parameter([dim], ones);
    return specs;
  }

  protected blockMasks(shape: BatchShape): RandomInputs {
    const { dim, blocks, heads, dropout: rate } = this.config;
    const inputs: Record<string, RandomInput> = {};
    for (let block = 0; block < blocks; block++) {
      Object.assign(inputs, attentionMasks(`mask/${block}/attention`, shape.rows, heads, shape.length, rate));
      inputs[`mask/${block}/ffn`] = this.mask(shape, dim);
    }
    return inputs;
  }

  /** One block: h = x + attention(RMS(x)), x' = h + W_down (SiLU(W_gate m) * W_up m), m = RMS(h). */
  block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { dropout: rate } = this.config;
    const p = (name: string) => parameters[`blocks/${index}/${name}`];
    const attended = this.#attend(parameters, inputs, this.#norm(x, p('norm/0/scale')), index);
    const h = tf.add(x, attended);
    const m = this.#norm(h, p('norm/1/scale'));
    const hidden = tf.mul(silu(linear(m, p('ffn/gate/weight'))), linear(m, p('ffn/up/weight')));
    return tf.add(h, dropout(linear(hidden, p('ffn/down/weight')), inputs[`mask/${index}/ffn`], rate));
  }

  #norm(x: Tensor, scale: Tensor): Tensor {
    return tf.mul(rmsNormalize(x, this.config.normEpsilon), scale);
  }

  #attend(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { heads, ropeTheta, dropout: rate } = this.config;
    const at = `blocks/${index}`;
    const [q, k, v] = ['query', 'key', 'value'].map((name) =>
      splitHeads(linear(x, parameters[`${at}/${name}/weight`]), heads),
    );
    const masks = masksOf(inputs, `mask/${index}/attention`);
    const output = causalAttention(rotary(q, ropeTheta), rotary(k, ropeTheta), v, masks, rate);
    return linear(mergeHeads(output), parameters[`${at}/out/weight`]);
  }

  protected override finish(parameters: Tensors, x: Tensor): Tensor {
    return this.config.finalNorm ? this.#norm(x, parameters['final-norm/scale']) : x;
  }
}

const ml1m = { ...publishedTraining, dim: 50, heads: 1 };
const ml20m = { ...publishedTraining, dim: 256, heads: 4 };
const OWN = 'LLaMa in the FuXi-α table, feed-forward width and dropout places our own choice';

export const llama: ModelDefinition = {
  id: 'llama',
  title: 'LLaMa',
  summary: 'Causal self-attention with rotary positions, RMS norms and gated feed-forward layers.',
  task: 'next-item',
  kind: 'trained',
  paper: {
    title: 'LLaMA: Open and Efficient Foundation Language Models',
    authors: 'Hugo Touvron, Thibaut Lavril, Gautier Izacard, and others',
    year: 2023,
    where: 'arXiv:2302.13971; as a recommender in arXiv:2502.03036',
  },
  configSchema: llamaSchema,
  presets: {
    'ml-1m': { description: `${OWN}; MovieLens-1M`, config: ml1m },
    'ml-1m-large': { description: `${OWN}; MovieLens-1M, 8 blocks`, config: { ...ml1m, blocks: 8 } },
    'ml-20m': { description: `${OWN}; MovieLens-20M`, config: ml20m },
    'ml-20m-large': { description: `${OWN}; MovieLens-20M, 8 blocks`, config: { ...ml20m, blocks: 8 } },
    kuairand: { description: `${OWN}; KuaiRand`, config: ml1m },
    'kuairand-large': { description: `${OWN}; KuaiRand, 8 blocks`, config: { ...ml1m, blocks: 8 } },
    beauty: {
      description: 'Amazon Beauty, full softmax; the settings tuned here for SASRec',
      config: { ...beautyTraining, heads: 2 },
    },
  },
  build: (config, sizes) => new Llama(llamaSchema.parse(config), sizes),
};
