/** Config and encoder parts that HSTU and FuXi share: times, and tables of biases by position and time. */

import { z } from 'zod';
import type { Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { type RelativeMaps, relativeMaps } from '../../layers/index.ts';
import { type Config, field } from '../../training/config.ts';
import type { BatchShape } from '../../training/step-model.ts';
import { nextItemFields } from './encoder-config.ts';
import { type EncoderInput, scaledInput } from './encoder-input.ts';

/** The reference pads histories of at most 200 by 11 positions, and divides by the padded length. */
const EXTRA_POSITIONS = 11;

export const relativeFields = {
  ...nextItemFields,
  heads: field.positiveInt('Attention heads').default(1),
  dqk: field.positiveInt('Width of queries and keys in each head').default(64),
  dv: field.positiveInt('Width of values in each head').default(64),
  normaliser: field
    .nonNegativeInt('Constant that attention weights are divided by; 0 takes maxLength + 11, as published')
    .default(0),
  targetTime: z
    .enum(['seen', 'hidden'])
    .describe(
      'hidden: a position knows the time of its own interaction; seen: that of the interaction it predicts, at test time of ' +
        'the target, as published, which models without times do not; default "seen" under the paper protocol',
    )
    .default('hidden'),
} as const;

const targetTimeSchema = z.object({ targetTime: relativeFields.targetTime.unwrap().optional() });

/** Models that read times say in their protocol whether they know the target's. */
export function targetTimeOf(config: Config): { targetTime?: 'seen' | 'hidden' } {
  return targetTimeSchema.parse(config);
}

export type RelativeConfig = z.output<z.ZodObject<typeof relativeFields>>;

export function normaliserOf({ normaliser, maxLength }: RelativeConfig): number {
  return normaliser || maxLength + EXTRA_POSITIONS;
}

/** Positions that the bias table has room for; the published table is as wide as the padded length. */
export function spanOf(config: RelativeConfig, prefix = 0): number {
  return Math.max(normaliserOf(config), config.maxLength + prefix);
}

/** Positions are Xavier-normal for the padded length, as in the reference, though only maxLength rows are ever used. */
export function relativeInput({ maxLength, dim }: Pick<RelativeConfig, 'maxLength' | 'dim'>): EncoderInput {
  const std = Math.sqrt(2 / (maxLength + EXTRA_POSITIONS + dim));
  return scaledInput(dim, { kind: 'normal', std });
}

/** The maps of a batch; `prefix` positions at time 0 stand before its interactions. */
export function mapsOf(
  config: RelativeConfig,
  { times, queryTimes }: Tensors,
  { rows, length }: BatchShape,
  prefix = 0,
): RelativeMaps {
  const placed = (x: tf.Tensor) => (prefix === 0 ? x : tf.concat([tf.zeros([rows, prefix], 'int32'), x], 1));
  const given = times ? { queries: placed(queryTimes), keys: placed(times) } : null;
  return relativeMaps(length + prefix, spanOf(config, prefix), given);
}
