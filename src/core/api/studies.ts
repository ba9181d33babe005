import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { StudyLaw, StudyPoint } from '../scaling/analysis.ts';
import type { StudySpec } from '../scaling/study.ts';
import { datasetReference } from './datasets.ts';
import { device } from './models.ts';

export type { HeldOut, StudyAxis, StudyLaw, StudyMetric, StudyPoint } from '../scaling/analysis.ts';

/** A study in the list. */
export interface StudyEntry {
  id: string;
  name: string;
  /** Unix milliseconds. */
  createdAt: number;
  spec: StudySpec;
  /** Runs of the grid that have completed, and cells of the grid. */
  done: number;
  cells: number;
}

export interface StudyPage extends StudyEntry {
  points: StudyPoint[];
  laws: StudyLaw[];
}

/** A grid that could be, or in one line what is wrong with it. */
export type StudyPlan =
  | { points: StudyPoint[]; bytes: number; flops: number; problem: null }
  | { points: null; problem: string };

const list = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(100);

export const studyRequest = z.object({
  dataset: datasetReference,
  model: z.string().min(1),
  preset: z.string().optional(),
  overrides: z.record(z.string(), z.unknown()).default({}),
  /** "64x2" or "64x2x4": width, depth, heads. */
  sizes: list(z.string().trim().min(1).max(60)),
  shares: list(z.number().gt(0).max(1)),
  seeds: list(z.int().min(0)),
  device: device.default('auto'),
  /** Without it, the threads of the settings. */
  threads: z.int().min(1).max(1024).optional(),
});

export type StudyRequest = z.output<typeof studyRequest>;

const one = z.object({ study: z.string().min(1) });

export const studies = {
  list: oc.output(type<StudyEntry[]>()),
  show: oc.input(one).output(type<StudyPage>()),
  /** Counts a grid without making it. */
  plan: oc.input(studyRequest).output(type<StudyPlan>()),
  /** Makes the runs and puts them at the end of the queue. */
  create: oc
    .input(studyRequest.extend({ name: z.string().trim().min(1).max(200) }))
    .output(type<{ id: string }>()),
  /** Makes the runs that are missing, and puts those that ended unfinished back into the queue; returns how many. */
  resume: oc.input(one).output(type<{ runs: number }>()),
  /** The runs stay. */
  delete: oc.input(one).output(type<void>()),
};
