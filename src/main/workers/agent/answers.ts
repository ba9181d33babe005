/** What the agent on a host answers, as a desktop checks it. The agent takes the types alone: it starts for each question. */
import { z } from 'zod';
import { JOB_OUTCOMES, JOB_PHASES, type JobState } from '../../../core/schedulers/job-state.ts';

const count = z.int().nonnegative();
/** "12", or "12_3" in an array. */
const job = z.string().regex(/^\d+(_\d+)?$/);

const seenRun = z.object({
  name: z.string(),
  /** never: nothing was started. begun: it may be starting. runs: also a job, wherever its cluster has it. lost: it has ended without an exit code. */
  state: z.enum(['never', 'begun', 'runs', 'ended', 'lost']),
  exitCode: count.nullable(),
  job: job.nullable(),
  /** How often its job was started. */
  starts: count,
  /** Whether a desktop has ended it. */
  closed: z.boolean(),
  /** What its journal has behind the offset, in base64, and all that it has, in bytes. */
  journal: z.base64(),
  bytes: count,
  /** The last lines of its logs, where it has ended badly. */
  log: z.string().nullable(),
});
export type SeenRun = z.output<typeof seenRun>;

const jobState: z.ZodType<JobState> = z.object({
  ...{ phase: z.enum(JOB_PHASES), outcome: z.enum(JOB_OUTCOMES).nullable(), exitCode: z.int().nullable() },
  ...{ reason: z.string().nullable(), node: z.string().nullable(), secondsLeft: z.number().nullable() },
  ...{ startsAt: z.number().nullable(), submittedAt: z.number().nullable() },
  ...{ ahead: count.nullable(), starts: count },
});

const look = z.object({
  runs: z.array(seenRun),
  freeBytes: count,
  /** What its scheduler says of jobs; null where it was not asked. */
  jobs: z.record(z.string(), jobState).nullable(),
  /** Of jobs that wait, how many jobs of their partition are to start before them; null where that was not asked. */
  ahead: z.record(z.string(), count).nullable(),
  /** Why the cluster could not be asked. */
  trouble: z.string().nullable(),
});
export type Look = z.output<typeof look>;

const strayThere = z.object({
  /** Of its folder. */
  name: z.string(),
  /** Null where it cannot be told. */
  state: seenRun.shape.state.nullable(),
  job: job.nullable(),
  /** As its spec says; null where that cannot be read. */
  model: z.string().nullable(),
  dataset: z.string().nullable(),
  /** When anything of it was written last, Unix milliseconds. */
  at: z.number(),
});
export type StrayThere = z.output<typeof strayThere>;

const madeFile = z.object({
  /** Within the run's folder, with "/". */
  path: z.string().min(1),
  size: count,
  /** SHA-256. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type MadeFile = z.output<typeof madeFile>;

/** As a program of the host said it. */
const failure = z.object({ what: z.string(), code: z.int(), said: z.string() });

const submitted = z.object({
  /** Runs that have no job, and why; what else was asked for has one, or needs none any more. */
  refused: z.array(z.string()),
  why: failure.nullable(),
});
export type Submitted = z.output<typeof submitted>;

/** By question. */
export const ANSWERS = {
  look,
  made: z.array(madeFile),
  start: z.literal(true),
  submit: submitted,
  end: z.literal(true),
  remove: z.literal(true),
  strays: z.array(strayThere),
};

export const agentFailure = z.object({ failed: failure });
export type AgentFailure = z.output<typeof agentFailure>;
