/** Fixtures of causal encoders: the config of each model, and the names of its parameters there. */
import { z } from 'zod';
import { esasrecModel, esasrecSchema } from '../families/next-item/esasrec.ts';
import { fuxiModel, fuxiSchema } from '../families/next-item/fuxi-alpha.ts';
import { fuxiBetaModel, fuxiBetaSchema } from '../families/next-item/fuxi-beta.ts';
import { hstuModel, hstuSchema } from '../families/next-item/hstu.ts';
import { llamaModel, llamaSchema } from '../families/next-item/llama.ts';
import { sasRecModel, sasrecSchema } from '../families/next-item/sasrec.ts';
import type { ParameterName } from './model-check.ts';
import { checkNextItem, commonConfig, commonSettings, type NextItemFixture } from './next-item.ts';
import type { GoldenResult } from './tensor-compare.ts';

const whole = z.number().int().positive();

const sasrecConfig = commonConfig.extend({
  ffn_hidden: z.number().int().positive(),
  ffn_activation: z.literal('relu').default('relu'),
  ln_eps: z.literal(1e-8).default(1e-8),
});

type SasrecConfig = z.output<typeof sasrecConfig>;

function sasrecNames({ blocks }: SasrecConfig): ParameterName[] {
  return Array.from({ length: blocks }, (_, i) => {
    const [at, attention, ffn] = [`blocks/${i}`, `attention_layers.${i}`, `forward_layers.${i}`];
    return [
      { ours: `${at}/qkv/weight`, theirs: `${attention}.in_proj_weight`, transposed: true },
      { ours: `${at}/qkv/bias`, theirs: `${attention}.in_proj_bias` },
      { ours: `${at}/out/weight`, theirs: `${attention}.out_proj.weight`, transposed: true },
      { ours: `${at}/out/bias`, theirs: `${attention}.out_proj.bias` },
      { ours: `${at}/ffn/0/weight`, theirs: `${ffn}._conv1d.0.weight`, transposed: true },
      { ours: `${at}/ffn/0/bias`, theirs: `${ffn}._conv1d.0.bias` },
      { ours: `${at}/ffn/1/weight`, theirs: `${ffn}._conv1d.3.weight`, transposed: true },
      { ours: `${at}/ffn/1/bias`, theirs: `${ffn}._conv1d.3.bias` },
    ];
  }).flat();
}

const sasrecFixture: NextItemFixture<SasrecConfig> = {
  name: 'sasrec',
  config: sasrecConfig,
  build(given) {
    const settings = sasrecSchema.parse({ ...commonSettings(given), ffnDim: given.ffn_hidden });
    return { model: sasRecModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: sasrecNames,
  skip: isKeyBias,
};

/** The key bias shifts all scores of a query alike: its gradient is zero, its Adam step noise. */
function isKeyBias({ d }: { d: number }, name: string, i: number): boolean {
  return name.endsWith('in_proj_bias') && i >= d && i < 2 * d;
}

const esasrecConfig = commonConfig.extend({
  ff_factors_multiplier: whole,
  ln_eps: z.literal(1e-5).default(1e-5),
});

/** The layers of block i of RecTools. */
function ligrNames(i: number): ParameterName[] {
  const [at, layer] = [`blocks/${i}`, `transformer_layers.transformer_blocks.${i}`];
  const weight = (ours: string, theirs: string) => ({
    ours: `${at}/${ours}/weight`,
    theirs: `${layer}.${theirs}weight`,
    transposed: true,
  });
  const linear = (ours: string, theirs: string) => [
    weight(ours, theirs),
    { ours: `${at}/${ours}/bias`, theirs: `${layer}.${theirs}bias` },
  ];
  const numbered = [0, 1].flatMap((n) => [
    { ours: `${at}/norm/${n}/scale`, theirs: `${layer}.layer_norm_${n + 1}.weight` },
    { ours: `${at}/norm/${n}/shift`, theirs: `${layer}.layer_norm_${n + 1}.bias` },
    ...linear(`residual-gates/${n}`, `gating_linear_${n + 1}.`),
  ]);
  return [
    ...numbered,
    ...linear('qkv', 'multi_head_attn.in_proj_'),
    ...linear('out', 'multi_head_attn.out_proj.'),
    weight('ffn/gate', 'feed_forward.ff_linear_1.'),
    weight('ffn/down', 'feed_forward.ff_linear_2.'),
    weight('ffn/up', 'feed_forward.ff_linear_3.'),
  ];
}

const esasrecFixture: NextItemFixture<z.output<typeof esasrecConfig>> = {
  name: 'esasrec',
  config: esasrecConfig,
  build(given) {
    const settings = esasrecSchema.parse({
      ...commonSettings(given),
      ffnMultiplier: given.ff_factors_multiplier,
    });
    return { model: esasrecModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks }) => Array.from({ length: blocks }, (_, i) => ligrNames(i)).flat(),
  skip: isKeyBias,
};

/** Config keys of hstu and fuxi fixtures. */
const relativeConfig = commonConfig.extend({
  dqk: whole,
  dv: whole,
  time_buckets: z.literal(128).default(128),
  norm_eps: z.literal(1e-6).default(1e-6),
});

type RelativeConfig = z.output<typeof relativeConfig>;

/** The reference divides by the padded length, which is also that of the position table. */
function relativeSettings(config: RelativeConfig) {
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

const hstuFixture: NextItemFixture<RelativeConfig> = {
  name: 'hstu',
  config: relativeConfig,
  build(given) {
    const settings = hstuSchema.parse(relativeSettings(given));
    return { model: hstuModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks }) =>
    Array.from({ length: blocks }, (_, i) => {
      const [ours, theirs] = [`blocks/${i}`, `_hstu._attention_layers.${i}`];
      return [
        ...openingNames(ours, theirs),
        { ours: `${ours}/out/weight`, theirs: `${theirs}._o.weight`, transposed: true },
        { ours: `${ours}/out/bias`, theirs: `${theirs}._o.bias` },
      ];
    }).flat(),
};

const fuxiConfig = relativeConfig.extend({ ffn_multiply: z.number().int().positive() });

const fuxiFixture: NextItemFixture<z.output<typeof fuxiConfig>> = {
  name: 'fuxi',
  config: fuxiConfig,
  build(given) {
    const settings = fuxiSchema.parse({ ...relativeSettings(given), ffnMultiplier: given.ffn_multiply });
    return { model: fuxiModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks }) =>
    Array.from({ length: blocks }, (_, i) => {
      const [ours, theirs] = [`blocks/${i}`, `_fuxi._attention_layers.${i}`];
      return [...openingNames(ours, theirs), ...mffnNames(ours, theirs)];
    }).flat(),
};

/** The output of the channels and the gated feed-forward layer of a block. */
function mffnNames(ours: string, theirs: string): ParameterName[] {
  const weights: [string, number][] = [
    ['out', 0],
    ['ffn/gate', 1],
    ['ffn/down', 2],
    ['ffn/up', 3],
  ];
  return [
    ...weights.map(([name, n]) => ({
      ours: `${ours}/${name}/weight`,
      theirs: `${theirs}._mffn.lin${n}.weight`,
      transposed: true,
    })),
    { ours: `${ours}/out/bias`, theirs: `${theirs}._mffn.lin0.bias` },
  ];
}

const fuxiBetaConfig = commonConfig.extend({
  dv: whole,
  norm_eps: z.literal(1e-6).default(1e-6),
  ffn_multiply: whole,
});

const fuxiBetaFixture: NextItemFixture<z.output<typeof fuxiBetaConfig>> = {
  name: 'fuxi-beta',
  config: fuxiBetaConfig,
  build(given) {
    const { dv, ffn_multiply: ffnMultiplier } = given;
    const settings = fuxiBetaSchema.parse({ ...commonSettings(given), dv, ffnMultiplier });
    return { model: fuxiBetaModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks }) =>
    Array.from({ length: blocks }, (_, i) => {
      const [ours, theirs] = [`blocks/${i}`, `_fuxi._attention_layers.${i}`];
      return [
        { ours: `${ours}/uv/weight`, theirs: `${theirs}._uvqk` },
        { ours: `${ours}/time-bias/scale`, theirs: `${theirs}._rel_attn_bias._pow_a` },
        { ours: `${ours}/time-bias/exponent`, theirs: `${theirs}._rel_attn_bias._pow_b` },
        { ours: `${ours}/position-bias`, theirs: `${theirs}._rel_attn_bias._pos_w` },
        ...mffnNames(ours, theirs),
      ];
    }).flat(),
};

const llamarecConfig = commonConfig.extend({
  ff: whole,
  final_norm: z.boolean(),
  rms_eps: z.number().positive(),
  rope_theta: z.number().positive(),
  head_dim: whole,
  rope_style: z.literal('rotate_half').default('rotate_half'),
});

type LlamarecConfig = z.output<typeof llamarecConfig>;

/** The matrices and scales of block i in Hugging Face's layout. */
export function blockNames(i: number): ParameterName[] {
  const [at, layer] = [`blocks/${i}`, `layers.${i}`];
  const weight = (ours: string, theirs: string) => ({
    ours: `${at}/${ours}/weight`,
    theirs: `${layer}.${theirs}_proj.weight`,
    transposed: true,
  });
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

const llamarecFixture: NextItemFixture<LlamarecConfig> = {
  name: 'llamarec',
  config: llamarecConfig,
  build(given) {
    const settings = llamaSchema.parse({
      ...commonSettings(given),
      headDim: given.head_dim,
      ffnDim: given.ff,
      finalNorm: given.final_norm,
      ropeTheta: given.rope_theta,
      normEpsilon: given.rms_eps,
    });
    return { model: llamaModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks, final_norm }) => [
    ...Array.from({ length: blocks }, (_, i) => blockNames(i)).flat(),
    ...(final_norm ? [{ ours: 'final-norm/scale', theirs: 'norm.weight' }] : []),
  ],
};

/** By the model that a fixture names. */
export const causalChecks: Record<string, (fixture: unknown) => Promise<GoldenResult>> = {
  esasrec: (fixture) => checkNextItem(esasrecFixture, fixture),
  'fuxi-beta': (fixture) => checkNextItem(fuxiBetaFixture, fixture),
  fuxi: (fixture) => checkNextItem(fuxiFixture, fixture),
  hstu: (fixture) => checkNextItem(hstuFixture, fixture),
  llamarec: (fixture) => checkNextItem(llamarecFixture, fixture),
  sasrec: (fixture) => checkNextItem(sasrecFixture, fixture),
};
