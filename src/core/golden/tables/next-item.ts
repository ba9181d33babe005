/** Fixtures of sasrec, esasrec, hstu, fuxi, fuxi-beta, fuxi-linear and llamarec, in the layout of generative-recommenders. */

import { z } from 'zod';
import type { HostArrays } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import type { NextItemConfig } from '../../families/next-item/encoder-config.ts';
import { esasrecModel, esasrecSchema } from '../../families/next-item/models/esasrec.ts';
import { fuxiModel, fuxiSchema } from '../../families/next-item/models/fuxi-alpha.ts';
import { fuxiBetaModel, fuxiBetaSchema } from '../../families/next-item/models/fuxi-beta.ts';
import { fuxiLinearModel, fuxiLinearSchema } from '../../families/next-item/models/fuxi-linear.ts';
import { hstuModel, hstuSchema } from '../../families/next-item/models/hstu.ts';
import { llamaModel, llamaSchema } from '../../families/next-item/models/llama.ts';
import { sasRecModel, sasrecSchema } from '../../families/next-item/models/sasrec.ts';
import type { SequenceEncoder } from '../../families/next-item/sequence-encoder.ts';
import { sampledLogits } from '../../layers/index.ts';
import { type ModelTable, modelCheck, numbered, type Run } from '../driver.ts';
import type { Names } from '../parameters.ts';
import { tensorSchema, whole } from '../tensor-compare.ts';
import { compareRanking, rankingRun, ranksOf } from './ranking.ts';

const form = z.object({
  config: z.object({ d: whole, max_item_id: whole, temperature: z.number().positive() }),
  inputs: z.object({
    lengths: tensorSchema,
    history_ids: tensorSchema,
    train_ids: tensorSchema,
    timestamps: tensorSchema.optional(),
    negatives: tensorSchema,
    candidates: tensorSchema,
  }),
  eval: z
    .object({ query: tensorSchema, candidate_scores: tensorSchema, runs: z.array(rankingRun) })
    .optional(),
});

type Fixture = z.output<typeof form>;

/** Rank that the reference gives to a target that the history filter removed. */
const RANK_IF_ABSENT = 2501;

/** The fixture's batch as ours; negatives have a row for each real position, in their order. */
function batchOf({ inputs }: Fixture): HostArrays & { weights: Float32Array } {
  const { train_ids: items, timestamps } = inputs;
  const [rows, length] = items.shape;
  const [positions, drawn] = inputs.negatives.shape;
  const cellsOf = (width: number) => new Int32Array(rows * length * width);
  const batch = {
    ids: cellsOf(1),
    lengths: Int32Array.from(inputs.lengths.data),
    targets: cellsOf(1),
    weights: new Float32Array(rows * length),
    negatives: cellsOf(drawn),
  };
  const times = { times: cellsOf(1), queryTimes: cellsOf(1) };
  let next = 0;
  batch.lengths.forEach((n, row) => {
    const start = row * length;
    // Time since the row's first interaction. A position also knows the time of the next one; the last knows its own.
    const since = (at: number) => (timestamps ? timestamps.data[at] - timestamps.data[start] : 0);
    for (let cell = start; cell < start + n; cell++) {
      batch.ids[cell] = items.data[cell];
      batch.targets[cell] = items.data[cell + 1] - 1;
      batch.weights[cell] = 1 / positions;
      for (let i = 0; i < drawn; i++) batch.negatives[cell * drawn + i] = inputs.negatives.data[next++] - 1;
      times.times[cell] = since(cell);
      times.queryTimes[cell] = since(Math.min(cell + 1, start + length - 1));
    }
  });
  return timestamps ? { ...batch, ...times } : batch;
}

/** Queries, scores of the candidates in the fixture's order, and ranks after the history filter. */
function compareEvaluation({ golden, found }: Run, fixture: Fixture): void {
  const { config, inputs, eval: expected } = fixture;
  if (!expected) return;
  const length = inputs.train_ids.shape[1];
  const queries = inputs.lengths.data.map((n, row) => {
    const end = (row * length + n) * config.d;
    return Array.from(found.encoder.slice(end - config.d, end));
  });
  golden.compare('output', 'eval.query', queries.flat(), expected.query);
  const scores = queries.flatMap((query) =>
    inputs.candidates.data.map((item) =>
      query.reduce((sum, x, k) => sum + x * found.vectors[(item - 1) * config.d + k], 0),
    ),
  );
  golden.compare('output', 'eval.candidate_scores', scores, expected.candidate_scores);
  for (const run of expected.runs) {
    const ranks = ranksOf(
      { ...inputs, scores: Float64Array.from(scores), rankIfAbsent: RANK_IF_ABSENT },
      run,
    );
    compareRanking(golden, `eval.runs.${run.name}`, ranks, run);
  }
}

interface NextItemTable<C>
  extends Pick<ModelTable<Fixture, C>, 'settings' | 'fixed' | 'schema' | 'names' | 'skip'> {
  build(config: NoInfer<C>, sizes: { users: number; items: number }): SequenceEncoder;
}

function nextItem<C extends NextItemConfig>({ build, ...table }: NextItemTable<C>) {
  return modelCheck<Fixture, C>({
    form,
    ...table,
    settings: {
      d: 'dim',
      blocks: 'blocks',
      heads: 'heads',
      N: 'maxLength normaliser',
      temperature: 'temperature',
      num_negatives: 'negatives',
      ...table.settings,
    },
    fixed: { l2_eps: 1e-6, ...table.fixed },
    names: {
      'item-embedding': '_embedding_module._item_emb.weight',
      'position-embedding': '_input_features_preproc._pos_emb.weight',
      ...table.names,
    },
    subject(fixture, config) {
      const { d, max_item_id: items, temperature } = fixture.config;
      const model = build(config, { users: 0, items });
      const inputs = batchOf(fixture);
      const [rows, length] = fixture.inputs.train_ids.shape;
      return {
        model,
        shape: { rows, length },
        inputs,
        present: inputs.weights,
        outputs(parameters, fed) {
          const { input, blocks, states } = model.stages(parameters, fed);
          const vectors = model.itemVectors(parameters);
          const scaled = tf.div(tf.reshape(states, [-1, d]), temperature);
          const logits = sampledLogits(scaled, vectors, tf.reshape(fed.targets, [-1]), fed.negatives);
          return { input, ...numbered('blocks', blocks), encoder: states, vectors, logits };
        },
      };
    },
    more: compareEvaluation,
  });
}

/** The key bias shifts all scores of a query alike: its gradient is zero, its Adam step noise. */
function isKeyBias({ config: { d } }: Fixture, name: string, i: number): boolean {
  return name.endsWith('in_proj_bias') && i >= d && i < 2 * d;
}

/** The products and biases that open a block of hstu and fuxi. */
const opening = (layer: string): Names => ({
  'blocks/#/uvqk/weight': `${layer}._uvqk`,
  'blocks/#/time-bias': `${layer}._rel_attn_bias._ts_w`,
  'blocks/#/position-bias': `${layer}._rel_attn_bias._pos_w`,
});
const fuxiLayer = '_fuxi._attention_layers.$1';
const multiStage: Names = {
  'blocks/#/out': `${fuxiLayer}._mffn.lin0.`,
  'blocks/#/ffn/gate': `${fuxiLayer}._mffn.lin1.`,
  'blocks/#/ffn/down': `${fuxiLayer}._mffn.lin2.`,
  'blocks/#/ffn/up': `${fuxiLayer}._mffn.lin3.`,
};
const fixedTimes = { time_buckets: 128, norm_eps: 1e-6 };

/** The blocks of Llama as Hugging Face names them. */
export const llamaBlocks: Names = {
  'blocks/#/norm/0/scale': 'layers.$1.input_layernorm.weight',
  'blocks/#/norm/1/scale': 'layers.$1.post_attention_layernorm.weight',
  'blocks/#/(q|k|v|o)\\w+': 'layers.$1.self_attn.$2_proj.',
  'blocks/#/ffn/(\\w+)': 'layers.$1.mlp.$2_proj.',
};

/** By the model that a fixture names. */
export const nextItemChecks = {
  sasrec: nextItem({
    settings: { ffn_hidden: 'ffnDim' },
    fixed: { ffn_activation: 'relu', ln_eps: 1e-8 },
    schema: sasrecSchema,
    build: sasRecModel,
    names: {
      'blocks/#/qkv': 'attention_layers.$1.in_proj_',
      'blocks/#/out': 'attention_layers.$1.out_proj.',
      'blocks/#/ffn/0': 'forward_layers.$1._conv1d.0.',
      'blocks/#/ffn/1': 'forward_layers.$1._conv1d.3.',
    },
    skip: isKeyBias,
  }),
  esasrec: nextItem({
    settings: { ff_factors_multiplier: 'ffnMultiplier' },
    fixed: { ln_eps: 1e-5 },
    schema: esasrecSchema,
    build: esasrecModel,
    names: Object.fromEntries(
      Object.entries({
        'norm/0': 'layer_norm_1.',
        'norm/1': 'layer_norm_2.',
        'residual-gates/0': 'gating_linear_1.',
        'residual-gates/1': 'gating_linear_2.',
        qkv: 'multi_head_attn.in_proj_',
        out: 'multi_head_attn.out_proj.',
        'ffn/gate': 'feed_forward.ff_linear_1.',
        'ffn/down': 'feed_forward.ff_linear_2.',
        'ffn/up': 'feed_forward.ff_linear_3.',
      }).map(([ours, theirs]) => [`blocks/#/${ours}`, `transformer_layers.transformer_blocks.$1.${theirs}`]),
    ),
    skip: isKeyBias,
  }),
  hstu: nextItem({
    settings: { dqk: 'dqk', dv: 'dv' },
    fixed: fixedTimes,
    schema: hstuSchema,
    build: hstuModel,
    names: {
      ...opening('_hstu._attention_layers.$1'),
      'blocks/#/out': '_hstu._attention_layers.$1._o.',
    },
  }),
  fuxi: nextItem({
    settings: { dqk: 'dqk', dv: 'dv', ffn_multiply: 'ffnMultiplier' },
    fixed: fixedTimes,
    schema: fuxiSchema,
    build: fuxiModel,
    names: { ...opening(fuxiLayer), ...multiStage },
  }),
  'fuxi-beta': nextItem({
    settings: { dv: 'dv', ffn_multiply: 'ffnMultiplier' },
    fixed: { norm_eps: 1e-6 },
    schema: fuxiBetaSchema,
    build: fuxiBetaModel,
    names: {
      'blocks/#/uv/weight': `${fuxiLayer}._uvqk`,
      'blocks/#/position-bias': `${fuxiLayer}._rel_attn_bias._pos_w`,
      'blocks/#/time-bias/scale': `${fuxiLayer}._rel_attn_bias._pow_a`,
      'blocks/#/time-bias/exponent': `${fuxiLayer}._rel_attn_bias._pow_b`,
      ...multiStage,
    },
  }),
  'fuxi-linear': nextItem({
    settings: {
      dqk: 'dqk',
      dv: 'dv',
      ffn_multiply: 'ffnMultiplier',
      N: 'maxLength',
      periods: 'periods',
      period_base: 'periodBase',
      first_period: 'firstPeriod',
      period_stride: 'periodStride',
      position_dim: 'positionDim',
    },
    fixed: { norm_eps: 1e-6 },
    schema: fuxiLinearSchema,
    build: fuxiLinearModel,
    names: {
      'time-decay': '_fuxi._attention_layers.0._channel_t._gamma',
      'blocks/#/uqkv/weight': `${fuxiLayer}._uvqk`,
      'blocks/#/retention': `${fuxiLayer}._retention._gamma`,
      'blocks/#/temporal/factors/gathered': `${fuxiLayer}._channel_t.alpha`,
      'blocks/#/temporal/factors/own': `${fuxiLayer}._channel_t.beta`,
      'blocks/#/temporal': `${fuxiLayer}._channel_t.proj_v.`,
      'blocks/#/positional/factors/gathered': `${fuxiLayer}._channel_p._alpha`,
      'blocks/#/positional/factors/own': `${fuxiLayer}._channel_p._beta`,
      'blocks/#/positional': `${fuxiLayer}._channel_p._proj_p.`,
      'blocks/#/positions': `${fuxiLayer}._channel_p._emb`,
      ...multiStage,
    },
  }),
  llamarec: nextItem({
    settings: {
      head_dim: 'headDim',
      ff: 'ffnDim',
      final_norm: 'finalNorm',
      rope_theta: 'ropeTheta',
      rms_eps: 'normEpsilon',
    },
    fixed: { rope_style: 'rotate_half' },
    schema: llamaSchema,
    build: llamaModel,
    names: { ...llamaBlocks, 'final-norm/scale': 'norm.weight' },
  }),
};
