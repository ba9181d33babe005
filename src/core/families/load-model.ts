/** One model, without the families that it is none of: most of what a trainer would read at its start is theirs. */
import { UserError } from '../errors.ts';
import { type FamilyId, modelFamily } from '../model-facts.ts';
import { plainName, versionOf } from '../plugins/ids.ts';
import type { Family, Model } from './model.ts';
import { presetsOf } from './presets.ts';

const families: Readonly<Record<FamilyId, () => Promise<Family>>> = {
  'next-item': async () => (await import('./next-item/family.ts')).nextItem,
  tokenisers: async () => (await import('./tokenisers/family.ts')).tokenisers,
  clicks: async () => (await import('./clicks/family.ts')).clicks,
  language: async () => (await import('./language/family.ts')).language,
  generative: async () => (await import('./generative/family.ts')).generative,
};

let added: readonly Model[] = [];

/** Those of plug-ins, oldest first, in place of the ones that were added before. */
export function setAddedModels(those: readonly Model[]): void {
  added = those;
}

/** The newest version of each model that plug-ins add. */
export function addedModels(): Model[] {
  return [...new Map(added.map((model) => [plainName(model.id), model])).values()];
}

/** One of a plug-in by its id, or the newest of a name; undefined where no plug-in has it. */
export function findAdded(id: string): Model | undefined {
  return added.findLast((model) => model.id === id || plainName(model.id) === id);
}

/** @throws UserError naming the known models */
export async function loadModel(id: string): Promise<Model> {
  const ofPlugin = findAdded(id);
  if (ofPlugin) return ofPlugin;
  const known = modelFamily(id);
  // A new model is known once `npm run docs` has written its family down.
  const looked = known ? [families[known]] : Object.values(families);
  const models: Model[] = [];
  for (const load of looked) models.push(...modelsOf(await load()));
  const model = models.find((candidate) => candidate.id === id);
  if (!model) throw unknownModel(id, models);
  return model;
}

export function modelsOf({ models, withAdded }: Pick<Family, 'models' | 'withAdded'>): Model[] {
  return models.map((model) => ({
    ...model,
    get configSchema() {
      return withAdded?.(model.configSchema) ?? model.configSchema;
    },
    // Read when asked for: most commands and every trainer need none.
    get presets() {
      return presetsOf(model.id);
    },
  }));
}

export function unknownModel(id: string, models: readonly Model[]): UserError {
  if (versionOf(id) !== null) return unknownPlugin(id);
  return new UserError({
    code: 'unknown-model',
    problem: `unknown model "${id}"`,
    fix: `choose one of: ${models.map((model) => model.id).join(', ')}`,
  });
}

/** Of what a plug-in adds that is not there, by its name or its version. */
export function unknownPlugin(name: string): UserError {
  const version = versionOf(name) ?? name;
  const agree = 'read it, and agree to it with: tessera plugins add FILE';
  return new UserError({
    code: 'unknown-model',
    problem: `"${name}" is of a plug-in that you have not agreed to; the data folder may keep it as plugins/${version}….ts`,
    fix: { cli: agree, window: `${agree}, in a terminal` },
  });
}
