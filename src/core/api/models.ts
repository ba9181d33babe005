import { type } from '@orpc/contract';
import { z } from 'zod';
import type { ExpectedTime } from '../clock/clock.ts';
import { DEVICES } from '../device-names.ts';
import type { DeviceState } from '../engine/devices/checks.ts';
import type { StepMemory } from '../engine/memory.ts';
import type { ErrorDetails } from '../errors.ts';
import type { ModelBehaviour, ModelDescription, ModelGroup } from '../families/model.ts';
import type { Presets } from '../families/presets.ts';
import type { ModelTask } from '../model-facts.ts';
import type { PluginDescription } from '../plugins/description.ts';
import type { RunRecord } from '../store/types.ts';
import { threadsSchema } from '../threads.ts';
import { SOURCE_KEYS } from '../training/sources.ts';
import { asks, does, type Topic } from './asking.ts';
import { datasetReference } from './datasets.ts';
import { hostName } from './hosts.ts';
import { runId } from './runs.ts';

export { copiesState, DEVICE_TITLES } from '../engine/devices/titles.ts';
export { isSimpleBaseline, MODEL_TITLES, modelTask, modelTitle, noGraph } from '../model-facts.ts';
export { knowPlugins } from '../plugins/description.ts';
export { settingText, settingValue } from '../setting-value.ts';
export { protocolPhrase, settingsPhrase, settingTitle } from '../setting-words.ts';

export type { StepMemory };
export { DEVICES };
export const device = z.enum(DEVICES);
/** The first one that works, where none is named. */
export const anyDevice = device.default('auto');

/** Headings of a list of models, in its order, and what they have in common. */
export const MODEL_GROUPS: Record<ModelGroup, { title: string; phrase: string }> = {
  baseline: { title: 'Baselines', phrase: 'quick, always worth having' },
  sequential: { title: 'Sequential', phrase: 'the next item from the order of the history' },
  generative: { title: 'Generative', phrase: 'write the next item as a Semantic ID; need a tokeniser' },
  tokeniser: { title: 'Tokenisers', phrase: 'give every item its Semantic ID' },
  ranking: { title: 'Ranking', phrase: 'predict clicks of labelled rows' },
  language: { title: 'Language', phrase: 'read and write everything as text' },
};

export interface ModelInfo extends Omit<ModelDescription, 'configSchema'> {
  presets: Presets;
  task: ModelTask;
  kind: ModelBehaviour['kind'];
  /** JSON Schema of the config, made from the model's zod schema. */
  configSchema: Record<string, unknown>;
  /** Of every key of the config. */
  groups: Record<string, ConfigGroup>;
}

/** Either the full config, or what is wrong with it. */
export type ResolvedConfig =
  | { config: Record<string, unknown>; problem: null }
  | { config: null; problem: ErrorDetails };

/** Sections of a form: the model itself, its training, its evaluation. */
export type ConfigGroup = 'model' | 'training' | 'protocol';

/** What a run would take. */
export interface Estimate {
  /** Trained parameters; null for a model that is fitted in one go. */
  parameters: number | null;
  /** Bytes of parameters, gradients and optimiser state, all double-buffered. */
  stateBytes: number | null;
  /** Bytes of its checkpoints. */
  diskBytes: number | null;
  /** Bytes of memory of the machine that would train it; null where that is not known, as of the nodes of a cluster. */
  memoryBytes: number | null;
  /** It cannot be trained there, for `stateBytes` alone are more than that. */
  exceedsMemory: boolean;
  /** From an earlier run of the model on this data set, machine and device, by its arithmetic; without one a rough range. */
  time: ExpectedTime | null;
  /** Source of the time. */
  basis: string | null;
  /** What to know of the data set before this is trained on it. */
  caution: string | null;
  /** Completed runs on this data set for the same task: those measured as this one would be, and the others. */
  measuredAlike: number;
  measuredOtherwise: number;
}

/** Measurement of some seconds of a run, scaled to the whole run. */
export interface Measurement {
  device: string;
  /** Trained parameters; null for a model that is fitted in one go. */
  parameters: number | null;
  /** Of the whole run with every epoch; null if the probe was too short. */
  seconds: number | null;
  /** Whether the seconds include validation. */
  validated: boolean;
  /** Whether the run ended within the probe, so that the seconds are no estimate. */
  finished: boolean;
  /** Peak resident memory of the trainer, or null if the system does not report it. */
  memoryBytes: number | null;
}

/** A run that a config can name under one of its keys; `name` is what it is called where nothing else is shown. */
export interface SourceChoice extends Pick<RunRecord, 'id' | 'name' | 'model' | 'createdAt'> {
  /** What it is like, such as "3 × 256, 1.7 % collide"; empty where nothing more is known. */
  about: string;
}

/** Allowed values of the config keys that name parts of a data set. */
export interface ConfigColumns {
  /** Columns that ranking models can read. */
  features: string[];
  /** Columns that describe items. */
  items: string[];
  /** Columns of interactions and items that side features can be made of. */
  side: string[];
  /** Recorded actions of users. */
  actions: string[];
  /** Ways to label rows; `obstacle` says why the data set lacks one. */
  labels: { value: string; obstacle: string | null }[];
}

export const configRequest = z.object({
  model: z.string().min(1),
  preset: z.string().optional(),
  overrides: z.record(z.string(), z.unknown()).default({}),
});

export type ConfigRequest = z.output<typeof configRequest>;

/** What decides whether and how long models can be trained. */
const TRAINABLE: readonly Topic[] = ['runs', 'datasets', 'plugins'];

const onDataset = z.object({ dataset: datasetReference });

/** A run on this machine. */
const localRun = configRequest.extend({
  dataset: datasetReference,
  device,
  /** Default: the threads of the settings. */
  threads: threadsSchema.optional(),
});

export type LocalRun = z.output<typeof localRun>;

export const models = {
  hub: {
    /** The plug-ins that may run in this data folder, oldest first; their parts have names only a process that runs them can compute with. */
    plugins: asks(['plugins']).output(type<PluginDescription[]>()),
    /** Trains for some seconds and keeps nothing. */
    measure: does.input(localRun).output(type<Measurement>()),
    /** What the run's heaviest step takes in memory; null where it makes none, or what is free is unknown, as on a GPU. */
    weigh: asks(['datasets', 'plugins']).input(localRun).output(type<StepMemory | null>()),
  },
  analyst: {
    list: asks(['plugins']).output(type<ModelInfo[]>()),
    /** Merges defaults, preset and overrides and checks the config, also against a data set if one is named. */
    resolve: asks(TRAINABLE)
      .input(configRequest.extend({ dataset: datasetReference.optional() }))
      .output(type<ResolvedConfig>()),
    /** For every model, why it cannot be trained on a data set whatever its config, or null. */
    obstacles: asks(TRAINABLE).input(onDataset).output(type<Record<string, string | null>>()),
    /** What each model takes with its defaults, or as it ran last, as `estimate` tells; null where nothing does. */
    times: asks(TRAINABLE).input(onDataset).output(type<Record<string, ExpectedTime | null>>()),
    /** Allowed values on a data set of config keys that name columns, actions or labels. */
    columns: asks(['datasets']).input(onDataset).output(type<ConfigColumns>()),
    /** Completed runs on a data set that a config key of a model can name, newest first. */
    sources: asks(TRAINABLE)
      .input(z.object({ key: z.enum(SOURCE_KEYS), model: z.string().min(1), dataset: datasetReference }))
      .output(type<SourceChoice[]>()),
    /** On this machine, or on a host. */
    estimate: asks([...TRAINABLE, 'hosts'])
      .input(configRequest.extend({ dataset: datasetReference, device: anyDevice, on: hostName.optional() }))
      .output(type<Estimate>()),
    /** The same of each waiting or training run, from start to end. */
    expected: asks(TRAINABLE)
      .input(z.object({ runs: z.array(runId).max(100_000) }))
      .output(type<Record<string, ExpectedTime | null>>()),
  },
};

export const devices = {
  /** Every device with its state; each is probed once per session, in its own process. */
  list: asks(['plugins']).output(type<DeviceState[]>()),
};
export { tasksOf } from '../evaluation/tasks.ts';
