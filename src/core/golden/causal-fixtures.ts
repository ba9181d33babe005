/** Fixtures of causal encoders: the config of each model, and the names of its parameters there. */
import { z } from 'zod';
import { esasrecModel, esasrecSchema } from '../families/next-item/esasrec.ts';
import { fuxiModel, fuxiSchema } from '../families/next-item/fuxi-alpha.ts';
import { fuxiBetaModel, fuxiBetaSchema } from '../families/next-item/fuxi-beta.ts';
import { hstuModel, hstuSchema } from '../families/next-item/hstu.ts';
import { llamaModel, llamaSchema } from '../families/next-item/llama.ts';
import { sasRecModel, sasrecSchema } from '../families/next-item/sasrec.ts';
import { linearNames, normNames, type ParameterName, weightName } from './model-check.ts';
import { commonConfig, commonSettings, nextItemCheck } from './next-item.ts';
import { type FixtureCheck, whole } from './tensor-compare.ts';

const sasrec = nextItemCheck('sasrec', {
  config: commonConfig.extend({
    ffn_hidden: whole,
    ffn_activation: z.literal('relu').default('relu'),
    ln_eps: z.literal(1e-8).default(1e-8),
  }),
  settings: (given) => ({ ...commonSettings(given), ffnDim: given.ffn_hidden }),
  schema: sasrecSchema,
  build: sasRecModel,
  block(i) {
    const [at, attention, ffn] = [`blocks/${i}`, `attention_layers.${i}`, `forward_layers.${i}`];
    return [
      ...linearNames(`${at}/qkv`, `${attention}.in_proj_`),
      ...linearNames(`${at}/out`, `${attention}.out_proj.`),
      ...linearNames(`${at}/ffn/0`, `${ffn}._conv1d.0.`),
      ...linearNames(`${at}/ffn/1`, `${ffn}._conv1d.3.`),
    ];
  },
  skip: isKeyBias,
});

/** The key bias shifts all scores of a query alike: its gradient is zero, its Adam step noise. */
function isKeyBias({ d }: { d: number }, name: string, i: number): boolean {
  return name.endsWith('in_proj_bias') && i >= d && i < 2 * d;
}

const esasrec = nextItemCheck('esasrec', {
  config: commonConfig.extend({ ff_factors_multiplier: whole, ln_eps: z.literal(1e-5).default(1e-5) }),
  settings: (given) => ({ ...commonSettings(given), ffnMultiplier: given.ff_factors_multiplier }),
  schema: esasrecSchema,
  build: esasrecModel,
  block(i) {
    const [at, layer] = [`blocks/${i}`, `transformer_layers.transformer_blocks.${i}`];
    const numbered = [0, 1].flatMap((n) => [
      ...normNames(`${at}/norm/${n}`, `${layer}.layer_norm_${n + 1}.`),
      ...linearNames(`${at}/residual-gates/${n}`, `${layer}.gating_linear_${n + 1}.`),
    ]);
    return [
      ...numbered,
      ...linearNames(`${at}/qkv`, `${layer}.multi_head_attn.in_proj_`),
      ...linearNames(`${at}/out`, `${layer}.multi_head_attn.out_proj.`),
      weightName(`${at}/ffn/gate`, `${layer}.feed_forward.ff_linear_1.`),
      weightName(`${at}/ffn/down`, `${layer}.feed_forward.ff_linear_2.`),
      weightName(`${at}/ffn/up`, `${layer}.feed_forward.ff_linear_3.`),
    ];
  },
  skip: isKeyBias,
});

/** Config keys of hstu and fuxi fixtures. */
const relativeConfig = commonConfig.extend({
  dqk: whole,
  dv: whole,
  time_buckets: z.literal(128).default(128),
  norm_eps: z.literal(1e-6).default(1e-6),
});

/** The reference divides by the padded length, which is also that of the position table. */
function relativeSettings(config: z.output<typeof relativeConfig>) {
  const { N, dqk, dv } = config;
  return { ...commonSettings(config), normaliser: N, dqk, dv };
}

/** The product and the two tables of biases that open a block. `theirs`: the block's name in the fixture. */
function openingNames(ours: string, theirs: string): ParameterName[] {
  return [
    { ours: `${ours}/uvqk/weight`, theirs: `${theirs}._uvqk` },
    { ours: `${ours}/time-bias`, theirs: `${theirs}._rel_attn_bias._ts_w` },
    { ours: `${ours}/position-bias`, theirs: `${theirs}._rel_attn_bias._pos_w` },
  ];
}

const hstu = nextItemCheck('hstu', {
  config: relativeConfig,
  settings: relativeSettings,
  schema: hstuSchema,
  build: hstuModel,
  block(i) {
    const [ours, theirs] = [`blocks/${i}`, `_hstu._attention_layers.${i}`];
    return [...openingNames(ours, theirs), ...linearNames(`${ours}/out`, `${theirs}._o.`)];
  },
});

const fuxi = nextItemCheck('fuxi', {
  config: relativeConfig.extend({ ffn_multiply: whole }),
  settings: (given) => ({ ...relativeSettings(given), ffnMultiplier: given.ffn_multiply }),
  schema: fuxiSchema,
  build: fuxiModel,
  block(i) {
    const [ours, theirs] = [`blocks/${i}`, `_fuxi._attention_layers.${i}`];
    return [...openingNames(ours, theirs), ...mffnNames(ours, theirs)];
  },
});

/** The output of the channels and the gated feed-forward layer of a block. */
function mffnNames(ours: string, theirs: string): ParameterName[] {
  return [
    ...linearNames(`${ours}/out`, `${theirs}._mffn.lin0.`),
    weightName(`${ours}/ffn/gate`, `${theirs}._mffn.lin1.`),
    weightName(`${ours}/ffn/down`, `${theirs}._mffn.lin2.`),
    weightName(`${ours}/ffn/up`, `${theirs}._mffn.lin3.`),
  ];
}

const fuxiBeta = nextItemCheck('fuxi-beta', {
  config: commonConfig.extend({
    dv: whole,
    norm_eps: z.literal(1e-6).default(1e-6),
    ffn_multiply: whole,
  }),
  settings: (given) => ({ ...commonSettings(given), dv: given.dv, ffnMultiplier: given.ffn_multiply }),
  schema: fuxiBetaSchema,
  build: fuxiBetaModel,
  block(i) {
    const [ours, theirs] = [`blocks/${i}`, `_fuxi._attention_layers.${i}`];
    return [
      { ours: `${ours}/uv/weight`, theirs: `${theirs}._uvqk` },
      { ours: `${ours}/time-bias/scale`, theirs: `${theirs}._rel_attn_bias._pow_a` },
      { ours: `${ours}/time-bias/exponent`, theirs: `${theirs}._rel_attn_bias._pow_b` },
      { ours: `${ours}/position-bias`, theirs: `${theirs}._rel_attn_bias._pos_w` },
      ...mffnNames(ours, theirs),
    ];
  },
});

/** The matrices and scales of block i in Hugging Face's layout. */
export function blockNames(i: number): ParameterName[] {
  const [at, layer] = [`blocks/${i}`, `layers.${i}`];
  const weight = (ours: string, theirs: string) => weightName(`${at}/${ours}`, `${layer}.${theirs}_proj.`);
  return [
    { ours: `${at}/norm/0/scale`, theirs: `${layer}.input_layernorm.weight` },
    weight('query', 'self_attn.q'),
    weight('key', 'self_attn.k'),
    weight('value', 'self_attn.v'),
    weight('out', 'self_attn.o'),
    { ours: `${at}/norm/1/scale`, theirs: `${layer}.post_attention_layernorm.weight` },
    weight('ffn/gate', 'mlp.gate'),
    weight('ffn/up', 'mlp.up'),
    weight('ffn/down', 'mlp.down'),
  ];
}

const llamarec = nextItemCheck('llamarec', {
  config: commonConfig.extend({
    ff: whole,
    final_norm: z.boolean(),
    rms_eps: z.number().positive(),
    rope_theta: z.number().positive(),
    head_dim: whole,
    rope_style: z.literal('rotate_half').default('rotate_half'),
  }),
  settings: (given) => ({
    ...commonSettings(given),
    headDim: given.head_dim,
    ffnDim: given.ff,
    finalNorm: given.final_norm,
    ropeTheta: given.rope_theta,
    normEpsilon: given.rms_eps,
  }),
  schema: llamaSchema,
  build: llamaModel,
  block: blockNames,
  others: ({ final_norm }) => (final_norm ? [{ ours: 'final-norm/scale', theirs: 'norm.weight' }] : []),
});

/** By the model that a fixture names. */
export const causalChecks: Record<string, FixtureCheck> = {
  esasrec,
  'fuxi-beta': fuxiBeta,
  fuxi,
  hstu,
  llamarec,
  sasrec,
};
