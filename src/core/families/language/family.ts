/** The family of language models: everything as text, three stages of training, answers to questions. */
import { countParameters } from '../../engine/index.ts';
import type { Config } from '../../training/config.ts';
import { family, noCapabilities } from '../model.ts';
import { historiesObstacle } from '../obstacles.ts';
import { adaptersOf, decoderConfig, languageSchema, measuredBy } from './language-config.ts';
import type { LanguageDefinition } from './language-model.ts';
import { languageModels } from './language-models.ts';
import { trainLanguage } from './run-language.ts';

export const language = family({
  id: 'language',
  task: 'language',
  models: languageModels,
  behaviour: (model) => ({
    ...noCapabilities,
    kind: 'language',
    watched: { metric: 'valid/loss', dependsOn: measuredBy },
    train: (context) => trainLanguage(model, context),
    obstacle: historiesObstacle,
    parameterCount: (config) => parameterCount(model, config),
  }),
});

/** Null where another run or a folder of weights decides. */
function parameterCount({ build }: LanguageDefinition, given: Config): number | null {
  const config = languageSchema.parse(given);
  if (config.startFrom !== '' || config.weights !== '') return null;
  const sizes = decoderConfig(config, config.vocabulary);
  return countParameters({ parameters: build(sizes, { adapters: adaptersOf(config) }).parameters });
}
