import { UserError } from '../../errors.ts';
import type { LanguageDefinition } from './language-model.ts';
import { brew } from './models/brew.ts';

export const languageModels: readonly LanguageDefinition[] = [brew];

/** Throws UserError for an id of no language model. */
export function findLanguageModel(id: string): LanguageDefinition {
  const model = languageModels.find((candidate) => candidate.id === id);
  if (model) return model;
  throw new UserError(`${id} is no language model; those are: ${languageModels.map((m) => m.id).join(', ')}`);
}
