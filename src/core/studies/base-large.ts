/** "Do they get better when they get larger?": the models of the FuXi-α table, each as base and as Large. */

import { UserError } from '../errors.ts';
import type { StudySize } from './study.ts';
import { BASE_LARGE_SETTINGS } from './study-choices.ts';

/** Published settings of each model, base and Large, by data set. */
export const BASE_LARGE_PRESETS: Record<string, Record<string, readonly [base: string, large: string]>> = {
  'ml-1m': {
    sasrec: ['ml-1m', 'ml-1m-large'],
    llama: ['ml-1m', 'ml-1m-large'],
    hstu: ['ml-1m', 'ml-1m-large'],
    'fuxi-alpha': ['ml-1m', 'ml-1m-large'],
  },
  'ml-20m': {
    sasrec: ['ml-20m-fuxi', 'ml-20m-large'],
    llama: ['ml-20m', 'ml-20m-large'],
    hstu: ['ml-20m-fuxi', 'ml-20m-fuxi-large'],
    'fuxi-alpha': ['ml-20m', 'ml-20m-large'],
  },
  kuairand: {
    sasrec: ['kuairand', 'kuairand-large'],
    llama: ['kuairand', 'kuairand-large'],
    hstu: ['kuairand', 'kuairand-large'],
    'fuxi-alpha': ['kuairand', 'kuairand-large'],
  },
};

export interface BaseLargeChoice {
  /** Ids, of `BASE_LARGE_MODELS`. */
  models: readonly string[];
  /** Whose published settings, of `BASE_LARGE_SETTINGS`. */
  settings: string;
  /** Blocks of base and Large. */
  blocks: readonly [base: number, large: number];
}

/** Whose published settings the sizes of such a study have, of `BASE_LARGE_SETTINGS`. */
export function publishedSettings(
  sizes: readonly StudySize[],
): (typeof BASE_LARGE_SETTINGS)[number] | undefined {
  return BASE_LARGE_SETTINGS.find((known) =>
    sizes.every(
      ({ variant }) => variant && BASE_LARGE_PRESETS[known][variant.model]?.includes(variant.preset ?? ''),
    ),
  );
}

/**
 * The sizes of such a study: all models' bases first, so that the quick runs come early.
 * Throws UserError for a model or settings that the table does not have, or a Large that is not larger.
 */
export function baseLargeSizes({ models, settings, blocks }: BaseLargeChoice): StudySize[] {
  const presets = BASE_LARGE_PRESETS[settings];
  if (!presets) {
    throw new UserError(
      `there are no published settings "${settings}"; choose one of: ${BASE_LARGE_SETTINGS.join(', ')}`,
    );
  }
  const unknown = models.find((model) => !presets[model]);
  if (unknown !== undefined) {
    throw new UserError(
      `${unknown} has no published base and Large; choose among: ${Object.keys(presets).join(', ')}`,
    );
  }
  if (!(blocks[0] < blocks[1])) {
    throw new UserError(`Large needs more blocks than base, and ${blocks[1]} is not more than ${blocks[0]}`);
  }
  return (['base', 'large'] as const).flatMap((role, at) =>
    models.map((model) => ({
      label: `${model}-${role}`,
      config: { blocks: blocks[at] },
      variant: { model, preset: presets[model][at], role },
    })),
  );
}
