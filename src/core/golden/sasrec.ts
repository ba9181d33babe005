import { z } from 'zod';
import { sasRecModel, sasrecSchema } from '../families/next-item/sasrec.ts';
import type { ParameterName } from './fixture.ts';
import { commonConfig, commonSettings, type NextItemFixture } from './next-item.ts';

const config = commonConfig.extend({
  ffn_hidden: z.number().int().positive(),
  ffn_activation: z.literal('relu').default('relu'),
  ln_eps: z.literal(1e-8).default(1e-8),
});

type Config = z.output<typeof config>;

function names({ blocks }: Config): ParameterName[] {
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

export const sasrecFixture: NextItemFixture<Config> = {
  name: 'sasrec',
  config,
  build(given) {
    const settings = sasrecSchema.parse({ ...commonSettings(given), ffnDim: given.ffn_hidden });
    return { model: sasRecModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names,
  // The key bias shifts all scores of a query alike: its gradient is zero, its Adam step noise.
  skip: ({ d }, name, i) => name.endsWith('in_proj_bias') && i >= d && i < 2 * d,
};
