/** Every family, and with it every model. */
import { pathsIn } from '../files/path-fields.ts';
import { requireReadable } from '../files/readable.ts';
import { type FamilyId, learnTitles } from '../model-facts.ts';
import type { Config } from '../training/config.ts';
import { clicks } from './clicks/family.ts';
import { completeConfig, configFor } from './config-of.ts';
import { generative } from './generative/family.ts';
import { language } from './language/family.ts';
import { addedModels, findAdded, modelsOf, unknownModel } from './load-model.ts';
import type { Family, Model } from './model.ts';
import { nextItem } from './next-item/family.ts';
import { tokenisers } from './tokenisers/family.ts';

const families: Readonly<Record<FamilyId, Family>> = {
  'next-item': nextItem,
  tokenisers,
  clicks,
  language,
  generative,
};

/** Every model of Tessera, simplest first. */
export const models: readonly Model[] = Object.values(families).flatMap(modelsOf);
learnTitles(models);

/** With those of plug-ins, the newest version of each. */
export function allModels(): Model[] {
  return [...models, ...addedModels()];
}

/** A model by its id; one of a plug-in by its name alone is the newest version. Throws UserError naming the known models. */
export function findModel(id: string): Model {
  const model = models.find((candidate) => candidate.id === id) ?? findAdded(id);
  if (!model) throw unknownModel(id, allModels());
  return model;
}

/**
 * The full config of a model: defaults (those of the protocol included), then the preset, then the overrides,
 * checked by its schema.
 * @throws UserError with the key as its field, and where it names a file that the caller may not have read
 */
export function resolveConfig(id: string, options: { preset?: string; overrides?: Config } = {}): Config {
  const model = findModel(id);
  const config = completeConfig(model, options, models);
  requireReadable(pathsIn(model.configSchema, config));
  return config;
}

/** The full config of a run, whoever asks: it was checked when the run was made. */
export function configOfRun({ model, config }: { model: string; config: Config }): Config {
  return configFor(findModel(model), config);
}
