/** What a new run holds of a search and of a study of scaling, as typed, and what either begins as. */
import { z } from 'zod';
import type { ModelInfo } from '../../core/api/models.ts';
import {
  BASE_LARGE_BLOCKS,
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
  baseLargeSizes,
} from '../../core/api/studies.ts';
import { choicesOf, schemaFields } from '../components/schema.ts';
import { firstVaried, type VariedByKey, variedFields, variedOf } from './vary.ts';

/** What stops trials and the search; empty for none. */
const RULES = ['asha', 'unimproved'] as const;

/** How trials are chosen. A further way is a line here and, where it has a budget of its own, its fields there. */
export const SEARCHES = {
  grid: { label: 'Grid: every combination', words: 'every combination', fields: RULES },
  tpe: { label: 'TPE: proposed trials', words: 'TPE proposes', fields: ['trials', 'draw', ...RULES] },
  random: { label: 'Random: drawn trials', words: 'drawn at random', fields: ['trials', 'draw', ...RULES] },
} as const;
export type SearchBy = keyof typeof SEARCHES;

export const searchDraft = z.object({
  by: z.enum(Object.keys(SEARCHES) as [SearchBy, ...SearchBy[]]),
  trials: z.string(),
  draw: z.string(),
  /** Epochs of the first rung. */
  asha: z.string().default(''),
  unimproved: z.string().default(''),
});
export type SearchDraft = z.output<typeof searchDraft>;

const several = z.object({
  on: z.boolean(),
  values: z.array(z.string()).readonly(),
  /** What is typed and no value yet. */
  typed: z.string().optional(),
});
export type Several = z.output<typeof several>;

export const scalingDraft = z.object({
  sizes: several,
  /** Per cent of the users. */
  shares: several,
  /** Of base and Large. */
  blocks: several,
  /** Whose settings base and Large have. */
  published: z.enum(BASE_LARGE_SETTINGS),
});
export type ScalingDraft = z.output<typeof scalingDraft>;

export const firstSearch: SearchDraft = { by: 'grid', trials: '20', draw: '1', asha: '', unimproved: '' };

/** Of the trials that reach a rung one in so many goes on. */
export const ETA = 3;
/** How many of the best are trained from all seeds. */
const FINALISTS = 3;

/** Whether trials are made one after the other, so that each is trained from the first seed and the best from all. */
export const isSteered = ({ by, asha, unimproved }: SearchDraft) => by === 'tpe' || asha + unimproved !== '';

/** What a search asks for beside what is varied. */
export function searcherOf(search: SearchDraft, seeds: readonly number[]) {
  const { by, trials, draw, asha, unimproved } = search;
  const steered = isSteered(search);
  const budget = by === 'grid' ? { trials: 20, draw: 1 } : { trials: Number(trials), draw: Number(draw) };
  return {
    ...{ search: by, ...budget, seeds: steered ? seeds.slice(0, 1) : [...seeds] },
    ...(asha === '' ? {} : { asha: { min: Number(asha), eta: ETA } }),
    ...(unimproved === '' ? {} : { stop: { unimproved: Number(unimproved) } }),
    ...(steered && seeds.length > 1 ? { finalists: { trials: FINALISTS, seeds: [...seeds] } } : {}),
  };
}

export const firstScaling: ScalingDraft = {
  sizes: { on: false, values: ['16x2', '32x2', '64x2', '128x2', '256x2'] },
  shares: { on: false, values: ['12.5', '25', '50', '100'] },
  blocks: { on: false, values: BASE_LARGE_BLOCKS.map(String) },
  published: 'ml-1m',
};

/** With what a new run opens as a search. */
export interface SearchTemplate {
  /** A setting, or the size and the share of the users. */
  varies?: 'setting' | 'size';
  /** What an earlier search or study varied. */
  again?: {
    vary?: readonly { key: string; values: string }[];
    search?: Partial<SearchDraft>;
    scaling?: Partial<ScalingDraft>;
  };
}

/** `config`: what counts where nothing is varied. */
export function searchParts(
  { varies, again = {} }: SearchTemplate,
  info: ModelInfo | undefined,
  config: Readonly<Record<string, unknown>>,
): { vary: VariedByKey; search: SearchDraft; scaling: ScalingDraft } {
  const on = varies === 'size' ? { on: true } : {};
  const { sizes, shares } = firstScaling;
  return {
    vary: {
      ...(varies === 'setting' && info ? firstSetting(info, config) : {}),
      ...Object.fromEntries(again.vary?.map(({ key, values }) => [key, variedOf(values)]) ?? []),
    },
    search: { ...firstSearch, ...again.search },
    scaling: { ...firstScaling, sizes: { ...sizes, ...on }, shares: { ...shares, ...on }, ...again.scaling },
  };
}

/** The learning rate, where there is one. */
function firstSetting(info: ModelInfo, config: Readonly<Record<string, unknown>>): VariedByKey {
  const fields = schemaFields(info.configSchema).filter(({ key }) => variedFields(info).includes(key));
  const field = fields.find(({ key }) => key === 'learningRate') ?? fields[0];
  return field
    ? { [field.key]: firstVaried(field, config[field.key] ?? field.default, choicesOf(field)) }
    : {};
}

/** The preset that a model has as base. */
export function publishedPreset({ published }: ScalingDraft, model: string): string | undefined {
  if (!BASE_LARGE_MODELS.some((id) => id === model)) return undefined;
  return baseLargeSizes({ models: [model], settings: published, blocks: BASE_LARGE_BLOCKS })[0].variant
    ?.preset;
}
