/** What every model of the registry states, and what its family makes of it. */
import type { z } from 'zod';
import type { DataCounts } from '../data/batches/position-counts.ts';
import type { Obstacle } from '../data/obstacle.ts';
import type { DatasetSummary, Interactions } from '../data/types.ts';
import type { DeviceId } from '../engine/types.ts';
import { FAMILY_TASKS, type FamilyId, type ModelTask } from '../model-facts.ts';
import type { Config } from '../training/config.ts';
import type { RunResult, TrainSpec } from '../training/events.ts';
import type { OpenScorer } from '../training/ranking/scorer.ts';
import type { RunContext } from '../training/run-context.ts';
import type { SourceKey } from '../training/sources.ts';
import type { ExportedModel, ModelExportRequest } from './exported-model.ts';
import type { Presets } from './presets.ts';
import type { TracedDecoding } from './traced-decoding.ts';

export interface PaperReference {
  title: string;
  authors: string;
  year: number;
  /** Venue and arXiv number or DOI. */
  where: string;
}

/** Which models a list names together. */
export type ModelGroup = 'baseline' | 'sequential' | 'generative' | 'tokeniser' | 'ranking' | 'language';

/** As many settings are looked at before a first run. */
export const MOST_ESSENTIALS = 6;

/** What a model's own file states of it. */
export interface ModelDescription {
  /** As on the command line, for example "sasrec". */
  id: string;
  title: string;
  /** One sentence for a list, in at most 50 characters. */
  summary: string;
  group: ModelGroup;
  paper: PaperReference;
  /** Defaults included: parsing {} gives the default config. Descriptions become help and form labels. */
  configSchema: z.ZodObject;
  /** Config keys that decide most of its quality and time, at most six: a form shows them before all others. */
  essentials: readonly string[];
  /** What configs of earlier versions, which lack these keys, mean by them, where that is not the default of today. */
  formerly?: Config;
  /** Settings, as a sweep takes them, that a fair baseline is tuned over on the validation items. */
  sweep?: readonly { key: string; values: string }[];
  /** Whether it learns something for each user, so that it cannot score for strangers. */
  knowsUsers?: true;
  /** Config keys that name another run, and whether they must. */
  sources?: Partial<Record<SourceKey, 'required' | 'optional'>>;
}

/** What a data set must offer for a model to be trained on it. */
export interface TrainingData {
  summary: Pick<DatasetSummary, 'name' | 'clicks' | 'statistics' | 'options'>;
  /** Whether it describes its items, so that vectors could be made of them. */
  describesItems: boolean;
  /** Completed runs on it that have Semantic IDs. */
  tokenisers: number;
}

export interface RecommendRequest {
  model: string;
  config: Config;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
  datasetDir: string;
  /** Dense user id. */
  user: number;
  /** What comes after the whole history, or the test item where the user has one. */
  place: 'test' | 'next';
  k: number;
  /** Of lists that are sampled. */
  seed: number;
  device: DeviceId;
  threads: number;
  /** The runs that the config names. */
  sources?: TrainSpec['sources'];
}

/** A recommended item and its score. */
export interface ScoredItem {
  item: number;
  score: number;
}

/** Lists of many users: of all, or for the place `test` of those with a test item. */
export interface ListsRequest extends Omit<RecommendRequest, 'user' | 'k'> {
  /** Items of a list; null for every candidate, which only models that score all items have. */
  k: number | null;
}

export interface ListsProgress {
  done: number;
  total: number;
  unit?: string;
}

/** Takes the lists, and hears how far they are. */
export interface ListsUse {
  /** `items`: best first, without those of the history. */
  take(user: number, items: readonly ScoredItem[]): void | Promise<void>;
  /** Hears about users, or about another `unit` that it works through before the users. */
  onProgress?(progress: ListsProgress): void;
  signal?: AbortSignal;
}

/** What a model computes at one position: a study counts arithmetic from it. */
export interface PositionCost {
  /** Of the vector that is compared with the loss's candidates. */
  width: number;
  /** Blocks or recurrent layers, and their width. */
  blocks: number;
  blockWidth: number;
  /** Attention heads of a block; 0 where nothing attends. */
  heads: number;
  /** Whether a position attends to none after it: attention then takes half the products. */
  causal: boolean;
  /** Of the loss; on average, where not every position predicts. */
  candidates: number;
}

/** Trained numbers with and without embedding tables, and what a scaling study needs besides. */
export interface SizeCounts {
  /** Trained numbers, tables included. */
  parameters: number;
  /** Without embedding tables: the N of the scaling laws. */
  nonEmbedding: number;
}

/** What the time of a fit in one go follows from. */
export type FitSize = Pick<DatasetSummary['statistics'], 'users' | 'items' | 'interactions'>;

/** A model of one config and data set, counted. */
export interface CountedModel extends SizeCounts {
  /** Floating-point operations of one epoch, forward and backward. */
  epochFlops(data: DataCounts): number;
}

/** Sizes of a model that are not its config's to choose. */
export interface GivenSizes {
  /** Such as "run stage-1". */
  of: string;
  sizes: Config;
}

/** A run that sizes come with. */
export interface GivingRun {
  model: string;
  config: Config;
  folder: string;
}

/** What a scaling study needs of a model. */
export type Scaling = (config: Config, data: Pick<Interactions, 'users' | 'items'>) => CountedModel;

/** Options of a decoding tree. */
export type TraceRequest = Omit<RecommendRequest, 'k' | 'seed' | 'place'> & { beams: number };

/** What the validations of a model's runs are watched by. */
export interface Watched {
  /** The metric that compares its runs where their config does not select by another one, for example "valid/ndcg@10". */
  metric: string;
  /**
   * Config keys that change the metric's unit, or the users, rows, items or lists that it is measured on: runs that
   * differ in them cannot be ranked by it.
   */
  dependsOn: readonly string[];
}

/** How a family trains and uses one of its models. Null marks a capability that the model does not have. */
export interface ModelBehaviour {
  /** The kind of training, as `tessera models --json` and stored runs name it. */
  kind: 'trained' | 'fitted' | 'tokeniser' | 'ranking' | 'language' | 'generative';
  train(context: RunContext): Promise<RunResult>;
  /**
   * Why the model cannot be trained on a data set and what can be done. Null where it can. Without a config only
   * obstacles that no config could remove are reported.
   */
  obstacle(data: TrainingData, config?: Config): Obstacle | null;
  /** What to know before it is trained on data that suit it, in one line; null where there is nothing. */
  caution: ((summary: DatasetSummary, config: Config) => string | null) | null;
  /** Throws UserError where keys of a config that each are valid do not go together. */
  checkConfig(config: Config): void;
  watched: Watched;
  /**
   * Sizes that come with what a config starts from, and what that is; null where they are the config's own. `runOf` finds a
   * run. Throws UserError where what it starts from cannot be read.
   */
  givenSizes: ((config: Config, runOf: (run: string) => GivingRun) => GivenSizes | null) | null;
  /** Throws UserError where a file that the config names cannot be used; asked before a run is made, it reads little. Null where none is named. */
  requireFiles: ((config: Config) => void) | null;
  /** Trained numbers; null where they are not known before training. */
  parameterCount(config: Config, sizes: Pick<Interactions, 'users' | 'items'>): number | null;
  /** Seconds of a fit in one go on a usual processor: good for ratios, and for a first guess. Null where it has no count. */
  fitSeconds: ((data: FitSize) => number) | null;
  /** Products at a position of a sequence, good for ratios, where no scaling study counts them; null where nobody does. */
  positionWork: ((config: Config) => number) | null;
  /** What the time of an epoch grows with, where that is no pass over the data; null where it is. */
  epochWork: ((config: Config) => number) | null;
  /** Opens a run's checkpoint to score the whole catalogue. */
  openScorer: OpenScorer | null;
  /** The k best items for a user as `listBasis` gives history and candidates; best first. */
  recommend: ((request: RecommendRequest, use?: Omit<ListsUse, 'take'>) => Promise<ScoredItem[]>) | null;
  /** The same for many users, one after the other. */
  recommendAll: ((request: ListsRequest, use: ListsUse) => Promise<void>) | null;
  /** The trained model as graphs for other programs. */
  exportModel: ((request: ModelExportRequest) => Promise<ExportedModel>) | null;
  /** Follows the decoding of one user; such a model can also sample its lists. */
  traceDecoding: ((request: TraceRequest) => Promise<TracedDecoding>) | null;
  scaling: Scaling | null;
}

/** An entry of the registry. */
export interface Model extends ModelDescription, ModelBehaviour {
  family: FamilyId;
  task: ModelTask;
  /** Named changes to the defaults, with the source of the values. */
  readonly presets: Presets;
}

export interface Family<D extends ModelDescription = never> {
  /** Its models, to which whoever loads it adds their presets. */
  models: readonly Omit<Model, 'presets'>[];
  /** The schema of one of them with what plug-ins add to it. Default: as it is. */
  withAdded?(schema: z.ZodObject): z.ZodObject;
  /** The same of a model that it does not list. */
  modelOf(definition: D): Omit<Model, 'presets'>;
}

/** A family: its models, each with what the family does with it. */
export function family<D extends ModelDescription>(spec: {
  id: FamilyId;
  models: readonly D[];
  behaviour(model: D): ModelBehaviour;
  withAdded?: Family['withAdded'];
}): Family<D> {
  const { id, models, behaviour, withAdded } = spec;
  const task = FAMILY_TASKS[id];
  const modelOf = (model: D) => ({ ...model, ...behaviour(model), family: id, task });
  return { models: models.map(modelOf), modelOf, withAdded };
}

/** The metric that chooses the checkpoints of a run with this config, else the one that compares its validations. */
export function watchedMetric({ watched }: Pick<Model, 'watched'>, { protocol, selection }: Config): string {
  if (typeof selection === 'string' && selection !== 'final-epoch') return selection;
  return protocol === 'paper' ? watched.metric.replace(/^valid/, 'test') : watched.metric;
}

/** What most models answer to the rarer questions. */
export const noCapabilities = {
  caution: null,
  checkConfig: () => {},
  givenSizes: null,
  requireFiles: null,
  positionWork: null,
  epochWork: null,
  parameterCount: () => null,
  fitSeconds: null,
  openScorer: null,
  recommend: null,
  recommendAll: null,
  exportModel: null,
  traceDecoding: null,
  scaling: null,
} as const;
