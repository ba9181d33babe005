import { z } from 'zod';
import { llamaModel, llamaSchema } from '../families/next-item/llama.ts';
import type { ParameterName } from './fixture.ts';
import { commonConfig, commonSettings, type NextItemFixture } from './next-item.ts';

const whole = z.number().int().positive();

const config = commonConfig.extend({
  ff: whole,
  final_norm: z.boolean(),
  rms_eps: z.number().positive(),
  rope_theta: z.number().positive(),
  head_dim: whole,
  rope_style: z.literal('rotate_half').default('rotate_half'),
});

type Config = z.output<typeof config>;

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

export const llamarecFixture: NextItemFixture<Config> = {
  name: 'llamarec',
  config,
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
