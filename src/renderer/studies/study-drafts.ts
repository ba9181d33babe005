/** What the dialogs of new studies and sweeps hold: text as typed, and the requests that come of it. */
import { z } from 'zod';
import { type ModelInfo, settingValue } from '../../core/api/models.ts';
import type { OwnRun } from '../../core/api/runs.ts';
import {
  BASE_LARGE_BLOCKS,
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
  type ScalingRequest,
  type SweepRequest,
} from '../../core/api/studies.ts';
import { type SchemaField, schemaFields } from '../components/schema.ts';
import { HERE, placeDraft, typedPlace } from '../new-run/place.ts';
import { parseSeeds } from '../new-run/seeds.ts';

/** What is separated by commas or lines. */
const parts = (text: string) =>
  text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** "epochs=20, loss=bce" as config keys, values as on the command line. */
function parseSettings(text: string): { overrides: Record<string, unknown> } | { problem: string } {
  const settings = parts(text).map((part) => /^([^=\s]+)\s*=\s*(.*)$/.exec(part));
  if (settings.includes(null)) return { problem: 'write key=value, such as epochs=20' };
  return {
    overrides: Object.fromEntries(
      settings.flatMap((match) => (match ? [[match[1], settingValue(match[2])]] : [])),
    ),
  };
}

/** Text that something is read from, or that says in one line why it cannot be. */
const read = <Value>(parse: (text: string) => { value: Value } | { problem: string }) =>
  z.string().transform((text, context) => {
    const found = parse(text);
    if ('value' in found) return found.value;
    context.addIssue({ code: 'custom', message: found.problem });
    return z.NEVER;
  });

const shared = {
  name: z.string(),
  dataset: z.string().min(1, 'Import a data set first'),
  seeds: read<number[]>((text) => {
    const found = parseSeeds(text);
    return 'problem' in found ? found : { value: found.seeds };
  }),
  where: placeDraft,
  /** "key=value", separated by commas or lines. */
  settings: read<Record<string, unknown>>((text) => {
    const found = parseSettings(text);
    return 'problem' in found ? found : { value: found.overrides };
  }),
};

const law = z.object({
  ...shared,
  kind: z.literal('law'),
  model: z.string(),
  preset: z.string(),
  sizes: read<string[]>((text) => {
    const value = parts(text);
    return value.length > 0 ? { value } : { problem: 'Enter sizes such as 32x2, 64x2' };
  }),
  shares: read<number[]>((text) => {
    const value = parts(text).map((part) => Number(part) / 100);
    const areShares = value.length > 0 && value.every((share) => share > 0 && share <= 1);
    return areShares
      ? { value: value.sort((a, b) => a - b) }
      : { problem: 'Enter percentages above 0 and up to 100' };
  }),
});

const baseLarge = z.object({
  ...shared,
  kind: z.literal('base-large'),
  models: z.array(z.enum(BASE_LARGE_MODELS)).min(1, 'Choose at least one model'),
  published: z.enum(BASE_LARGE_SETTINGS),
  blocks: read<[number, number]>((text) => {
    const [base, large, ...more] = parts(text).map(Number);
    const areCounts = [base, large].every((count) => Number.isSafeInteger(count) && count > 0);
    return areCounts && more.length === 0 && base < large
      ? { value: [base, large] }
      : { problem: 'Enter two whole numbers, the larger one last: 2, 8' };
  }),
});

export const studyDraft = z
  .discriminatedUnion('kind', [law, baseLarge])
  .transform((draft): ScalingRequest => {
    const { dataset, seeds, settings: overrides, where } = draft;
    const common = { dataset, seeds, overrides, ...where };
    if (draft.kind === 'base-large') {
      const { kind, models, published: settings, blocks } = draft;
      return { ...common, kind, models, settings, blocks };
    }
    const { kind, model, preset, sizes, shares } = draft;
    return { ...common, kind, model, sizes, shares, ...(preset === '' ? {} : { preset }) };
  });

/** The fields of both questions; one of them is asked. */
export type StudyDraft = Omit<z.input<typeof law>, 'kind'> &
  Omit<z.input<typeof baseLarge>, 'kind'> & { kind: 'law' | 'base-large' };

const text = z.string();
const typedShared = { name: text, dataset: text, seeds: text, settings: text, where: typedPlace };

/** What was changed of it, as it is typed. */
export const typedStudy = z
  .object({
    ...typedShared,
    ...{ model: text, preset: text, sizes: text, shares: text, blocks: text },
    kind: z.enum(['law', 'base-large']),
    models: z.array(z.enum(BASE_LARGE_MODELS)),
    published: z.enum(BASE_LARGE_SETTINGS),
  })
  .partial() satisfies z.ZodType<Partial<StudyDraft>>;

export const emptyStudy: StudyDraft = {
  kind: 'law',
  name: '',
  dataset: '',
  model: 'sasrec',
  preset: '',
  settings: 'loss=full-softmax',
  where: HERE,
  sizes: '16x2, 32x2, 64x2, 128x2, 256x2',
  shares: '12.5, 25, 50, 100',
  seeds: '1',
  models: [...BASE_LARGE_MODELS],
  published: 'ml-1m',
  blocks: BASE_LARGE_BLOCKS.join(', '),
};

const whole = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `Enter a whole number from ${least} on`)
    .transform(Number);

const varied = z.object({
  key: z.string(),
  values: z.string().trim().min(1, 'Enter values such as 0.1, 0.2, or a range such as 0.1..0.5'),
});
export type Varied = z.input<typeof varied>;

const everySweep = {
  ...shared,
  model: z.string(),
  preset: z.string(),
  vary: z.array(varied),
  /** The run whose config the other settings are taken from, and what of it is not the default. */
  base: z.object({ name: z.string(), overrides: z.record(z.string(), z.unknown()) }).nullable(),
};

/** It does not draw: what was typed of the other search does not matter. */
const grid = z.object({ ...everySweep, search: z.literal('grid'), trials: z.string(), draw: z.string() });

const random = z.object({
  ...everySweep,
  search: z.literal('random'),
  trials: whole(1).refine((count) => count > 0, 'Enter a whole number from 1 on'),
  draw: whole(0),
});

export const sweepDraft = z.discriminatedUnion('search', [grid, random]).transform((draft): SweepRequest => {
  const { dataset, model, preset, search, vary, seeds, settings, base, where } = draft;
  const kept = Object.entries(base?.overrides ?? {}).filter(([key]) => !vary.some((one) => one.key === key));
  return {
    ...{ kind: 'sweep', dataset, model, search, vary, seeds },
    ...where,
    ...(preset === '' ? {} : { preset }),
    ...(draft.search === 'random' ? { trials: draft.trials, draw: draft.draw } : {}),
    overrides: { ...Object.fromEntries(kept), ...settings },
  };
});

export type SweepDraft = Omit<z.input<typeof grid>, 'search'> & { search: 'grid' | 'random' };

export const typedSweep = z
  .object({
    ...typedShared,
    ...{ model: text, preset: text, trials: text, draw: text },
    search: z.enum(['grid', 'random']),
    vary: z.array(z.object({ key: text, values: text })),
    base: everySweep.base,
  })
  .partial() satisfies z.ZodType<Partial<SweepDraft>>;

export const emptySweep: SweepDraft = {
  name: '',
  dataset: '',
  model: 'sasrec',
  preset: '',
  search: 'grid',
  vary: [{ key: 'learningRate', values: '0.0003, 0.001, 0.003' }],
  trials: '20',
  draw: '1',
  seeds: '1',
  settings: '',
  where: HERE,
  base: null,
};

/** A sweep of a model: around its learning rate, where it has one. */
export function sweepOfModel(info: ModelInfo): SweepDraft {
  const key = firstKey(info);
  const vary = key === 'learningRate' ? emptySweep.vary : [{ key, values: '' }];
  return { ...emptySweep, model: info.id, vary };
}

/** A sweep around the settings of a run. */
export function sweepOfRun({ name, model, config, dataset }: OwnRun, info: ModelInfo): SweepDraft {
  const defaults = new Map(schemaFields(info.configSchema).map((field) => [field.key, field.default]));
  const isOwn = ([key, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(defaults.get(key));
  return {
    ...emptySweep,
    model,
    dataset: dataset.name,
    vary: [{ key: firstKey(info), values: '' }],
    base: { name, overrides: Object.fromEntries(Object.entries(config).filter(isOwn)) },
  };
}

/** The settings that can be varied: all but those that say how a model is measured. */
export function variedFields({ configSchema, groups }: ModelInfo): SchemaField[] {
  return schemaFields(configSchema).filter(({ key }) => groups[key] !== 'protocol' && key !== 'selection');
}

export function firstKey(model: ModelInfo): string {
  const keys = variedFields(model).map(({ key }) => key);
  return keys.find((key) => key === 'learningRate') ?? keys[0] ?? '';
}
