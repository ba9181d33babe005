/** Where negatives come from: one object each, chosen by the key `negativeItems`. */
import { z } from 'zod';
import type { ItemCounts } from '../data/batches/item-sampler.ts';
import { field } from './config.ts';

export const negativeSettings = {
  negativeAlpha: z
    .number()
    .min(0)
    .max(1)
    .describe('Negatives by popularity are drawn in proportion to it to this power')
    .default(0.5),
  negativeUniform: field
    .fraction('Share of the mixed negatives that is drawn from all items alike')
    .meta({ readWith: { negativeItems: ['mixed'] } })
    .default(0.5),
} as const;

type Settings = z.output<z.ZodObject<typeof negativeSettings>>;

export interface NegativeSource {
  /** In the help of `negativeItems`. */
  summary: string;
  /** Items that their user has interacted with in training are drawn again. */
  isUnseen: boolean;
  /** How likely each item is beside the others; null: all alike. */
  odds: ((counts: ItemCounts) => Float64Array) | null;
}

const popularity = ({ interactions }: ItemCounts, { negativeAlpha }: Settings) =>
  Float64Array.from(interactions, (count) => count ** negativeAlpha);

/** Popular and uniform ones (mixed negative sampling, Yang et al. 2020, section 3). */
function mixture(counts: ItemCounts, settings: Settings): Float64Array {
  const popular = popularity(counts, settings);
  const sum = popular.reduce((total, odds) => total + odds, 0);
  const uniform = settings.negativeUniform;
  return popular.map((odds) => (uniform * sum) / popular.length + (1 - uniform) * odds);
}

const sources = {
  any: { summary: 'all of them', isUnseen: false, odds: null },
  unseen: {
    summary: 'those that the user has not interacted with in training',
    isUnseen: true,
    odds: null,
  },
  popularity: { summary: 'all of them, popular ones more often', isUnseen: false, odds: popularity },
  mixed: { summary: 'a mixture of all alike and by popularity', isUnseen: false, odds: mixture },
} satisfies Record<
  string,
  Omit<NegativeSource, 'odds'> & { odds: ((counts: ItemCounts, settings: Settings) => Float64Array) | null }
>;

type SourceId = keyof typeof sources;
const ids = Object.keys(sources) as [SourceId, ...SourceId[]];

const schema = z.object({
  negativeItems: z
    .enum(ids)
    .describe('Items that negatives are drawn from')
    .meta({ meanings: Object.fromEntries(ids.map((id) => [id, sources[id].summary])) })
    .default('any'),
  ...negativeSettings,
});

/** The config key of models that compare a target with negatives. */
export const { negativeItems } = schema.shape;

/** The source that a config names. */
export function sourceOf(config: Readonly<Record<string, unknown>>): NegativeSource {
  const settings = schema.parse(config);
  const { odds, ...source } = sources[settings.negativeItems];
  return { ...source, odds: odds && ((counts) => odds(counts, settings)) };
}
