import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, type Tensors } from '../../engine/index.ts';
import {
  attentionMasks,
  causalAttention,
  decoderBlock,
  decoderTables,
  linear,
  masksOf,
  ones,
  type ParameterSpec,
  parameter,
  type RandomInput,
  type RandomInputs,
  rmsNorm,
  rotary,
  xavierNormal,
  xavierUniform,
} from '../../layers/index.ts';
import { field } from '../../training/config.ts';
import type { BatchShape } from '../../training/step-model.ts';
import { beautyTraining, NextItemModel, nextItemFields, publishedTraining } from './causal-encoder.ts';
import { trained } from './next-item-model.ts';

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
    const widths = { dim, heads, kvHeads: heads, headDim: head, ffnDim: hidden };
    const init = (name: string) => (name.startsWith('ffn') ? xavierUniform : xavierNormal);
    const specs: Record<string, ParameterSpec> = {};
    for (let block = 0; block < blocks; block++) {
      Object.assign(specs, decoderTables(`blocks/${block}`, widths, init));
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

  /** One block of LLaMA; attention weights and the output of the feed-forward layer are dropped out. */
  block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { dropout: rate, heads, normEpsilon, ropeTheta } = this.config;
    const p = (name: string) => parameters[`blocks/${index}/${name}`];
    const masks = masksOf(inputs, `mask/${index}/attention`);
    return decoderBlock(x, {
      ...{ heads, kvHeads: heads, normEpsilon },
      project: (value, name) => linear(value, p(`${name}/weight`)),
      scale: (norm) => p(`norm/${norm}/scale`),
      attend: (q, k, v) => causalAttention(rotary(q, ropeTheta), rotary(k, ropeTheta), v, masks, rate),
      drop: (added, part) => (part === 1 ? dropout(added, inputs[`mask/${index}/ffn`], rate) : added),
    });
  }

  protected override finish(parameters: Tensors, x: Tensor): Tensor {
    const { finalNorm, normEpsilon } = this.config;
    return finalNorm ? rmsNorm(x, parameters['final-norm/scale'], normEpsilon) : x;
  }
}

const ml1m = { ...publishedTraining, dim: 50, heads: 1 };
const ml20m = { ...publishedTraining, dim: 256, heads: 4 };
const OWN = 'LLaMa in the FuXi-α table, feed-forward width and dropout places our own choice';

export const llama = trained({
  id: 'llama',
  title: 'LLaMa',
  summary: 'Causal self-attention with rotary positions, RMS norms and gated feed-forward layers.',
  group: 'attention',
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
  build: (config, sizes) => new Llama(config, sizes),
});
