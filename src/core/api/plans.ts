import { type } from '@orpc/contract';
import { z } from 'zod';
import { pathSchema } from '../files/path-fields.ts';
import { PAPER_PARTS, PAPER_STYLES } from '../plans/choices.ts';
import type {
  PlanCheck,
  PlanEntry,
  PlanEvent,
  PlanHead,
  PlanPaper,
  PlanProgress,
} from '../plans/plan-views.ts';
import type { PlanWhere } from '../store/home/plans.ts';
import { asks, does } from './asking.ts';
import { practicalRequest } from './compare.ts';
import { rowNames } from './comparisons.ts';
import { hostName } from './hosts.ts';
import { anyDevice } from './models.ts';
import { runId } from './runs.ts';

export { PAPER_PARTS, PAPER_STYLES, type PaperPart, type PaperStyle } from '../plans/choices.ts';
export type {
  NumberFacts,
  PaperTable,
  PlanBlock,
  PlanCell,
  PlanCheck,
  PlanEntry,
  PlanEvent,
  PlanFailure,
  PlanHead,
  PlanModelView,
  PlanPaper,
  PlanProgress,
  PlanRun,
  PlanTableView,
  SeedState,
} from '../plans/plan-views.ts';
export type { PlanProblem } from '../plans/read-plan.ts';

const plan = z.string().regex(/^[\w-]{1,100}$/, 'the id of a plan');
const one = z.object({ plan });
const text = z.string().max(2 ** 20, 'too large for a plan');

/** Where it trains. */
const where = z
  .object({
    device: anyDevice,
    /** "here" is this machine. */
    hosts: z.array(hostName).min(1).max(100).optional(),
    /** Uses runs of other versions of the program, too. */
    usesOthers: z.boolean().optional(),
  })
  .prefault({});

const saved = z.object({
  /** Without it a new one is made. */
  plan: plan.optional(),
  text,
  /** What the window has read: another one in its file is not written over. */
  version: z.string().max(100).optional(),
});
export type PlanSave = z.output<typeof saved>;

const started = one.extend({ where });
export type PlanStart = z.output<typeof started>;

/** What a plan is made of, besides its text. */
const HOME = ['plans', 'runs', 'studies', 'datasets', 'queue', 'plugins', 'hosts', 'settings'] as const;

export const plans = {
  hub: {
    save: does.input(saved).output(type<{ id: string; version: string }>()),
    /** Measures results of other programs, and trains what is missing. */
    start: does.input(started).output(type<void>()),
    /** Stops its trainings with their checkpoints. */
    pause: does.input(one).output(type<void>()),
    resume: does.input(one).output(type<void>()),
  },
  analyst: {
    /** Last changed first. */
    list: asks([...HOME, 'checkpoints']).output(type<PlanEntry[]>()),
    read: asks(['plans'])
      .input(one)
      .output(type<{ head: PlanHead; text: string; version: string; where: PlanWhere }>()),
    /** What a text is, and what it takes. */
    check: asks([...HOME])
      .input(z.object({ plan: plan.optional(), text, where }))
      .output(type<PlanCheck>()),
    progress: asks([...HOME, 'checkpoints'])
      .input(one)
      .output(type<PlanProgress>()),
    /** What has happened, last first. */
    log: asks([...HOME])
      .input(one)
      .output(type<PlanEvent[]>()),
    paper: asks([...HOME])
      .input(
        one.extend({
          style: z.enum(PAPER_STYLES).optional(),
          /** Replaces what the plan leaves out of its tables. */
          without: z.array(z.enum(PAPER_PARTS)).max(PAPER_PARTS.length).optional(),
        }),
      )
      .output(type<PlanPaper>()),
    /** The text of the plan in a bundle. */
    ofBundle: does.input(z.object({ path: pathSchema })).output(type<string>()),
    /** The text of a plan that makes a comparison again. */
    ofRuns: asks(['runs', 'datasets'])
      .input(
        z.object({
          runs: z.array(runId).min(1).max(1000),
          name: z.string().trim().min(1).max(200),
          baseline: runId.nullable().optional(),
          metrics: z.array(z.string().min(1).max(200)).max(50).optional(),
          labels: rowNames.optional(),
          practical: practicalRequest.optional(),
        }),
      )
      .output(type<string>()),
  },
};
