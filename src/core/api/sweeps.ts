import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { ErrorParts } from '../errors.ts';
import type { SweepSpec } from '../scaling/study.ts';
import type { SweepResult, SweepTrial } from '../scaling/sweep-result.ts';
import { sweepSchema } from '../store/home/study-spec.ts';
import { sharedStudyRequest, studyName } from './studies.ts';

export { choiceText, seedMeanText, settingsText } from '../documents/sweep.ts';
export { rangeOf } from '../scaling/sweep.ts';
export type { SeedMean, SweepTrial } from '../scaling/sweep-result.ts';

/** A sweep in the list. */
export interface SweepEntry {
  id: string;
  name: string;
  /** Unix milliseconds. */
  createdAt: number;
  model: string;
  dataset: string;
  search: SweepSpec['sweep']['search'];
  vary: SweepSpec['sweep']['vary'];
  /** What ranks the trials. */
  metric: string;
  /** Trials, and those of them whose runs have all completed. */
  trials: number;
  done: number;
  /** So far; null while no trial has a value. */
  best: SweepTrial | null;
}

export interface SweepPage extends Omit<SweepEntry, 'trials'>, SweepResult {
  spec: SweepSpec;
}

/** The trials that a sweep would make, or what is wrong with it. */
export type SweepPlan =
  | { trials: Record<string, unknown>[]; runs: number; metric: string; problem: null }
  | { trials: null; problem: ErrorParts };

export const sweepRequest = sharedStudyRequest
  .extend({ model: z.string().min(1), preset: z.string().optional() })
  .extend(sweepSchema.shape);

export type SweepRequest = z.input<typeof sweepRequest>;

/** They are resumed and deleted as studies are. */
export const sweeps = {
  list: oc.output(type<SweepEntry[]>()),
  show: oc.input(z.object({ sweep: z.string().min(1) })).output(type<SweepPage>()),
  plan: oc.input(sweepRequest).output(type<SweepPlan>()),
  /** Creates the runs and appends them to the queue. */
  create: oc.input(z.object({ name: studyName, request: sweepRequest })).output(type<{ id: string }>()),
};
