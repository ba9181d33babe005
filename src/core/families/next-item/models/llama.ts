import { z } from 'zod';
import { dropout } from '../../../engine/index.ts';
import {
  attentionMasks,
  causalAttention,
  type DecoderMatrix,
  decoderBlock,
  decoderSpecs,
  dropoutMask,
  type Layer,
  layer,
  ones,
  parameter,
  project,
  rmsNorm,
  rotary,
  xavierNormal,
  xavierUniform,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { encoderEssentials, nextItemFields } from '../encoder-config.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';

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
    heads: field.positiveInt('Attention heads').default(1),
    headDim: field.nonNegativeInt('Width of each head, even; 0 takes dim / heads').default(0),
    ffnDim: field
      .nonNegativeInt('Width of the gated feed-forward layer; 0 takes 8/3 of dim, rounded')
      .default(0),
    finalNorm: z.boolean().describe('RMS norm after the last block').default(true),
    ropeTheta: field.positive('Base of the rotary angles').default(10000),
    normEpsilon: field.positive('Added under the root of the RMS norms').default(1e-6),
  })
  .refine((config) => widthsOf(config).head % 2 === 0, {
    path: ['heads'],
    message: 'heads must have an even width: choose heads so that dim / heads is even, or set headDim',
  });

export type LlamaConfig = z.output<typeof llamaSchema>;

const FFN = new Set<DecoderMatrix>(['gate', 'up', 'down']);

/** One block of LLaMA; attention weights and the output of the feed-forward layer are dropped out. */
function llamaBlock(config: LlamaConfig): Layer {
  const { dim, heads, dropout: rate, normEpsilon, ropeTheta } = config;
  const { head, hidden } = widthsOf(config);
  const widths = { dim, heads, kvHeads: heads, headDim: head, ffnDim: hidden };
  return layer({
    parameters: decoderSpecs(widths, (inner, outer, name) => ({
      weight: parameter([inner, outer], FFN.has(name) ? xavierUniform : xavierNormal),
    })),
    masks: ({ rows, length }) => ({
      attention: attentionMasks(rows, heads, length, rate),
      ffn: dropoutMask(rate, rows, length, dim),
    }),
    forward: (x, p, m) =>
      decoderBlock(x, p, {
        heads,
        kvHeads: heads,
        normEpsilon,
        multiply: project,
        attend: (q, k, v) =>
          causalAttention(rotary(q, ropeTheta), rotary(k, ropeTheta), v, m?.attention, rate),
        drop: (added, part) => (part === 1 ? dropout(added, m?.ffn, rate) : added),
      }),
  });
}

/**
 * The decoder block of LLaMA (Touvron et al. 2023) in the place of SASRec's: the baseline "LLaMa" of the FuXi-alpha
 * table, of which no code and no width of the feed-forward layer is published.
 */
export function llamaModel(config: LlamaConfig, sizes: DataSizes): SequenceEncoder<undefined> {
  const { blocks, dim, finalNorm, normEpsilon } = config;
  const norm = layer({
    parameters: { scale: parameter([dim], ones) },
    forward: (x, { scale }) => rmsNorm(x, scale, normEpsilon),
  });
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: blocks }, () => llamaBlock(config)),
    context: () => undefined,
    finalNorm: finalNorm ? norm : undefined,
  });
}

export const llama = trained({
  id: 'llama',
  title: 'LLaMa',
  summary: "A language model's layers over item ids.",
  group: 'sequential',
  paper: {
    title: 'LLaMA: Open and Efficient Foundation Language Models',
    authors: 'Hugo Touvron, Thibaut Lavril, Gautier Izacard, and others',
    year: 2023,
    where: 'arXiv:2302.13971; as a recommender in arXiv:2502.03036',
  },
  essentials: encoderEssentials,
  configSchema: llamaSchema,
  build: llamaModel,
});
