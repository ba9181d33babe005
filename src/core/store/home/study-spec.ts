/** What is stored of a study: a grid of runs over variants of a model, the share of the data and seeds. A sweep is a study. */
import { z } from 'zod';
import { DEVICES } from '../../device-names.ts';
import { jobOptions } from '../../training/job-options.ts';

/** A study over sizes and shares of the data, or a sweep over settings. */
export const STUDY_KINDS = ['study', 'sweep'] as const;
export type StudyKind = (typeof STUDY_KINDS)[number];

/**
 * What a search varies: config keys with values "a,b", a JSON list, or a range "a..b" or "log:a..b", as they were written; `when`: the
 * key is part of a trial only where other varied keys have one of these values.
 */
export const searchSpaceSchema = z
  .array(
    z.object({
      key: z.string().min(1).max(100),
      values: z.string().max(10_000),
      when: z.record(z.string(), z.array(z.unknown()).min(1)).optional(),
    }),
  )
  .min(1)
  .max(50);

export type SearchSpace = z.output<typeof searchSpaceSchema>;

/** How a search makes its trials, which of them it stops, and when it ends. */
export const searcherSchema = z.object({
  search: z.enum(['grid', 'random', 'tpe']),
  /** How many a random search or TPE makes, and the seed that it draws them by. */
  trials: z.int().positive().default(20),
  draw: z.int().nonnegative().default(1),
  /** Stops trials early: of those that reach a rung one in `eta` goes on to the next, `eta` times as long; `min`: epochs of the first. */
  asha: z.object({ min: z.int().positive().default(1), eta: z.int().min(2).max(100).default(3) }).optional(),
  /** No more trials begin once so many in a row have been no better, or once trials have trained for so many hours. */
  stop: z
    .object({ unimproved: z.int().positive().optional(), hours: z.number().positive().optional() })
    .optional(),
  /** In the end so many of the best trials are trained from each of these seeds. */
  finalists: z
    .object({
      trials: z.int().positive().max(100).default(3),
      seeds: z.array(z.int().nonnegative()).min(1).max(100),
    })
    .optional(),
});

export type Searcher = z.output<typeof searcherSchema>;

/** A request of a sweep. */
export const sweepSchema = searcherSchema.extend({ vary: searchSpaceSchema });

export type SweepQuestion = z.output<typeof sweepSchema>;

const config = z.record(z.string(), z.unknown());

/** What a size of a study of several models is: its model's base or its Large. */
const variant = z.object({
  model: z.string().min(1),
  preset: z.string().optional(),
  role: z.enum(['base', 'large']),
});

export const studySpecSchema = z.object({
  /** Left out for a law over sizes and shares of one model. */
  kind: z.enum(['base-large', 'sweep']).optional(),
  /** Only of a sweep: how its trials were requested, and the metric that ranks them. */
  sweep: sweepSchema
    .extend({
      metric: z.string(),
      /** Of a search whose trials are made one after the other: whether more begin. Left out where all were made at once. */
      state: z.enum(['open', 'paused', 'ended']).optional(),
      /** Why no more begin. */
      ended: z.enum(['trials', 'unimproved', 'hours', 'all']).optional(),
      /** Another program searched: it chose the trials, and by its direction the best. */
      found: z.object({ program: z.string(), direction: z.enum(['higher', 'lower']) }).optional(),
      /** A varied key that changed the evaluation of trials, which sweeps could have before such keys were refused. */
      incomparable: z.string().optional(),
    })
    .optional(),
  /** Of all sizes but those that are a variant. */
  model: z.string().min(1),
  preset: z.string().optional(),
  /** Changes to the preset that all runs share. */
  overrides: config,
  /**
   * From small to large: a label and the config keys that make the size. `until`: epochs after which the trial stops for now, left out
   * for one that trains to its end.
   */
  sizes: z.array(
    z.object({
      label: z.string().min(1).max(60),
      config,
      variant: variant.optional(),
      until: z.int().positive().optional(),
    }),
  ),
  /** Shares of the users trained on, ascending. */
  shares: z.array(z.number().gt(0).max(1)).min(1),
  seeds: z.array(z.int().nonnegative()).min(1),
  dataset: z.object({ id: z.string(), name: z.string(), fingerprint: z.string() }),
  device: z.enum(DEVICES),
  /** The host that trains all runs; left out for this machine. */
  on: z.string().optional(),
  /** How their jobs are submitted there, where that differs from what the host says. */
  job: jobOptions.optional(),
  threads: z.int().positive(),
});

export type StudySpec = z.output<typeof studySpecSchema>;

/** The spec of a sweep. */
export type SweepSpec = StudySpec & Required<Pick<StudySpec, 'sweep'>>;

export function isSweep(spec: StudySpec): spec is SweepSpec {
  return spec.kind === 'sweep' && spec.sweep !== undefined;
}

/** Whether its trials are made one after the other, as TPE, early stops and rules to end need it. */
export function isSteered({ search, asha, stop, finalists }: Searcher): boolean {
  return search === 'tpe' || [asha, stop, finalists].some((part) => part !== undefined);
}

export function kindOf(spec: StudySpec): StudyKind {
  return isSweep(spec) ? 'sweep' : 'study';
}

/** One place of the grid. */
export interface StudyCell {
  /** Index into the sizes. */
  size: number;
  share: number;
  seed: number;
}
