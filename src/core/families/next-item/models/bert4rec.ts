import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, gelu } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  biasedAttention,
  dropoutMask,
  type Initialiser,
  type Layer,
  layer,
  layerNorm,
  linearSpecs,
  mergeHeads,
  normSpecs,
  paddingMask,
  project,
  splitHeads,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { deviceFields, encoderEssentials } from '../encoder-config.ts';
import { plainInput } from '../encoder-input.ts';
import { trained } from '../next-item-model.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';
import { tasks } from '../tasks/index.ts';
import { present } from '../tokens.ts';

const init: Initialiser = { kind: 'truncated-normal', std: 0.02 };
const linear = (inner: number, outer: number) => linearSpecs(inner, outer, init);
const normalised = (x: Tensor, { scale, shift }: { scale: Tensor; shift: Tensor }) =>
  layerNorm(x, 1e-12, scale, shift);

export const bert4recSchema = z
  .object({
    ...deviceFields,
    ...tasks.cloze.settings,
    ffnMultiplier: field.positiveInt('Width of the feed-forward layer, as a multiple of dim').default(4),
    l2Normalize: deviceFields.l2Normalize.unwrap().default(false),
    temperature: deviceFields.temperature.unwrap().default(1),
    loss: deviceFields.loss.unwrap().default('full-softmax'),
  })
  .refine(({ dim, heads }) => dim % heads === 0, { path: ['heads'], message: 'heads must divide dim' });

type Bert4RecConfig = z.output<typeof bert4recSchema>;

/** h = LN(x + attention(x)), x' = LN(h + FFN(h)) with GELU; `mask` keeps padding out of the attention. */
function bertBlock({ dim, heads, ffnMultiplier, dropout: rate }: Bert4RecConfig): Layer<Tensor> {
  const norm = normSpecs(dim);
  return layer({
    parameters: {
      qkv: linear(dim, 3 * dim),
      out: linear(dim, dim),
      ffn: [linear(dim, ffnMultiplier * dim), linear(ffnMultiplier * dim, dim)] as const,
      norm: [norm, norm] as const,
    },
    masks: ({ rows, length }) => ({
      weights: dropoutMask(rate, rows, heads, length, length),
      added: [dropoutMask(rate, rows, length, dim), dropoutMask(rate, rows, length, dim)] as const,
    }),
    forward: (x, p, m, attentionMask) => {
      const [q, k, v] = tf.split(project(x, p.qkv), 3, -1).map((part) => splitHeads(part, heads));
      const scaled = tf.mul(q, Math.sqrt(heads / dim));
      const options = { attentionMask, dropoutMask: m?.weights, dropoutRate: rate };
      const attended = project(mergeHeads(biasedAttention(scaled, k, v, options)), p.out);
      const h = normalised(tf.add(x, dropout(attended, m?.added[0], rate)), p.norm[0]);
      const hidden = project(gelu(project(h, p.ffn[0])), p.ffn[1]);
      return normalised(tf.add(h, dropout(hidden, m?.added[1], rate)), p.norm[1]);
    },
  });
}

export const bert4rec = trained({
  id: 'bert4rec',
  title: 'BERT4Rec',
  summary: 'Predicts masked items from both sides.',
  group: 'sequential',
  paper: {
    title: 'BERT4Rec: Sequential Recommendation with Bidirectional Encoder Representations from Transformer',
    authors: 'Fei Sun, Jun Liu, Jian Wu, Changhua Pei, Xiao Lin, Wenwu Ou, Peng Jiang',
    year: 2019,
    where: 'CIKM 2019, arXiv:1904.06690',
  },
  essentials: encoderEssentials,
  configSchema: bert4recSchema,
  build: (config, sizes) =>
    new SequenceEncoder(config, sizes, {
      task: tasks.cloze.of(config),
      input: plainInput(init, layer({ parameters: normSpecs(config.dim), forward: normalised })),
      blocks: Array.from({ length: config.blocks }, () => bertBlock(config)),
      context: (inputs) => paddingMask(present(inputs)),
      head: layer({
        parameters: { dense: linear(config.dim, config.dim), norm: normSpecs(config.dim) },
        forward: (x, p) => normalised(gelu(project(x, p.dense)), p.norm),
      }),
      itemBias: true,
    }),
});
