import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { FILE_FORMATS } from '../documents/formats.ts';
import type { StudyFindings } from '../documents/study/report.ts';
import type { ErrorDetails } from '../errors.ts';
import type { StudyRecord } from '../store/home/studies.ts';
import { STUDY_KINDS, sweepSchema } from '../store/home/study-spec.ts';
import type { StudyPoint } from '../studies/analysis.ts';
import type { Settings } from '../studies/search/space.ts';
import type { SweepSpec } from '../studies/study.ts';
import { BASE_LARGE_BLOCKS, BASE_LARGE_MODELS, BASE_LARGE_SETTINGS } from '../studies/study-choices.ts';
import type { SweepResult, SweepTrial } from '../studies/sweep-result.ts';
import { asks, does } from './asking.ts';
import type { Report } from './compare.ts';
import { datasetReference } from './datasets.ts';
import { hostName, jobOptions } from './hosts.ts';
import { anyDevice } from './models.ts';

export { studyCommand, trainCommands } from '../documents/commands.ts';
export type {
  BaseLarge,
  ModelStep,
  PublishedStep,
  PublishedSteps,
  Step,
  StepSide,
} from '../documents/study/base-large.ts';
export {
  axisTitle,
  costFigure,
  type DrawnStep,
  depthWidthFigure,
  metricTitles,
  stepFigure,
} from '../documents/study/figures.ts';
export { lawFigure } from '../documents/study/law-figure.ts';
export { lawStatement, type NextStep, nextSeconds, nextSteps } from '../documents/study/law-words.ts';
export { searchFigure } from '../documents/study/search-figure.ts';
export {
  finalistsOf,
  finalistsText,
  furtherText,
  type Rung,
  rungsReached,
  trialsLeft,
} from '../documents/study/search-parts.ts';
export {
  choiceText,
  searchCaption,
  searchTexts,
  seedMeanText,
  sweptText,
} from '../documents/study/sweep.ts';
export { plottedSetting, settingAxes, settingFigure } from '../documents/study/sweep-figures.ts';
export { stateText, sweepStatement, valuesText } from '../documents/study/sweep-words.ts';
export { amount, settingsText, shortNumber } from '../documents/study/words.ts';
export {
  type HeldOut,
  isTold,
  listedLaw,
  type StudyAxis,
  type StudyLaw,
  type StudyMetric,
  type StudyPoint,
} from '../studies/analysis.ts';
export { baseLargeSizes, publishedSettings } from '../studies/base-large.ts';
export type { DepthWidth, DepthWidthCell } from '../studies/depth-width.ts';
export { rangeOf } from '../studies/search/space.ts';
export { percentText, type ShortKeys, shortKeys, sizeOfText, unscaledText } from '../studies/study.ts';
export {
  BASE_LARGE_BLOCKS,
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
  DEPTH_WIDTH_NOTE,
  DEPTH_WIDTH_SIZES,
  publishedSizes,
} from '../studies/study-choices.ts';

import { threadsSchema } from '../threads.ts';

export type { SeedMean, SweepTrial } from '../studies/sweep-result.ts';
export { FEWEST_TRIALS, METHOD, type SettingShare, whatMattered } from '../studies/what-mattered.ts';

/** A study in the list. */
export interface StudyEntry extends StudyRecord {
  /** Cells of the grid whose run has completed or diverged, and all cells; of a sweep trials, which are done once all their seeds are. */
  done: number;
  cells: number;
  /** Only of a sweep: its best trial so far; null while no trial has a value. */
  best?: SweepTrial | null;
}

export type ScalingPage = StudyEntry & StudyFindings;
export type SweepPage = StudyEntry & SweepResult & { spec: SweepSpec };
export type StudyPage = ScalingPage | SweepPage;

/** What was spent on the settings of a model, with the sweep that spent the most. */
export interface TuningBudget {
  study: string;
  name: string;
  model: string;
  /** That have trained. */
  trials: number;
  seconds: number | null;
  /** Whether more trials can be asked for. */
  canExtend: boolean;
}

/** The runs that a study would have: of a scaling study with their counts, of a sweep its trials with the metric that ranks them. */
type ScalingPlan = { points: StudyPoint[]; bytes: number; flops: number; problem: null };
interface SweepPlan {
  /** Those of a random search of the same seed, where others will be proposed. */
  trials: Settings[];
  proposed: boolean;
  /** Epochs at which trials are stopped, the last being that of the whole training; empty where none is. */
  rungs: readonly number[];
  runs: number;
  metric: string;
  problem: null;
}
/** A possible study, or what is wrong with it. */
export type StudyPlan = ScalingPlan | SweepPlan | { problem: ErrorDetails };

/** What a run of one size takes on its largest share of the users. */
export interface SizeEstimate {
  /** Index into the sizes. */
  size: number;
  label: string;
  /** Of a whole run; null if nothing could be measured. */
  seconds: number | null;
  /** Measured, or of parameters, optimiser and intermediate values. */
  memoryBytes: number;
  /** scaled: by FLOPs from another size. */
  basis: 'measured' | 'scaled' | 'unknown';
  /** On which device, or why it was not measured. */
  note: string;
}

/** What a study takes, measured by probes of some seconds. */
export interface StudyEstimate {
  sizes: SizeEstimate[];
  /** Of all runs one after another; null if a size is unknown. */
  seconds: number | null;
  /** Of the largest run. */
  memoryBytes: number;
}

export interface StudyProbeProgress {
  done: number;
  total: number;
  /** Of the current size. */
  label: string;
}

/** At most 100 of something. */
const list = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(100);

/** The part of a request that every study has. */
const sharedStudyRequest = z.object({
  dataset: datasetReference,
  overrides: z.record(z.string(), z.unknown()).default({}),
  seeds: list(z.int().min(0)),
  device: anyDevice,
  /** The host that trains all runs. Default: this machine. */
  on: hostName.optional(),
  /** How their jobs are submitted there, where that differs from what the host says. */
  job: jobOptions.optional(),
  /** Default: the threads of the settings. */
  threads: threadsSchema.optional(),
});

const lawRequest = sharedStudyRequest.extend({
  kind: z.literal('law'),
  model: z.string().min(1),
  preset: z.string().optional(),
  /** "64x2" or "64x2x4": width, depth, heads. */
  sizes: list(z.string().trim().min(1).max(60)),
  shares: list(z.number().gt(0).max(1)),
});

const blocks = z.int().min(1).max(1000);

const baseLargeRequest = sharedStudyRequest.extend({
  kind: z.literal('base-large'),
  models: list(z.enum(BASE_LARGE_MODELS)).default([...BASE_LARGE_MODELS]),
  settings: z.enum(BASE_LARGE_SETTINGS).default('ml-1m'),
  /** Of base and Large. */
  blocks: z.tuple([blocks, blocks]).default([...BASE_LARGE_BLOCKS]),
});

const sweepRequest = sharedStudyRequest
  .extend({ kind: z.literal('sweep'), model: z.string().min(1), preset: z.string().optional() })
  .extend(sweepSchema.shape);

export const scalingRequest = z.discriminatedUnion('kind', [lawRequest, baseLargeRequest]);
export const studyRequest = z.discriminatedUnion('kind', [lawRequest, baseLargeRequest, sweepRequest]);

export type CheckedRequest = z.output<typeof studyRequest>;
export type ScalingRequest = z.input<typeof scalingRequest>;

/** Scaling studies or sweeps alone, where it is given. */
const some = z.object({ kind: z.enum(STUDY_KINDS).optional() });
const one = some.extend({ study: z.string().min(1) });

const reportRequest = one.extend({
  format: z.enum(FILE_FORMATS),
  /** latex: a document that compiles by itself. */
  standalone: z.boolean().default(false),
});

export type StudyReportRequest = z.output<typeof reportRequest>;

export const studies = {
  hub: {
    /** Trains every size for some seconds and keeps nothing. */
    measure: does
      .input(scalingRequest)
      .output(eventIterator(type<StudyProbeProgress>(), type<StudyEstimate>())),
  },
  analyst: {
    /** Newest first. */
    list: asks(['studies', 'runs']).input(some).output(type<StudyEntry[]>()),
    show: asks(['studies', 'runs', 'datasets']).input(one).output(type<StudyPage>()),
    /** Counts the runs without creating them. */
    plan: asks(['runs', 'datasets', 'plugins']).input(studyRequest).output(type<StudyPlan>()),
    /** Creates the runs and appends them to the queue. */
    create: does
      .input(z.object({ name: z.string().trim().min(1).max(200), request: studyRequest }))
      .output(type<{ id: string }>()),
    /** Creates missing runs and queues unfinished ones again; a search goes on to make its trials. Returns how many. */
    resume: does.input(one).output(type<{ runs: number }>()),
    /** Lets a search begin no more trials; those that train go on. */
    pause: does.input(one).output(type<void>()),
    /** Gives a search so many more trials. */
    extend: does.input(one.extend({ trials: z.int().min(1).max(1000) })).output(type<void>()),
    /** Trains the best trials of a sweep that has ended from each of these seeds. */
    testFinalists: does
      .input(one.extend({ trials: z.int().min(1).max(100), seeds: list(z.int().min(0)) }))
      .output(type<void>()),
    /** Every model that was tuned on the data of a sweep, by the metric of that one, the most trials first. */
    budgets: asks(['studies', 'runs']).input(one).output(type<TuningBudget[]>()),
    report: asks(['studies', 'runs', 'datasets']).input(reportRequest).output(type<Report>()),
  },
};
