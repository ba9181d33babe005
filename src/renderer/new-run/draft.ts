import { DEVICES, type ModelInfo } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import { schemaFields } from '../components/schema.ts';
import type { RunTemplate } from './new-run.ts';
import { parseSeeds, seedsText } from './seeds.ts';

/** The first that can be trained on the data set is offered. */
export const DEFAULT_MODELS = ['sasrec', 'dlrm'] as const;

/** What the dialog holds: text as typed, and config keys that differ from the preset's. */
export interface RunDraft {
  dataset: string;
  model: string;
  /** Ids of more models, which are trained with their defaults. */
  also: string[];
  /** Empty for the defaults. */
  preset: string;
  overrides: Record<string, unknown>;
  /** Fields of the config with a value that cannot be taken. */
  problems: number;
  seeds: string;
  device: (typeof DEVICES)[number];
  /** Empty for the settings' own. */
  threads: string;
  name: string;
  tags: string;
  /** Name of the project, which may be new; empty for none. */
  project: string;
}

/** What there is to choose from, and what is chosen where the template says nothing that can be had. */
export interface DraftOptions {
  datasets: readonly string[];
  models: readonly ModelInfo[];
  device: RunDraft['device'];
  /** Of models why they cannot be trained on the template's data set, or else the first. */
  obstacles: Record<string, string | null>;
  /** The config of the template's model under its protocol and without other overrides, or null. */
  plain: Record<string, unknown> | null;
}

/** The data set of a new run. Default: the newest, where the template names none. */
export function firstDataset<T extends { name: string }>(
  { dataset }: RunTemplate,
  datasets: readonly T[],
): T | undefined {
  return datasets.find(({ name }) => name === dataset) ?? datasets[0];
}

export function newDraft(template: RunTemplate, options: DraftOptions): RunDraft {
  const { datasets, models, device, plain, obstacles } = options;
  const suitable = DEFAULT_MODELS.find((id) => !obstacles[id]) ?? DEFAULT_MODELS[0];
  const { model = suitable, preset = '', overrides = {}, seeds = [1] } = template;
  const dataset =
    firstDataset(
      template,
      datasets.map((name) => ({ name })),
    )?.name ?? '';
  return {
    dataset,
    model,
    also: [],
    preset,
    problems: 0,
    seeds: seedsText(seeds),
    overrides: differing(
      overrides,
      plain,
      ownProtocol(
        models.find(({ id }) => id === model),
        preset,
      ),
    ),
    device: DEVICES.find((name) => name === template.device) ?? device,
    threads: '',
    name: '',
    tags: '',
    project: template.project ?? '',
  };
}

/** The overrides that change something. Another protocol than the model's own counts, for others follow from it. */
function differing(overrides: Record<string, unknown>, plain: DraftOptions['plain'], protocol: unknown) {
  const without: Record<string, unknown> = { ...plain, protocol };
  return Object.fromEntries(
    Object.entries(overrides).filter(([key, value]) => plain === null || without[key] !== value),
  );
}

/** The protocol of a model with a preset and nothing else. */
function ownProtocol(model: ModelInfo | undefined, preset: string): unknown {
  if (!model) return undefined;
  const field = schemaFields(model.configSchema).find(({ key }) => key === 'protocol');
  return model.presets[preset]?.config.protocol ?? field?.default;
}

export function threadsProblem(text: string): string | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 1024
    ? null
    : 'it must be a whole number from 1 to 1024';
}

/** Models that can be trained beside the chosen one: those that the data set suffices for, and no other run. */
export function furtherModels(
  models: readonly ModelInfo[],
  obstacles: Record<string, string | null>,
  { model }: RunDraft,
): ModelInfo[] {
  return models.filter(
    ({ id, sources }) => id !== model && !obstacles[id] && !Object.values(sources ?? {}).includes('required'),
  );
}

/** The request and one for each further model, on the same data, seeds and device and under the same protocol. */
export function withFurther(request: EnqueueRequest, further: readonly ModelInfo[]): EnqueueRequest[] {
  const { preset: _preset, name, overrides, ...shared } = request;
  const { protocol } = overrides;
  return [
    request,
    ...further.map(({ id, configSchema }) => {
      const hasProtocol = schemaFields(configSchema).some(({ key }) => key === 'protocol');
      return {
        ...shared,
        model: id,
        overrides: hasProtocol && protocol !== undefined ? { protocol } : {},
        ...(name === undefined ? {} : { name: `${name}-${id}` }),
      };
    }),
  ];
}

/** The draft as the queue takes it, or null while something in it cannot be taken. */
export function requestOf(draft: RunDraft): EnqueueRequest | null {
  const parsed = parseSeeds(draft.seeds);
  if ('problem' in parsed || draft.problems > 0 || draft.dataset === '' || threadsProblem(draft.threads))
    return null;
  const { dataset, model, overrides, device } = draft;
  return {
    dataset,
    model,
    overrides,
    device,
    seeds: parsed.seeds,
    notes: '',
    ...(draft.preset === '' ? {} : { preset: draft.preset }),
    ...(draft.threads.trim() === '' ? {} : { threads: Number(draft.threads) }),
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    ...(draft.project.trim() === '' ? {} : { project: draft.project.trim() }),
    tags: draft.tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  };
}
