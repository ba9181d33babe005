/** The family of language models: everything as text, three stages of training, answers to questions. */

import type { DatasetSummary } from '../../data/types.ts';
import { adaptersOf } from '../../decoders/lora-config.ts';
import { checkpointConfig } from '../../decoders/pretrained/checkpoint.ts';
import { requireUsable } from '../../decoders/pretrained/usable.ts';
import { countParameters } from '../../engine/index.ts';
import type { Config } from '../../training/config.ts';
import { family, type GivenSizes, type GivingRun, noCapabilities } from '../model.ts';
import { historiesObstacle } from '../obstacles.ts';
import { decoderConfig, languageSchema, measuredBy } from './language-config.ts';
import type { LanguageDefinition } from './language-model.ts';
import { languageModels } from './language-models.ts';
import { readLanguageModel } from './run-files.ts';
import { trainLanguage } from './run-language.ts';

export const language = family({
  id: 'language',
  models: languageModels,
  behaviour: (model) => ({
    ...noCapabilities,
    kind: 'language',
    watched: { metric: 'valid/loss', dependsOn: measuredBy },
    train: (context) => trainLanguage(model, context),
    obstacle: historiesObstacle,
    caution,
    givenSizes,
    requireFiles: (config) => {
      const { weights, tokenizer, adapter, chat } = languageSchema.parse(config);
      requireUsable({ weights, tokenizer, adapter, chats: chat === 'auto' });
    },
    epochWork: (config) => {
      const { stepsPerEpoch, batchSize, context } = languageSchema.parse(config);
      return stepsPerEpoch * batchSize * context * parameterCount(model, config);
    },
    parameterCount: (config) => parameterCount(model, config),
  }),
});

/** Items without a title are written by their ids, unless a template of the user's own leaves titles out. */
function caution({ name, statistics }: DatasetSummary, config: Config): string | null {
  const { template } = languageSchema.parse(config);
  const isOwn = template.trimStart().startsWith('{');
  if (statistics.hasTitles || (isOwn && !template.includes('{item.title}'))) return null;
  return `${name} has no item titles: prompts name its items by their ids; import it with a file of titles to train on words`;
}

/** Those of the run or the folder whose parameters training starts from. */
function givenSizes(given: Config, runOf: (run: string) => GivingRun): GivenSizes | null {
  const { startFrom, weights, context } = languageSchema.parse(given);
  if (startFrom === '' && weights === '') return null;
  const { vocabulary, dim, blocks, heads, kvHeads, headDim, ffnDim, tiedHead, ropeTheta, normEpsilon } =
    startFrom === ''
      ? checkpointConfig(weights, context)
      : readLanguageModel(runOf(startFrom).folder).decoder;
  const widths = { vocabulary, dim, blocks, heads, kvHeads, headDim, ffnDim };
  const sizes = { ...widths, tiedHead, ropeTheta, normEpsilon };
  return { of: startFrom === '' ? weights : `run ${startFrom}`, sizes };
}

/** Trained numbers; of a config that starts from a run or a folder, whose sizes it has. */
function parameterCount({ build }: LanguageDefinition, given: Config): number {
  const config = languageSchema.parse(given);
  const sizes = decoderConfig(config, config.vocabulary);
  return countParameters({ parameters: build(sizes, { adapters: adaptersOf(config) }).parameters });
}
