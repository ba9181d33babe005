import { z } from 'zod';
import { UserError } from '../../../errors.ts';
import { type Config, dataFields, field, protocolFields, trainingFields } from '../../../training/config.ts';
import { sideFields } from '../../../training/side-features.ts';
import { SOURCES } from '../../../training/sources.ts';
import { generationFields, requireTenBeams, sourceFields } from '../generative-config.ts';
import type { SequentialDefinition } from '../generative-model.ts';
import { distinctRule, rewardFields } from '../rewards/reward-config.ts';
import { lcRec } from './lc-rec.ts';
import { tiger } from './tiger.ts';

/** Models whose IDs can be rewarded: their lists are what they generate. */
const POLICIES: readonly SequentialDefinition[] = [tiger, lcRec];

// Probabilities are over what continues a prefix, as lists are made.
const { softmax: _softmax, ...listFields } = generationFields;

// Steps compare their probabilities with those that lists were drawn by, in float32.
const { precision: _precision, ...wholeTrainingFields } = trainingFields;

/** Keys that are those of the run that is rewarded, whatever the model. */
const givenFields = {
  tokeniser: sourceFields.tokeniser,
  maxLength: sourceFields.maxLength,
  ...sideFields,
  ...listFields,
  ...dataFields,
  ...protocolFields,
};

export const rewardedSchema = z
  .object({
    policy: z.string().describe(SOURCES.policy.description).default(''),
    ...rewardFields,
    ...givenFields,
    ...wholeTrainingFields,
    epochs: field
      .nonNegativeInt('Epochs of epochSteps steps; the lists are validated before the first and after each')
      .default(10),
    epochSteps: field.nonNegativeInt('Optimiser steps per epoch; 0: one pass over the data').default(40),
    batchSize: field.positiveInt('Histories of one step, each with a group of IDs').default(64),
    learningRate: field.positive('Step size after warm-up').default(1e-4),
    clipNorm: trainingFields.clipNorm.unwrap().default(1),
    patience: field
      .nonNegativeInt('Stop after this many validations without improvement; 0: never')
      .default(3),
  })
  .refine(...requireTenBeams)
  .refine(...distinctRule);

/** The keys that come with the run that is rewarded, as it has them. */
function givenByPolicy({ model, config }: { model: string; config: Config }): Config {
  const whole = policyModel(model).configSchema.parse(config);
  const keys = Object.keys(givenFields).filter((key) => key in whole);
  return Object.fromEntries(keys.map((key) => [key, whole[key]]));
}

function policyModel(id: string): SequentialDefinition {
  const policy = POLICIES.find((one) => one.id === id);
  if (policy) return policy;
  throw new UserError({
    code: 'bad-config',
    field: 'policy',
    problem: `a run of ${id} cannot be rewarded: name one of ${POLICIES.map((one) => one.id).join(', ')}`,
  });
}

/** Where the config of the run's model is kept beside that of this one, for `build`. */
const MODEL = 'policyModel';

/**
 * A trained model of Semantic IDs goes on by reward: GRPO with the rank-aware reward of MiniOneRec, or the softmax over several
 * negatives of S-DPO. It is the model of the run that it starts from, without dropout and with probabilities over what continues a prefix.
 */
export const rewarded: SequentialDefinition = {
  id: 'rewarded',
  title: 'Rewarded',
  summary: 'Continues a trained TIGER or LC-Rec by reward.',
  group: 'generative',
  paper: {
    title: 'MiniOneRec: An Open-Source Framework for Scaling Generative Recommendation',
    authors: 'Xiaoyu Kong, Leheng Sheng, Junfei Tan, and others',
    year: 2025,
    where: 'arXiv:2510.24431',
  },
  sources: { policy: 'required', tokeniser: 'optional' },
  essentials: ['policy', 'objective', 'group', 'klWeight', 'learningRate', 'epochs'],
  configSchema: rewardedSchema,
  generation: 'sequential',
  positionWork: (config) => policyModel(String(config[MODEL] ?? tiger.id)).positionWork?.(config) ?? 1,
  rewarded: {
    given: givenByPolicy,
    whole: (config, { model, config: its }) => ({
      ...policyModel(model).configSchema.parse(its),
      ...config,
      [MODEL]: model,
    }),
  },
  build: (config, tokens, facts) =>
    policyModel(String(config[MODEL])).build(
      // What is rewarded has the changes of its adapters in its matrices.
      { ...config, dropout: 0, loraRank: 0, softmax: 'continuations' },
      tokens,
      facts,
    ),
};
