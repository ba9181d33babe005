/** One model, without the families that it is none of: most of what a trainer would read at its start is theirs. */
import { UserError } from '../errors.ts';
import { type FamilyId, modelFamily } from '../model-facts.ts';
import type { Family, Model } from './model.ts';
import { presetsOf } from './presets.ts';

const families: Readonly<Record<FamilyId, () => Promise<Family>>> = {
  'next-item': async () => (await import('./next-item/family.ts')).nextItem,
  tokenisers: async () => (await import('./tokenisers/family.ts')).tokenisers,
  clicks: async () => (await import('./clicks/family.ts')).clicks,
  language: async () => (await import('./language/family.ts')).language,
  generative: async () => (await import('./generative/family.ts')).generative,
};

/** @throws UserError naming the known models */
export async function loadModel(id: string): Promise<Model> {
  const known = modelFamily(id);
  // A new model is known once `npm run docs` has written its family down.
  const looked = known ? [families[known]] : Object.values(families);
  const models: Model[] = [];
  for (const load of looked) models.push(...modelsOf(await load()));
  const model = models.find((candidate) => candidate.id === id);
  if (!model) throw unknownModel(id, models);
  return model;
}

export function modelsOf({ models }: Family): Model[] {
  return models.map((model) => ({
    ...model,
    // Read when asked for: most commands and every trainer need none.
    get presets() {
      return presetsOf(model.id);
    },
  }));
}

export function unknownModel(id: string, models: readonly Model[]): UserError {
  return new UserError({
    code: 'unknown-model',
    problem: `unknown model "${id}"`,
    fix: `choose one of: ${models.map((model) => model.id).join(', ')}`,
  });
}
