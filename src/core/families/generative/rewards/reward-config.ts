/** Config of trainings by reward or preference. Descriptions become help and form labels. */
import { z } from 'zod';
import { field } from '../../../training/config.ts';
import { negativeItems, negativeSettings } from '../../../training/negatives.ts';

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
      'beams: the most probable IDs, each once, as in MiniOneRec; sample: from the probabilities, each by itself, so that one may come twice',
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
  preferenceScale: field
    .positive('Factor of the log-probability ratios to the start')
    .meta(ofNegatives)
    .default(1),
  negatives: field.positiveInt('Items that each target is preferred to').meta(ofNegatives).default(3),
  negativeItems: negativeItems.meta({ ...negativeItems.meta(), ...ofNegatives }),
  ...negativeSettings,
} as const;

const schema = z.object(rewardFields);

export type RewardConfig = z.output<typeof schema>;

export const rewardOf = (config: Readonly<Record<string, unknown>>): RewardConfig => schema.parse(config);
