/** Runs that are made again: what to expect before, what came of it after. */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { pathField, pathSchema } from '../files/path-fields.ts';
import type { BundleCheck } from '../reproduce/bundle-checks.ts';
import type { Condition, Degree } from '../reproduce/conditions.ts';
import { REMAKE_KINDS, type ReproducedRun } from '../reproduce/outcome.ts';
import type { Statement } from '../reproduce/statements.ts';
import { asks, does } from './asking.ts';
import { MAX_COMPARED } from './compare.ts';
import { rowNames } from './comparisons.ts';
import { runId } from './runs.ts';

export type { BundleCheck } from '../reproduce/bundle-checks.ts';
export { type Condition, type Degree, MARKS, type Mark } from '../reproduce/conditions.ts';
export {
  type AgreementDegree,
  DEGREE_WORDS,
  orderText,
  outcomeStatement,
  type Remaking,
  type ReproducedRun,
  ROUNDING,
  ranksText,
} from '../reproduce/outcome.ts';
export type { Statement } from '../reproduce/statements.ts';

/** A run of this home, or a report or a bundle; `data`: files in which the data may be. */
export const lookRequest = z.object({
  of: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('run'), run: runId }),
    z.object({ kind: z.literal('file'), path: pathSchema }),
  ]),
  data: z.array(pathSchema).max(100).default([]),
});

/** `anyway`: also where the numbers cannot agree. */
export const remakeRequest = lookRequest.extend({
  how: z.enum(REMAKE_KINDS),
  anyway: z.boolean().default(false),
});
export type RemakeRequest = z.output<typeof remakeRequest>;
export type LookRequest = z.output<typeof lookRequest>;

/** What would be made again, and what to expect of it. */
export interface RemakePlan {
  /** A run's name, or the file's. */
  title: string;
  /** Of the program that wrote what makes it again. */
  version: string;
  expected: { degree: Degree; text: string };
  conditions: Condition[];
  /** Those that are trained, with those that they rest on and that are not here. */
  runs: {
    id: string;
    name: string;
    model: string;
    seed: number;
    seconds: number | null;
    endedAt: number | null;
  }[];
  /** Results that cannot be made again, and why. */
  others: { name: string; reason: string }[];
  /** What of the data is not here, a sentence each. */
  missing: string[];
  /** Why its checkpoints cannot be measured again; null where they can. */
  notEvaluated: string | null;
}

/** Runs that wait in the queue now, and why others do not. */
export interface RemadeRuns {
  runs: string[];
  left: { name: string; reason: string }[];
}

/** Compared runs as one archive, as they are looked at. */
export const bundleRequest = z.object({
  runs: z.array(runId).min(1).max(MAX_COMPARED),
  baseline: runId.nullable().optional(),
  metrics: z.array(z.string()).min(1).optional(),
  labels: rowNames.optional(),
  title: z.string().trim().min(1).max(200),
  /** What was concluded. */
  text: z.string().max(100_000).optional(),
  /** Whether the items that each run recommended come along. */
  hasLists: z.boolean(),
});
export type BundleRequest = z.output<typeof bundleRequest>;

export const bundleSaveRequest = bundleRequest.extend({
  folder: pathField('Folder; nothing for a new one in the data folder'),
});

/** What a bundle would hold. */
export interface BundleLook {
  members: { name: string; bytes: number }[];
  /** What is not in it, and why. */
  left: string[];
  checks: BundleCheck[];
  /** Of the archive. */
  bytes: number;
  runs: number;
}

export interface SavedBundle {
  file: string;
  bytes: number;
}

export const reproduce = {
  hub: {
    look: asks(['runs', 'datasets', 'plugins', 'checkpoints']).input(lookRequest).output(type<RemakePlan>()),
  },
  analyst: {
    /** Imports what of the data is missing, and puts the runs into the queue. */
    start: does.input(remakeRequest).output(eventIterator(type<{ doing: string }>(), type<RemadeRuns>())),
    /** Makes a bundle and reads it again, without keeping it. */
    lookAtBundle: asks(['datasets', 'comparisons'], { runs: ['runs'] })
      .input(bundleRequest)
      .output(eventIterator(type<{ doing: string }>(), type<BundleLook>())),
    saveBundle: does
      .input(bundleSaveRequest)
      .output(eventIterator(type<{ doing: string }>(), type<SavedBundle>())),
    /** What came so far of runs that make others again; other runs are left out. */
    outcomes: asks([], { runs: ['runs'] })
      .input(z.object({ runs: z.array(runId).min(1).max(1000) }))
      .output(type<ReproducedRun[]>()),
    /** What these runs said of each other then, tested again. */
    statements: asks([], { runs: ['runs'] })
      .input(z.object({ runs: z.array(runId).min(1).max(1000) }))
      .output(type<Statement[]>()),
  },
};
