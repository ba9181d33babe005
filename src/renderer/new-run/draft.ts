/** What the dialog of a new run holds: text as typed, and config keys that differ from the presets'. */

import { z } from 'zod';
import type { Host, JobOptions } from '../../core/api/hosts.ts';
import { DEVICES, type ModelInfo } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import { parseSeeds, seedsText } from '../../core/api/queue.ts';
import { type SchemaField, schemaFields, wholeProblem } from '../components/schema.ts';
import { placeDraft, placeOn, typedPlace } from './place.ts';
import {
  firstScaling,
  firstSearch,
  type SearchTemplate,
  scalingDraft,
  searchDraft,
  searchParts,
} from './searches.ts';
import { variedByKey } from './vary.ts';

/** The first that can be trained on the data set is offered. */
export const DEFAULT_MODELS = ['sasrec', 'dlrm'] as const;

export const config = z.record(z.string(), z.unknown()).readonly();
/** What was typed into fields of a config, by key, whether or not it is a value of theirs. */
const texts = z.record(z.string(), z.string()).readonly().default({});
export type Config = z.output<typeof config>;

/** One of the models to train. */
const modelInDraft = z.object({
  model: z.string(),
  /** Empty for the defaults. */
  preset: z.string(),
  overrides: config,
  /** What is varied, or was; a fixed value that it had before is among the overrides. */
  vary: variedByKey.default({}),
  texts,
  /** Fields of the config with a value that cannot be taken. */
  problems: z.number(),
});
export type ModelDraft = z.output<typeof modelInDraft>;

export const runDraft = z.object({
  dataset: z.string(),
  models: z.array(modelInDraft).readonly(),
  /** Config keys that say how every model is measured; each model takes those that it has. */
  shared: config,
  texts,
  /** Fields of these with a value that cannot be taken. */
  problems: z.number(),
  search: searchDraft.default(firstSearch),
  scaling: scalingDraft.default(firstScaling),
  seeds: z.string(),
  device: z.enum(DEVICES),
  /** Empty for the settings' own. */
  threads: z.string(),
  where: typedPlace,
  name: z.string(),
  tags: z.string(),
  /** Name of the project, which may be new; empty for none. */
  project: z.string(),
});
export type RunDraft = z.output<typeof runDraft>;

/** What a new run starts from, such as another run's config. */
export interface RunTemplate extends SearchTemplate {
  /** Its name or id. */
  dataset?: string;
  model?: string;
  /** Trained beside it. */
  others?: readonly string[];
  preset?: string;
  /** Config keys that differ from the preset's. */
  overrides?: Record<string, unknown>;
  seeds?: readonly number[];
  device?: string;
  /** The host that trains it; null for this machine. Default: the last one used. */
  place?: string | null;
  /** How its job is submitted there, where that differs from what the host says. */
  job?: JobOptions | null;
  /** Name of the project. */
  project?: string;
}

/** What a new run was last made of. */
export interface LastChoice {
  dataset: string;
  model: string;
  /** The host that trained it; left out for this machine. */
  on?: string;
}

/** Changes a draft; what is made from it is made from what it is by then. */
export type Change = (changes: Partial<RunDraft> | ((before: RunDraft) => Partial<RunDraft>)) => void;

/** What there is to choose from, and what is chosen where the template says nothing that can be had. */
export interface DraftOptions {
  /** Name of the data set that is chosen first. */
  dataset: string;
  models: readonly ModelInfo[];
  device: RunDraft['device'];
  hosts: readonly Host[];
  /** Of models why they cannot be trained on it. */
  obstacles: Readonly<Record<string, string | null>>;
  /** The config of the template's model under its protocol and without other overrides, or null. */
  plain: Config | null;
  last: LastChoice | null;
}

/** Data sets that a new run may begin on, best first: the template's alone, by name or id, else the last one used, then the newest. */
export function firstDatasets<T extends { id: string; name: string }>(
  { dataset }: RunTemplate,
  datasets: readonly T[],
  last: LastChoice | null,
): T[] {
  const find = (wanted: string | undefined) =>
    datasets.find(({ id, name }) => wanted !== undefined && (id === wanted || name === wanted));
  const asked = find(dataset);
  if (asked) return [asked];
  const used = find(last?.dataset);
  return used ? [used, ...datasets.filter((one) => one !== used)] : [...datasets];
}

/** The model of a new run: the template's, else the last one used, else a usual one that the data set suffices for. */
export function firstModel(
  { model }: RunTemplate,
  obstacles: DraftOptions['obstacles'],
  last: LastChoice | null,
): string {
  const usual = [...(last ? [last.model] : []), ...DEFAULT_MODELS];
  return model ?? usual.find((id) => !obstacles[id]) ?? DEFAULT_MODELS[0];
}

export const modelDraft = (model: string): ModelDraft => ({
  ...{ model, preset: '', overrides: {}, vary: {}, texts: {}, problems: 0 },
});

export function newDraft(template: RunTemplate, options: DraftOptions): RunDraft {
  const { dataset, models, device, hosts, plain, obstacles, last } = options;
  const model = firstModel(template, obstacles, last);
  const info = models.find(({ id }) => id === model);
  const { preset = '', overrides = {}, seeds = [1], others = [] } = template;
  const changed = differing(overrides, plain, ownProtocol(info, preset));
  const isShared = (key: string) => info?.groups[key] === 'protocol';
  const { vary, search, scaling } = searchParts(template, info, { ...plain, ...overrides });
  const ofAll = scaling.blocks.on;
  const own = {
    ...picked(changed, (key) => !isShared(key)),
    // A law that is made again has the loss that it had.
    ...(template.again?.scaling ? picked({ ...plain, ...overrides }, (key) => key === 'loss') : {}),
  };
  const first = { ...modelDraft(model), preset, overrides: ofAll ? {} : own, vary };
  return {
    dataset,
    models: [first, ...others.map(modelDraft)],
    search,
    scaling,
    shared: ofAll ? overrides : picked(changed, isShared),
    texts: {},
    problems: 0,
    seeds: seedsText(seeds),
    device: DEVICES.find((name) => name === template.device) ?? device,
    threads: '',
    where: placeOn(template.place === undefined ? last?.on : template.place, hosts, template.job),
    name: '',
    tags: '',
    project: template.project ?? '',
  };
}

function picked(config: Config, wanted: (key: string) => boolean): Config {
  return Object.fromEntries(Object.entries(config).filter(([key]) => wanted(key)));
}

/** The overrides that change something. Another protocol than the model's own counts, for others follow from it. */
function differing(overrides: Config, plain: Config | null, protocol: unknown): Config {
  const without: Config = { ...plain, protocol };
  return picked(overrides, (key) => plain === null || without[key] !== overrides[key]);
}

/** The protocol of a model with a preset and nothing else. */
function ownProtocol(model: ModelInfo | undefined, preset: string): unknown {
  if (!model) return undefined;
  const field = schemaFields(model.configSchema).find(({ key }) => key === 'protocol');
  return model.presets[preset]?.config.protocol ?? field?.default;
}

/** With other values of some settings, by model. */
export const withSettings = (
  models: readonly ModelDraft[],
  changes: Readonly<Record<string, Config>>,
): ModelDraft[] => models.map((one) => ({ ...one, overrides: { ...one.overrides, ...changes[one.model] } }));

/** What is asked of the queue of one model: its own changes, and of the shared ones those that it has. */
export function overridesOf({ overrides }: ModelDraft, shared: Config, info: ModelInfo | undefined) {
  return { ...picked(shared, (key) => info !== undefined && key in info.groups), ...overrides };
}

/** The settings by which all models are measured and those that were set for all of them, each once; or all that they have in common. */
export function sharedFields(models: readonly ModelInfo[], shared: Config, all: boolean): SchemaField[] {
  const isCommon = (key: string) =>
    key !== 'blocks' && key !== 'trainUsers' && models.every(({ groups }) => key in groups);
  const fields = models.flatMap(({ configSchema, groups }) =>
    schemaFields(configSchema).filter(({ key }) =>
      all ? isCommon(key) : groups[key] === 'protocol' || key in shared,
    ),
  );
  return [...new Map(fields.map((field) => [field.key, field])).values()];
}

/** A preset says nothing of the runs that a config names, such as a tokeniser, nor of what is varied: they stay. */
export function withPreset(
  { model, overrides, vary }: ModelDraft,
  preset: string,
  info: ModelInfo,
): ModelDraft {
  return {
    ...modelDraft(model),
    preset,
    vary,
    overrides: picked(overrides, (key) => key in (info.sources ?? {})),
  };
}

export function threadsProblem(text: string): string | null {
  return text.trim() === '' ? null : wholeProblem(text, 1, 1024);
}

/** The draft as the queue takes it, a request for each model, or null while something in it cannot be taken. */
export function requestsOf(draft: RunDraft, models: readonly ModelInfo[]): EnqueueRequest[] | null {
  const parsed = parseSeeds(draft.seeds);
  const wrong = draft.problems + draft.models.reduce((sum, { problems }) => sum + problems, 0);
  if ('problem' in parsed || wrong > 0 || draft.dataset === '' || draft.models.length === 0) return null;
  const { data: where } = placeDraft.safeParse(draft.where);
  if (threadsProblem(draft.threads) || !where) return null;
  const { dataset, device, shared } = draft;
  const name = draft.name.trim();
  const project = draft.project.trim();
  return draft.models.map((one) => ({
    dataset,
    model: one.model,
    overrides: overridesOf(
      one,
      shared,
      models.find(({ id }) => id === one.model),
    ),
    // Another machine has devices of its own.
    device: where.on === undefined ? device : ('auto' as const),
    ...where,
    seeds: parsed.seeds,
    notes: '',
    ...(one.preset === '' ? {} : { preset: one.preset }),
    ...(draft.threads.trim() === '' ? {} : { threads: Number(draft.threads) }),
    ...(name === '' ? {} : { name: draft.models.length > 1 ? `${name}-${one.model}` : name }),
    ...(project === '' ? {} : { project }),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  }));
}
