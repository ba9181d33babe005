import { z } from 'zod';
import type { ParameterName } from './fixture.ts';
import { commonConfig, commonSettings } from './next-item.ts';

const whole = z.number().int().positive();

/** Config keys of hstu and fuxi fixtures. */
export const relativeConfig = commonConfig.extend({
  dqk: whole,
  dv: whole,
  time_buckets: z.literal(128).default(128),
  norm_eps: z.literal(1e-6).default(1e-6),
});

type Config = z.output<typeof relativeConfig>;

/** The reference divides by the padded length, which is also that of the position table. */
export function relativeSettings(config: Config) {
  const { N, dqk, dv } = config;
  return { ...commonSettings(config), normaliser: N, dqk, dv };
}

/** The product and the two tables of biases that open a block. `theirs`: the block's name in the fixture. */
export function openingNames(ours: string, theirs: string): ParameterName[] {
  return [
    { ours: `${ours}/uvqk/weight`, theirs: `${theirs}._uvqk` },
    { ours: `${ours}/time-bias`, theirs: `${theirs}._rel_attn_bias._ts_w` },
    { ours: `${ours}/position-bias`, theirs: `${theirs}._rel_attn_bias._pos_w` },
  ];
}
