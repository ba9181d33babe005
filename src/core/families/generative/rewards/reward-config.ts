/** Config of trainings by reward or preference. Descriptions become help and form labels. */
import { z } from 'zod';
import { field } from '../../../training/config.ts';
import { negativeItems, negativeSettings } from '../../../training/negatives.ts';
import type { StopLimit } from '../../../training/stop-limits.ts';

const ofGrpo = { readWith: { objective: ['grpo'] } };
const ofNegatives = { readWith: { objective: ['s-dpo'] } };

export const rewardFields = {
  objective: z
    .enum(['grpo', 's-dpo'])
    .describe(
      'grpo: IDs are drawn by the present model, and those above the mean reward of their group become more likely; ' +
        's-dpo: the item that came next is preferred to several drawn ones in one softmax',
    )
    .default('grpo'),
  group: z.number().int().min(2).describe('IDs that are drawn for a history').meta(ofGrpo).default(16),
  drawing: z
    .enum(['beams', 'sample'])
    .describe(
      'beams: the most probable IDs, each once, one of two ways that the paper of MiniOneRec names; sample: from the probabilities, each by itself, so that one may come twice',
    )
    .meta(ofGrpo)
    .default('beams'),
  drawingTemperature: field
    .positive('Divides the logits before IDs are drawn (drawing=sample)')
    .meta(ofGrpo)
    .default(1),
  reward: z
    .enum(['rank-aware', 'hit'])
    .describe(
      'hit: 1 of the ID of the item that came next, else 0; rank-aware: besides, where a group has a hit, other IDs lose more ' +
        'the higher the model ranks them',
    )
    .meta(ofGrpo)
    .default('rank-aware'),
  updates: field.positiveInt('Optimiser steps on what was drawn once').meta(ofGrpo).default(1),
  clipRange: field
    .positive('How far from 1 the ratio of present to drawing probability still counts')
    .meta(ofGrpo)
    .default(0.2),
  klWeight: z
    .number()
    .nonnegative()
    .describe('Weight of the divergence from the start')
    .meta(ofGrpo)
    .default(0.001),
  klLimit: z
    .number()
    .nonnegative()
    .describe(
      'Largest mean divergence from the start (train/kl) of an epoch that another one follows; the first above it is the last; 0: none',
    )
    .meta(ofGrpo)
    .default(0),
  leastDistinct: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'Smallest mean share of distinct IDs in a group (train/distinct) of an epoch that another one follows (drawing=sample); 0: none',
    )
    .meta({ readWith: { ...ofGrpo.readWith, drawing: ['sample'] } })
    .default(0),
  preferenceScale: field
    .positive('Factor of the log-probability ratios to the start')
    .meta(ofNegatives)
    .default(1),
  negatives: field.positiveInt('Items that each target is preferred to').meta(ofNegatives).default(3),
  negativeItems: negativeItems.meta({ ...negativeItems.meta(), ...ofNegatives }),
  ...negativeSettings,
} as const;

/** IDs by beams come once each. */
export const distinctRule = [
  ({ objective, drawing, leastDistinct }: Pick<RewardConfig, 'objective' | 'drawing' | 'leastDistinct'>) =>
    leastDistinct === 0 || (objective === 'grpo' && drawing === 'sample'),
  {
    path: ['leastDistinct'],
    message: 'IDs that are not drawn one by one are always distinct: set objective=grpo and drawing=sample',
  },
] satisfies [unknown, unknown];

const schema = z.object(rewardFields);

export type RewardConfig = z.output<typeof schema>;

/** What ends a training by reward early, besides its patience. */
export function rewardLimits({ objective, klLimit, leastDistinct }: RewardConfig): StopLimit[] {
  if (objective !== 'grpo') return [];
  const limits: StopLimit[] = [
    { metric: 'train/kl', past: 'above', value: klLimit, key: 'klLimit' },
    { metric: 'train/distinct', past: 'below', value: leastDistinct, key: 'leastDistinct' },
  ];
  return limits.filter(({ value }) => value > 0);
}

export const rewardOf = (config: Readonly<Record<string, unknown>>): RewardConfig => schema.parse(config);
