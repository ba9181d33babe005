/** Fixtures of models over Semantic IDs: Hugging Face's T5, LIGER and RPG. */

import { z } from 'zod';
import type { Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { UserError } from '../../errors.ts';
import { type ItemTokens, tokenLevels } from '../../families/generative/code-tokens.ts';
import { CodeSources, teacherTokens } from '../../families/generative/generative-batches.ts';
import type { GenerativeModel } from '../../families/generative/generative-model.ts';
import { Liger, ligerSchema } from '../../families/generative/models/liger.ts';
import { Rpg, rpgSchema } from '../../families/generative/models/rpg.ts';
import { Tiger, type TigerConfig, tigerSchema } from '../../families/generative/models/tiger.ts';
import { ItemDigits, similarItems } from '../../families/generative/search/item-graph.ts';
import { relativeBucket } from '../../layers/index.ts';
import { type ModelTable, modelCheck, numbered } from '../driver.ts';
import type { Names } from '../parameters.ts';
import { type Tensor, tensorSchema, whole } from '../tensor-compare.ts';

/** Distances of the buckets that t5 fixtures list. */
const DISTANCES = 200;

const index = z.number().int().nonnegative();

const t5Settings = {
  d_model: 'dim',
  d_kv: 'headDim',
  d_ff: 'ffnDim',
  encoder_layers: 'encoderBlocks',
  decoder_layers: 'decoderBlocks',
  heads: 'heads',
  buckets: 'buckets',
  max_distance: 'maxDistance',
  ln_eps: 'normEpsilon',
};

const t5Names: Names = {
  'token-embedding': 'shared.weight',
  '(en|de)coder/relative-bias': '$1coder.block.0.layer.0.SelfAttention.relative_attention_bias.weight',
  '(en|de)coder/blocks/#/self/norm': '$1coder.block.$2.layer.0.layer_norm.',
  '(en|de)coder/blocks/#/self/(q|k|v|o)\\w+': '$1coder.block.$2.layer.0.SelfAttention.$3.',
  'decoder/blocks/#/cross/norm': 'decoder.block.$1.layer.1.layer_norm.',
  'decoder/blocks/#/cross/(q|k|v|o)\\w+': 'decoder.block.$1.layer.1.EncDecAttention.$2.',
  'encoder/blocks/#/ffn/norm': 'encoder.block.$1.layer.1.layer_norm.',
  'encoder/blocks/#/ffn/(i|o)\\w+': 'encoder.block.$1.layer.1.DenseReluDense.w$2.',
  'decoder/blocks/#/ffn/norm': 'decoder.block.$1.layer.2.layer_norm.',
  'decoder/blocks/#/ffn/(i|o)\\w+': 'decoder.block.$1.layer.2.DenseReluDense.w$2.',
  '(en|de)coder/final-norm': '$1coder.final_layer_norm.',
  'head/weight': 'lm_head.weight',
};

/** The stages of TIGER or LIGER: source, encoder's and decoder's final states, and logits of the target's tokens. */
function stagesOf(model: Tiger, parameters: Tensors, inputs: Tensors) {
  const masks = model.attentionMasks(inputs);
  const encoder = model.encode(parameters, inputs, masks);
  const keys = model.t5.sourceKeys(parameters, encoder);
  const decoder = model.t5.decode(parameters, inputs, inputs.decoderTokens, keys, masks);
  const logits = model.t5.logits(parameters, tf.reshape(decoder, [-1, model.t5.config.dim]), 0);
  return { source: model.sourceVectors(parameters, inputs), encoder, decoder, logits };
}

const tableOf = <F, C>(table: ModelTable<F, C>) => table;

export const t5Table = tableOf({
  form: z.object({
    config: z.object({ vocab: whole, levels: whole, codes_per_level: whole, tied_head: z.boolean() }),
    inputs: z.object({
      input_ids: tensorSchema,
      attention_mask: tensorSchema,
      labels: tensorSchema,
    }),
  }),
  settings: t5Settings,
  fixed: { activation: 'relu', pad: 0, decoder_start: 0 },
  computed: ({ config }) => ({
    head: config.tied_head ? 'tied' : 'separate',
    userTokens: 0,
    separator: false,
    softmax: 'vocabulary',
    tokeniser: 't5',
  }),
  schema: tigerSchema,
  names: t5Names,
  subject({ config: { levels, codes_per_level: codes, vocab, tied_head }, inputs }, config) {
    const tokens = tokenLevels(Array<number>(levels).fill(codes));
    if (tokens.outputs !== vocab) {
      throw new UserError(`the fixture's vocabulary is not 1 + levels * codes_per_level = ${tokens.outputs}`);
    }
    const model = new Tiger(config, tokens);
    const [rows, source] = inputs.input_ids.shape;
    const labels = Int32Array.from(inputs.labels.data);
    // The tied head's scale is applied to our states and not to the reference's.
    const scale = tied_head ? config.dim ** 0.5 : 1;
    return {
      model,
      shape: { rows, length: source / levels },
      inputs: {
        tokens: Int32Array.from(inputs.input_ids.data),
        present: Float32Array.from(inputs.attention_mask.data),
        decoderTokens: labels.map((_, i) => (i % levels === 0 ? 0 : labels[i - 1])),
        labels,
        weights: new Float32Array(rows).fill(1 / rows),
      },
      present: inputs.attention_mask.data,
      outputs(parameters, fed) {
        const { source, encoder, decoder, logits } = stagesOf(model, parameters, fed);
        return { encoder_embedding: source, encoder_last_hidden: encoder, decoder, logits };
      },
      derived: ({ found }) => ({
        decoder_last_hidden: Float32Array.from(found.decoder, (x) => x * scale),
        ...bucketsOf(config),
      }),
    };
  },
});

/** The buckets of all distances, by the fixture's names. */
function bucketsOf({ buckets, maxDistance }: TigerConfig): Record<string, number[]> {
  const bucketsFor = (bidirectional: boolean) =>
    Array.from({ length: 2 * DISTANCES + 1 }, (_, i) =>
      relativeBucket(i - DISTANCES, { bidirectional, buckets, maxDistance }),
    );
  return {
    [`bucket_bidirectional_-${DISTANCES}..${DISTANCES}`]: bucketsFor(true),
    [`bucket_causal_-${DISTANCES}..${DISTANCES}`]: bucketsFor(false),
  };
}

/** Histories, targets and the codes of all items, [items, levels]. */
const idForm = z.object({
  config: z.object({ sizes: z.array(whole) }),
  inputs: z.object({
    histories: z.array(z.array(index).min(1)),
    targets: z.array(index),
    item_codes: tensorSchema,
    /** Of LIGER alone. */
    content: tensorSchema.optional(),
    hidden: z.array(index).default([]),
  }),
});

function itemTokensOf({ config: { sizes }, inputs }: z.output<typeof idForm>): ItemTokens {
  const levels = tokenLevels(sizes);
  const { data } = inputs.item_codes;
  return { levels, tokens: Int32Array.from(data, (code, i) => levels.starts[i % sizes.length] + code) };
}

/** The batch of the histories. */
function sourcesOf(model: GenerativeModel, items: ItemTokens, histories: number[][]) {
  const shape = { rows: histories.length, length: Math.max(...histories.map(({ length }) => length)) };
  const sources = new CodeSources(model, items, shape);
  for (const [row, history] of histories.entries()) sources.write(row, 0, history);
  return { shape, arrays: sources.arrays };
}

const liger = modelCheck({
  form: idForm.extend({ inputs: idForm.shape.inputs.required({ content: true }) }),
  settings: { ...t5Settings, N: 'maxLength', projection: 'projection', temperature: 'temperature' },
  computed: () => ({ softmax: 'vocabulary', contentDropout: 0, sourceDropout: 0 }),
  schema: ligerSchema,
  names: {
    ...t5Names,
    'content/hidden/#': 'content.$1.',
    'content/hidden/#/norm': 'content.$1.norm.',
    'content/hidden/#/residual/weight': 'content.$1.residual^T',
    'content/out': 'content.out.',
    '(item|level)-position': '$1_position',
    'source-norm': 'source_norm.',
  },
  subject(fixture, config) {
    const { histories, targets, content, hidden } = fixture.inputs;
    const tokens = itemTokensOf(fixture);
    const [items, dim] = content.shape;
    const vectors = { items, dim, data: Float32Array.from(content.data) };
    const isHidden = Uint8Array.from({ length: items }, (_, item) => Number(hidden.includes(item)));
    const facts = { items, hidden: isHidden, vectors: () => vectors, folder: '', trains: false };
    const model = new Liger(config, tokens.levels, facts);
    const { shape, arrays } = sourcesOf(model, tokens, histories);
    return {
      model,
      shape,
      inputs: {
        ...arrays,
        ...teacherTokens(tokens, targets),
        targets: Int32Array.from(targets),
        weights: new Float32Array(shape.rows).fill(1 / shape.rows),
      },
      present: arrays.present,
      outputs(parameters, fed) {
        const { source, encoder, logits } = stagesOf(model, parameters, fed);
        const items = model.itemVectors(parameters, fed);
        return { source, encoder, logits, query: model.queries(encoder, fed), items };
      },
      derived: ({ found }) => ({ similarity: innerProducts(found.query, found.items, config.dim) }),
    };
  },
});

/** Of every row of `a` with every row of `b`. */
function innerProducts(a: ArrayLike<number>, b: ArrayLike<number>, dim: number): number[] {
  return Array.from({ length: (a.length / dim) * (b.length / dim) }, (_, at) => {
    const [row, column] = [Math.floor(at / (b.length / dim)), at % (b.length / dim)];
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += a[row * dim + i] * b[column * dim + i];
    return sum;
  });
}

const rpg = modelCheck({
  form: idForm.extend({
    config: idForm.shape.config.extend({ edges: whole }),
    params: z.object({ token_embedding: tensorSchema }),
  }),
  settings: {
    d: 'dim',
    heads: 'heads',
    blocks: 'blocks',
    ff: 'ffnDim',
    N: 'maxLength',
    temperature: 'temperature',
    ln_eps: 'normEpsilon',
  },
  schema: rpgSchema,
  names: {
    'token-embedding': 'token_embedding',
    'position-embedding': 'wpe.weight',
    'final-norm': 'ln_f.',
    'blocks/#/norm/0': 'h.$1.ln_1.',
    'blocks/#/norm/1': 'h.$1.ln_2.',
    // Stored as ours, not as PyTorch's linear layers.
    'blocks/#/qkv/(weight|bias)': 'h.$1.attn.c_attn.$2',
    'blocks/#/out/(weight|bias)': 'h.$1.attn.c_proj.$2',
    'blocks/#/ffn/0/(weight|bias)': 'h.$1.mlp.c_fc.$2',
    'blocks/#/ffn/1/(weight|bias)': 'h.$1.mlp.c_proj.$2',
    'heads/#': 'pred_heads.$1.',
  },
  subject(fixture, config) {
    const { inputs, config: given, params } = fixture;
    const items = itemTokensOf(fixture);
    const model = new Rpg(config, items.levels);
    const { histories, targets } = inputs;
    const { shape, arrays } = sourcesOf(model, items, histories);
    const followers = Int32Array.from({ length: shape.rows * shape.length }, (_, cell) => {
      const [row, i] = [Math.floor(cell / shape.length), cell % shape.length];
      return i < histories[row].length ? (histories[row][i + 1] ?? targets[row]) : -1;
    });
    const real = followers.filter((item) => item >= 0).length;
    const weights = Float32Array.from(followers, (item) => (item < 0 ? 0 : 1 / real));
    return {
      model,
      shape,
      inputs: { ...arrays, labels: teacherTokens(items, followers).labels, weights },
      present: weights,
      outputs(parameters, fed) {
        const { input, blocks, states } = model.stages(parameters, fed);
        const log_probs = model.logProbabilities(parameters, fed);
        return { input, ...numbered('blocks', blocks), encoder: states, log_probs };
      },
      derived: ({ found }) =>
        itemScores(items, found.log_probs as Float32Array, given.edges, params.token_embedding),
    };
  },
});

/** The scores of all items, and those most similar to each. */
function itemScores(items: ItemTokens, probabilities: Float32Array, edges: number, vectors: Tensor) {
  const { starts, outputs } = items.levels;
  const count = items.tokens.length / starts.length;
  const all = Int32Array.from({ length: count }, (_, item) => item);
  const digits = new ItemDigits(items, all);
  const width = outputs - 1;
  const rows = Array.from({ length: probabilities.length / width }, (_, row) => row * width);
  const ends = [...starts, outputs].map((token) => token - 1);
  return {
    item_scores: rows.flatMap((row) => Array.from(all, (item) => digits.score(item, probabilities, row))),
    neighbours: lastOf(similarItems(digits, Float32Array.from(vectors.data), ends, edges)),
  };
}

/** What a generator returns. */
function lastOf<T>(made: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = made.next();
    if (done) return value as T;
  }
}

/** By the model that a fixture names. */
export const codeChecks = { t5: modelCheck(t5Table), liger, rpg };
