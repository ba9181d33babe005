import titles from './model-titles.json' with { type: 'json' };

/** Titles of models by id, such as "SASRec" for "sasrec". */
export const MODEL_TITLES: Readonly<Record<string, string>> = titles;

/** A model by its title; one that this version does not have by its id. */
export function modelTitle(id: string): string {
  return MODEL_TITLES[id] ?? id;
}
