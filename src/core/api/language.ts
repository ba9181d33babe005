/** Language models: prompts, evaluations and pipelines. */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { LanguageEvaluation } from '../evaluation/language-evaluation.ts';
import type { Ladder, LadderLine } from '../evaluation/paired/ladder.ts';
import type { ModelCard } from '../families/language/model-card.ts';
import { type Template, templateSchema } from '../families/language/text/template.ts';
import { pathField, pathSchema } from '../files/path-fields.ts';
import type { RunStatus } from '../store/types.ts';
import { asks, does } from './asking.ts';
import { datasetReference } from './datasets.ts';
import { runId } from './runs.ts';

export { askedText, readBeforeText } from '../documents/language-words.ts';
export type {
  AnswerFigures,
  BaselineFigures,
  ListFigures,
  Rerank,
} from '../evaluation/language-evaluation.ts';
export type { LadderLine } from '../evaluation/paired/ladder.ts';
export type { CardArea, ModelCard } from '../families/language/model-card.ts';
export type { LanguageEvaluation, Template };
export { templateSchema };

/** A run of a language model and the run that it started from. */
export interface PipelineRun {
  id: string;
  name: string;
  model: string;
  stage: string;
  status: RunStatus;
  dataset: string;
  /** Id of the run it started from; null if it started from scratch or from a folder of weights. */
  from: string | null;
  parameters: number | null;
  /** Whether the test is of what it started from: it was trained, and no epoch was better. */
  asItStarted: boolean;
  /** The pretrained models that it began with, itself or by way of other runs: what they have read nobody knows. */
  pretrained: string[];
  /** Users that it answered for, as "2,000 of 22,363"; null where these are all. */
  sample: string | null;
  /** Settings that a stage after it takes over. */
  carried: Record<string, unknown>;
  /** Number of runs before it. */
  depth: number;
  metrics: Record<string, number>;
  /** Whether it has been evaluated. */
  evaluated: boolean;
}

/** A stage of a language model on its way to a task, or a model that stands beside. */
export interface LadderRun {
  id: string;
  /** What it is called where nothing else is shown. */
  name: string;
  model: string;
  /** Such as "LoRA on the question". */
  title: string;
  /** Id of the stage that it began from; null for none. */
  from: string | null;
  /** Null for a model that stands beside. */
  place: number | null;
  epochs: number | null;
  seconds: number | null;
  status: RunStatus;
}

/** One comparison: every number of it is of the same users, or of the same rows. */
export interface LadderQuestion extends Pick<Ladder, 'unit' | 'count' | 'leftOut'> {
  question: 'like' | 'next';
  metric: string;
  /** As a table shows it. */
  label: string;
  decimals: number;
  /** What the last column stands beside: the last stage that was measured. */
  target: string;
  /** `before`: the nearest stage before it that is a row; null for none. */
  rows: (LadderLine & { run: string; before: string | null })[];
  /** Stages that are no rows, and why. */
  absent: { run: string; reason: string }[];
}

/** A stage that a ladder lacks, and what a new run of it begins with. */
export interface AddedStage {
  title: string;
  model: 'brew' | 'lc-rec' | 'rewarded';
  overrides: Record<string, unknown>;
}

/** From a pretrained model, or from scratch, to a run: every stage, beside other models. */
export interface LanguageLadder {
  /** Stages in their order, then the models beside them. */
  runs: LadderRun[];
  dataset: string;
  questions: LadderQuestion[];
  /** What may follow the last stage, then what is missing before the first. */
  next: AddedStage[];
  /** The pretrained models that they began with: what these have read nobody knows. */
  pretrained: string[];
}

/** A run that begins with a pretrained model, or with a run that does. */
export interface RunOfModel
  extends Pick<LadderRun, 'id' | 'name' | 'model' | 'title' | 'status' | 'seconds'> {
  dataset: string;
  createdAt: number;
  /** Of its test; null without one. */
  result: { label: string; decimals: number; value: number; interval: [number, number] | null } | null;
}

/** A run of the data set of a language run. */
export interface BaselineChoice {
  id: string;
  /** Why it cannot be asked the same questions; null where it can. */
  problem: string | null;
  name: string;
  model: string;
  /** Whether it ranks items, so that its top items can be candidates. */
  retrieves: boolean;
}

/** A piece of a prompt: fixed words, or a field's value. */
export interface ShownPiece {
  text: string;
  /** Name of the field whose value it is; null for the template's own words. */
  field: string | null;
  tokens: number;
  /** Whether the value was cut to fit its slot. */
  cut: boolean;
}

export interface ShownPart {
  kind: string;
  pieces: ShownPiece[];
  tokens: number;
}

/** One prompt of a real user. */
export interface PromptPreview {
  /** Id as in the imported files. */
  user: string;
  template: Template;
  /** Names of the built-in templates. */
  ready: string[];
  /** Fields that the data set has. */
  fields: string[];
  parts: ShownPart[];
  tokens: number;
  context: number;
  /** Past interactions in the prompt, and those left out, oldest first. */
  shown: number;
  dropped: number;
  /** Where the token counts come from: a pretrained model's tokenizer, or one trained for the preview. */
  tokenizer: string;
}

/** What a model goes on with after a question: of all that it may say next, as probabilities. */
export interface ModelAnswer {
  /** Of the first tokens of the template's two answers. */
  yes: number;
  no: number;
  /** The likeliest tokens besides, most probable first. */
  others: { text: string; probability: number }[];
}

export interface LanguageProgress {
  what: string;
  done: number;
  total: number;
}

const previewRequest = z.object({
  dataset: datasetReference,
  template: z.string().max(200_000).describe('name, or JSON; empty for the first built-in one that fits'),
  user: z.string().max(500).describe('id as in the imported files; empty for the first'),
  task: z.enum(['like', 'rating', 'genre', 'pick']),
  shots: z.int().min(0).max(1000),
  context: z.int().min(64).max(8192),
  weights: pathField('Pretrained model that is asked, in its own words and its chat template'),
});
export type PreviewRequest = z.output<typeof previewRequest>;

/** Whether the user likes the last item, of a pretrained model: in the prompt of the preview, without its answer. */
const askRequest = previewRequest.omit({ task: true }).extend({ weights: pathSchema });
export type AskRequest = z.output<typeof askRequest>;

export const evaluationRequest = z.object({
  run: runId,
  users: z.int().min(0).max(1_000_000).default(0),
  fewerUsers: z.int().min(1).max(100_000).default(100),
  candidates: z.int().min(0).max(1000).default(99),
  retriever: runId.nullable().default(null).describe('its top items are another list of candidates'),
  against: z.array(runId).max(50).default([]).describe('runs to compare with'),
});
export type EvaluationRequest = z.output<typeof evaluationRequest>;

/** A pretrained model that was dropped and is kept in the data folder. */
export interface KeptModel {
  /** Of its file or folder. */
  name: string;
  path: string;
  bytes: number;
}

/** What a pretrained model is and takes, and where its files are: kept here, dropped and not kept yet, or the user's own. */
export interface PlacedCard extends ModelCard {
  place: 'kept' | 'dropped' | 'own';
  /** Of this machine. */
  memoryBytes: number;
}

const hub = {
  /** Pretrained models of the data folder, by name. */
  models: asks(['models']).output(type<KeptModel[]>()),
  /** The path where it is a pretrained model's, by its files alone; null where it is something else. */
  modelAt: asks([])
    .input(z.object({ path: pathSchema }))
    .output(type<string | null>()),
  /** Keeps what was dropped; what is the user's own stays where it is. Answers with the path from then on. */
  keepModel: does.input(z.object({ path: pathSchema })).output(type<{ path: string }>()),
  /** Deletes one that is kept. */
  removeModel: does.input(z.object({ name: z.string().min(1).max(255) })),
};

const analyst = {
  card: asks(['models'])
    .input(z.object({ path: pathSchema }))
    .output(type<PlacedCard>()),
  /** Of every data set, newest first. */
  runsOfModel: asks(['runs'])
    .input(z.object({ path: pathSchema }))
    .output(type<RunOfModel[]>()),
  /** Every language run, each after the one it started from. */
  pipeline: asks(['runs']).output(type<PipelineRun[]>()),
  /** The stages that led to a run in one comparison. */
  ladder: asks(['runs', 'datasets'])
    .input(z.object({ run: runId }))
    .output(type<LanguageLadder>()),
  /** Results of a run's evaluations, newest first. */
  evaluations: asks([], { run: ['runs'] })
    .input(z.object({ run: runId }))
    .output(type<LanguageEvaluation[]>()),
  /** Runs of a run's data set, newest first, and whether they can be asked the same questions. */
  baselines: asks(['runs'])
    .input(z.object({ run: runId }))
    .output(type<BaselineChoice[]>()),
  /** A user's prompt in a template, with its tokens. */
  preview: asks(['runs', 'datasets']).input(previewRequest).output(type<PromptPreview>()),
  /** Loads a pretrained model and asks it once; takes seconds. */
  ask: asks(['datasets']).input(askRequest).output(type<ModelAnswer>()),
  /** Asks a run about users' last interactions; the result is stored with the run. */
  evaluate: does
    .input(evaluationRequest)
    .output(eventIterator(type<LanguageProgress>(), type<LanguageEvaluation>())),
};

export const language = { hub, analyst };
