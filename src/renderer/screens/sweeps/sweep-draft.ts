/** What the dialog of a new sweep holds: text as typed. */
import type { ModelInfo } from '../../../core/api/models.ts';
import type { RunRecord } from '../../../core/api/runs.ts';
import type { SweepRequest } from '../../../core/api/studies.ts';
import { type SchemaField, schemaFields } from '../../components/schema.ts';
import { parseSeeds } from '../../new-run/seeds.ts';
import { parseSettings } from '../../new-run/settings-text.ts';

export interface Varied {
  key: string;
  values: string;
}

export interface SweepDraft {
  name: string;
  dataset: string;
  model: string;
  preset: string;
  search: 'grid' | 'random';
  vary: Varied[];
  trials: string;
  draw: string;
  seeds: string;
  /** "key=value", separated by commas or lines. */
  settings: string;
  /** The run whose config the other settings are taken from, and what of it is not the default. */
  base: { name: string; overrides: Record<string, unknown> } | null;
}

export const emptyDraft: SweepDraft = {
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
  base: null,
};

/** A sweep of a model: around its learning rate, where it has one. */
export function draftOfModel(info: ModelInfo): SweepDraft {
  const key = firstKey(info);
  return {
    ...emptyDraft,
    model: info.id,
    vary: key === 'learningRate' ? emptyDraft.vary : [{ key, values: '' }],
  };
}

/** A sweep around the settings of a run. */
export function draftOfRun({ name, model, config, dataset }: RunRecord, info: ModelInfo): SweepDraft {
  const defaults = new Map(schemaFields(info.configSchema).map((field) => [field.key, field.default]));
  const isOwn = ([key, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(defaults.get(key));
  return {
    ...emptyDraft,
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

/** What is wrong by field; a varied setting by its key. */
export type Problems = Record<string, string>;

/** The draft as the api takes it, or what is wrong. */
export function parseDraft(
  draft: SweepDraft,
): { request: SweepRequest; problems: Problems } | { request: null; problems: Problems } {
  const problems: Problems = {};
  const { dataset, model, preset, search, vary, base } = draft;
  const seeds = parseSeeds(draft.seeds);
  if ('problem' in seeds) problems.seeds = seeds.problem;
  const settings = parseSettings(draft.settings);
  if ('problem' in settings) problems.settings = settings.problem;
  const [trials, draw] = [draft.trials, draft.draw].map((text) =>
    /^\d{1,9}$/.test(text) ? Number(text) : null,
  );
  if (search === 'random' && !trials) problems.trials = 'write a whole number from 1 on';
  if (search === 'random' && draw === null) problems.draw = 'write a whole number from 0 on';
  for (const { key, values } of vary) {
    if (values.trim() === '')
      problems[`vary ${key}`] = 'write values such as 0.1, 0.2, or a range such as 0.1..0.5';
  }
  if (Object.keys(problems).length > 0 || 'problem' in seeds || 'problem' in settings || dataset === '') {
    return { request: null, problems };
  }
  const kept = Object.entries(base?.overrides ?? {}).filter(([key]) => !vary.some((one) => one.key === key));
  return {
    request: {
      kind: 'sweep',
      dataset,
      model,
      search,
      vary,
      ...(preset === '' ? {} : { preset }),
      ...(search === 'random' ? { trials: trials ?? 1, draw: draw ?? 1 } : {}),
      seeds: seeds.seeds,
      overrides: { ...Object.fromEntries(kept), ...settings.overrides },
    },
    problems,
  };
}
