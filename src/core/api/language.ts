/** What the window asks about language models. */
import { eventIterator, oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { LanguageEvaluation } from '../families/language/evaluation-result.ts';
import type { PipelineRun, RivalChoice } from '../families/language/pipeline.ts';
import type { Template } from '../families/language/text/template.ts';
import { datasetReference } from './datasets.ts';
import { runId } from './runs.ts';

export type {
  AnswerFigures,
  ListFigures,
  Rerank,
  RivalFigures,
} from '../families/language/evaluation-result.ts';
export type { LanguageEvaluation, PipelineRun, Template };

/** A part of a prompt as it is shown: fixed words, or a field's value. */
export interface ShownPiece {
  text: string;
  /** Name of the field whose value it is; null for the template's own words. */
  field: string | null;
  tokens: number;
  /** Whether the value was longer than a slot takes. */
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
  /** Names of the ready templates. */
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

export interface LanguageProgress {
  what: string;
  done: number;
  total: number;
}

export const language = {
  /** A user's prompt in a template, with its tokens. */
  preview: oc
    .input(
      z.object({
        dataset: datasetReference,
        template: z.string().max(200_000).describe('name, or JSON; empty for the first ready one that fits'),
        user: z.string().max(500).describe('id as in the imported files; empty for the first'),
        task: z.enum(['like', 'rating', 'genre', 'pick']),
        shots: z.int().min(0).max(1000),
        context: z.int().min(64).max(8192),
      }),
    )
    .output(type<PromptPreview>()),
  /** Every language run, each after the one it started from. */
  pipeline: oc.output(type<PipelineRun[]>()),
  /** What the last evaluation of a run found. */
  evaluation: oc.input(z.object({ run: runId })).output(type<LanguageEvaluation | null>()),
  /** Runs that can be asked the same questions as a run, newest first. */
  rivals: oc.input(z.object({ run: runId })).output(type<RivalChoice[]>()),
  /** Asks a run about users' last interactions; what it finds is kept with the run. */
  evaluate: oc
    .input(
      z.object({
        run: runId,
        users: z.int().min(0).max(1_000_000).default(0),
        fewerUsers: z.int().min(1).max(100_000).default(100),
        candidates: z.int().min(0).max(1000).default(99),
        retriever: runId.nullable().default(null),
        against: z.array(runId).max(50).default([]),
      }),
    )
    .output(eventIterator(type<LanguageProgress>(), type<LanguageEvaluation>())),
};
