/** Language models: prompts, evaluations and pipelines. */
import { eventIterator, oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { Template } from '../families/language/text/template.ts';
import type { RunStatus } from '../store/types.ts';
import { datasetReference } from './datasets.ts';
import { runId } from './runs.ts';

export type { Template };

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
  /** Where the token counts come from: a run, or a tokenizer trained for the preview. */
  tokenizer: string;
}

/** Answers to "does the member like it?". */
export interface AnswerFigures {
  questions: number;
  auc: number;
  /** 95 %, after DeLong et al. */
  interval: [number, number];
  logloss: number;
  ece: number;
}

/** The same questions answered by baselines that do not read the prompt. */
export interface RivalFigures {
  name: string;
  auc: number;
  interval: [number, number];
  /** Null if the scores are not probabilities. */
  logloss: number | null;
  ece: number | null;
  /** Its AUC minus the language model's, with a 95 % interval and a Holm-adjusted p after DeLong et al. */
  difference: { value: number; interval: [number, number]; p: number };
}

export interface CalibrationFigure {
  count: number;
  meanProbability: number;
  meanLabel: number;
}

/** Ranks of the held-out item among a list of candidates. */
export interface RerankFigures {
  /** Whose scores ordered the list. */
  name: string;
  /** Over all users; a user whose held-out item is not a candidate counts 0. */
  all: ListFigures;
  /** Over the users whose held-out item is a candidate; null if there is none. */
  covered: ListFigures | null;
}

export interface ListFigures {
  hr1: number;
  hr5: number;
  hr10: number;
  ndcg10: number;
}

/** Evaluations in another format must be measured again. */
export const EVALUATION_FORMAT = 2;

/** What `language evaluate` measures and keeps beside the run. */
export interface LanguageEvaluation {
  format: typeof EVALUATION_FORMAT;
  /** Unix milliseconds. */
  measuredAt: number;
  answers: AnswerFigures;
  /** Item popularity, item likes, other runs. */
  rivals: RivalFigures[];
  calibration: CalibrationFigure[];
  /** By the maximum number of past interactions shown. */
  shots: { shots: number; meanShown: number; figures: AnswerFigures }[];
  /** By number of interactions before the question; `to` is null without an upper bound. */
  histories: { from: number; to: number | null; figures: AnswerFigures }[];
  unseenWording: AnswerFigures | null;
  tasks: { task: string; trained: boolean; questions: number; accuracy: number; chance: number }[];
  reranks: Rerank[];
}

/** The candidates are named because these numbers cannot be compared with full ranking. */
export interface Rerank {
  kind: 'drawn' | 'retrieved';
  candidates: string;
  users: number;
  /** Users whose held-out item is among the candidates. */
  covered: number;
  figures: RerankFigures[];
  millisecondsPerCandidate: number;
}

/** A run of a language model and the run that it started from. */
export interface PipelineRun {
  id: string;
  name: string;
  stage: string;
  status: RunStatus;
  dataset: string;
  /** Id of the run it started from; null if it started from scratch or from a folder of weights. */
  from: string | null;
  parameters: number | null;
  /** Number of runs before it. */
  depth: number;
  metrics: Record<string, number>;
  /** Whether it has been evaluated. */
  evaluated: boolean;
}

/** A run that can be asked the same questions as a language run. */
export interface RivalChoice {
  id: string;
  name: string;
  model: string;
  /** Whether it ranks items, so that its top items can be candidates. */
  retrieves: boolean;
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
});
export type PreviewRequest = z.output<typeof previewRequest>;

const evaluationRequest = z.object({
  run: runId,
  users: z.int().min(0).max(1_000_000).default(0),
  fewerUsers: z.int().min(1).max(100_000).default(100),
  candidates: z.int().min(0).max(1000).default(99),
  retriever: runId.nullable().default(null).describe('its top items are another list of candidates'),
  against: z.array(runId).max(50).default([]).describe('runs to compare with'),
});
export type EvaluationRequest = z.output<typeof evaluationRequest>;

export const language = {
  hub: {
    /** Every language run, each after the one it started from. */
    pipeline: oc.output(type<PipelineRun[]>()),
    /** Result of a run's last evaluation. */
    evaluation: oc.input(z.object({ run: runId })).output(type<LanguageEvaluation | null>()),
    /** Runs that can be asked the same questions as a run, newest first. */
    rivals: oc.input(z.object({ run: runId })).output(type<RivalChoice[]>()),
  },
  analyst: {
    /** A user's prompt in a template, with its tokens. */
    preview: oc.input(previewRequest).output(type<PromptPreview>()),
    /** Asks a run about users' last interactions; the result is stored with the run. */
    evaluate: oc
      .input(evaluationRequest)
      .output(eventIterator(type<LanguageProgress>(), type<LanguageEvaluation>())),
  },
};
