/** Fixtures of Hugging Face's Llama: the decoder of language models. */

import { z } from 'zod';
import { Decoder } from '../../decoders/decoder.ts';
import * as tf from '../../engine/tf.ts';
import { languageFields } from '../../families/language/language-config.ts';
import { ropeAngles, rotations } from '../../layers/index.ts';
import { modelCheck, numbered } from '../driver.ts';
import { tensorSchema, whole } from '../tensor-compare.ts';
import { llamaBlocks } from './next-item.ts';

const form = z.object({
  config: z.object({
    d: whole,
    heads: whole,
    N: whole,
    kv_heads: whole.optional(),
    head_dim: whole.optional(),
  }),
  inputs: z.object({ ids: tensorSchema, lengths: tensorSchema, labels: tensorSchema }),
});

/** A label that the loss leaves out. */
const IGNORED = -100;

/** The fixture's batch as ours, each row one sequence. */
function batchOf({ config: { N: length }, inputs: { ids, lengths, labels } }: z.output<typeof form>) {
  const cells = Int32Array.from({ length: lengths.data.length * length }, (_, cell) => cell);
  const segments = cells.map((cell) => Number(cell % length < lengths.data[Math.floor(cell / length)]));
  const predicts = cells.map((cell) =>
    Number(segments[cell] && (cell + 1) % length !== 0 && labels.data[cell + 1] !== IGNORED),
  );
  const share = 1 / predicts.reduce((sum, one) => sum + one, 0);
  return {
    ids: Int32Array.from(ids.data),
    segments,
    positions: cells.map((cell) => cell % length),
    places: cells,
    targets: cells.map((cell) => (predicts[cell] ? labels.data[cell + 1] : 0)),
    weights: Float32Array.from(predicts, (one) => one * share),
  };
}

const sizes = z
  .object(languageFields)
  .pick({
    dim: true,
    blocks: true,
    heads: true,
    ffnDim: true,
    tiedHead: true,
    ropeTheta: true,
    normEpsilon: true,
  })
  .extend({ vocabulary: whole, context: whole, kvHeads: whole, headDim: whole });

export const llamaCheck = modelCheck({
  form,
  settings: {
    d: 'dim',
    ff: 'ffnDim',
    blocks: 'blocks',
    heads: 'heads',
    vocab: 'vocabulary',
    N: 'context',
    rope_theta: 'ropeTheta',
    rms_eps: 'normEpsilon',
    tied_head: 'tiedHead',
  },
  fixed: { rope_style: /^rotate_half/ },
  computed: ({ config: { d, heads, kv_heads = heads, head_dim = d / heads } }) => ({
    kvHeads: kv_heads,
    headDim: head_dim,
  }),
  schema: sizes,
  names: {
    embedding: 'model.embed_tokens.weight',
    ...Object.fromEntries(Object.entries(llamaBlocks).map(([ours, theirs]) => [ours, `model.${theirs}`])),
    'final-norm/scale': 'model.norm.weight',
    head: 'lm_head.weight',
  },
  subject(fixture, config) {
    const model = new Decoder(config);
    const inputs = batchOf(fixture);
    return {
      model,
      shape: { rows: inputs.ids.length / config.context, length: config.context },
      inputs,
      present: inputs.segments,
      outputs(parameters, fed) {
        const { embedding, blocks, states } = model.stages(parameters, fed);
        const logits = tf.matMul(tf.reshape(states, [-1, config.dim]), model.head(parameters), false, true);
        const { cosines, sines } = rotations(config.context, ropeAngles(config.headDim, config.ropeTheta));
        const ropes = { rope_cos: cosines, rope_sin: sines };
        return { embedding, ...numbered('blocks', blocks), final_norm: states, logits, ...ropes };
      },
    };
  },
});
