import { z } from 'zod';
import { dropout, silu } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  attentionMasks,
  causalAttention,
  dropoutMask,
  type Layer,
  layer,
  layerNorm,
  linearSpecs,
  mergeHeads,
  normSpecs,
  parameter,
  project,
  splitHeads,
  xavierNormal,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { encoderEssentials, nextItemFields } from '../encoder-config.ts';
import { plainInput } from '../encoder-input.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';

const LAYER_NORM_EPSILON = 1e-5;

export const esasrecSchema = z
  .object({
    ...nextItemFields,
    heads: field.positiveInt('Attention heads; must divide dim').default(1),
    ffnMultiplier: field
      .positiveInt(
        'Width of the gated feed-forward layer, as a multiple of dim; the paper tuned it among 1, 2 and 4',
      )
      .default(4),
    itemDropout: field
      .fraction('Rate of dropout in the table of item vectors, one mask a step for inputs and candidates')
      .default(0),
    positions: nextItemFields.positions.unwrap().default('from-end'),
    l2Normalize: nextItemFields.l2Normalize.unwrap().default(false),
    temperature: nextItemFields.temperature.unwrap().default(1),
    negatives: nextItemFields.negatives.unwrap().default(256),
    optimiser: nextItemFields.optimiser.unwrap().default('adam'),
  })
  .refine(({ dim, heads }) => dim % heads === 0, {
    path: ['heads'],
    message: 'heads must divide dim',
  })
  .refine(({ itemDropout, itemTable }) => itemDropout === 0 || itemTable === 'device', {
    path: ['itemDropout'],
    message: 'a mask of the whole item table needs itemTable=device',
  });

export type EsasrecConfig = z.output<typeof esasrecSchema>;

/**
 * One LiGR layer (Borisyuk et al. 2025): h = x + σ(x G_1 + g_1) * attention(LN(x)), x' = h + σ(h G_2 + g_2) * FFN(LN(h)),
 * where FFN(m) = (SiLU(m W_1) * m W_3) W_2.
 */
function ligrLayer({ dim, heads, ffnMultiplier, dropout: rate }: EsasrecConfig): Layer {
  const hidden = ffnMultiplier * dim;
  const matrix = (inner: number, outer: number) => ({ weight: parameter([inner, outer], xavierNormal) });
  const gate = linearSpecs(dim, dim, xavierNormal, { kind: 'uniform', limit: 1 / Math.sqrt(dim) });
  const norm = normSpecs(dim);
  return layer({
    parameters: {
      norm: [norm, norm] as const,
      qkv: linearSpecs(dim, 3 * dim, xavierNormal),
      out: linearSpecs(dim, dim, xavierNormal),
      ffn: { gate: matrix(dim, hidden), up: matrix(dim, hidden), down: matrix(hidden, dim) },
      residualGates: [gate, gate] as const,
    },
    masks: ({ rows, length }) => ({
      weights: attentionMasks(rows, heads, length, rate),
      hidden: dropoutMask(rate, rows, length, hidden),
      added: [dropoutMask(rate, rows, length, dim), dropoutMask(rate, rows, length, dim)] as const,
    }),
    forward: (x, p, m) => {
      const gated = (residual: tf.Tensor, added: tf.Tensor, at: 0 | 1) => {
        const share = tf.sigmoid(project(residual, p.residualGates[at]));
        return tf.add(residual, tf.mul(share, dropout(added, m?.added[at], rate)));
      };
      const normal = (input: tf.Tensor, { scale, shift }: { scale: tf.Tensor; shift: tf.Tensor }) =>
        layerNorm(input, LAYER_NORM_EPSILON, scale, shift);
      const [q, k, v] = tf
        .split(project(normal(x, p.norm[0]), p.qkv), 3, -1)
        .map((part) => splitHeads(part, heads));
      const attended = project(mergeHeads(causalAttention(q, k, v, m?.weights, rate)), p.out);
      const h = gated(x, attended, 0);
      const input = normal(h, p.norm[1]);
      const product = tf.mul(silu(project(input, p.ffn.gate)), project(input, p.ffn.up));
      return gated(h, project(dropout(product, m?.hidden, rate), p.ffn.down), 1);
    },
  });
}

/** SASRec's objective with LiGR layers and the sampled softmax (eSASRec, Tikhonovich et al. 2025). */
export function esasrecModel(config: EsasrecConfig, sizes: DataSizes): SequenceEncoder {
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: config.blocks }, () => ligrLayer(config)),
    context: () => undefined,
    input: plainInput(xavierNormal),
    itemDropout: config.itemDropout,
  });
}

export const esasrec = trained({
  id: 'esasrec',
  title: 'eSASRec',
  summary: 'SASRec with newer layers and loss.',
  group: 'sequential',
  paper: {
    title: 'eSASRec: Enhancing Transformer-based Recommendations in a Modular Fashion',
    authors: 'Daria Tikhonovich, Nikita Zelinskiy, Aleksandr V. Petrov, and others',
    year: 2025,
    where: 'RecSys 2025, arXiv:2508.06450',
  },
  essentials: encoderEssentials,
  configSchema: esasrecSchema,
  build: esasrecModel,
});
