/** Trainers that are jobs of a scheduler. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SCHEDULER_KINDS, type SchedulerKind } from '../../../core/schedulers/facts.ts';
import { GONE, type JobState } from '../../../core/schedulers/job-state.ts';
import type { Ask, AskedJobs } from '../../../core/schedulers/scheduler.ts';
import { SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import { CLOSED, exitCodeIn, isThere, jsonIn, textOf } from './folders.ts';
import { type Question, type RunState, type Submitted, TRY_AGAIN } from './questions.ts';
import type { AgentSystem } from './system.ts';

/** Its job, such as "12" or "12_3". */
const JOB = 'job-number';
/** What it was submitted with, before its number was known. */
const SUBMISSION = 'submission.json';
const SUBMITTING = 'submitting';
/** As it is said where it fails. */
const SUBMITTING_IT = 'submitting the job';
/** How often its script has begun. */
const STARTS = 'starts';
/** Longer than a program of a scheduler may take. */
const SUBMITTING_MS = 120_000;

interface Submission {
  /** Earlier versions knew no other one than Slurm. */
  kind?: SchedulerKind;
  /** Of the job: that of all runs that are submitted together. */
  name: string;
  /** Of the task in an array, or null. */
  index: number | null;
}

/** A scheduler has refused, or does not answer. */
export class SchedulerFailure extends Error {
  readonly failed;

  constructor(what: string, code: number, said: string) {
    super(said);
    this.failed = { what, code, said };
  }
}

export function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export class Jobs {
  readonly folderOf: (name: string) => string;
  readonly #system: AgentSystem;
  readonly #ask: Ask;
  /** A folder that one submission has at a time. */
  readonly #lock: string;
  /** By the names of jobs: an array has one for all its tasks. */
  readonly #numbers = new Map<string, string | null>();

  constructor(system: AgentSystem, root: string, folderOf: (name: string) => string) {
    this.#system = system;
    this.#lock = join(root, SUBMITTING);
    this.folderOf = folderOf;
    this.#ask = (what, [program, ...args], accepts) => {
      const { code, stdout, stderr } = system.run(program, args);
      if (code === 0 || accepts?.test(stderr || stdout)) return stdout;
      throw new SchedulerFailure(what, code, stderr.trim() || stdout.trim());
    };
  }

  /** The scheduler that it was given to, whatever is known of the cluster now; null where it was never to be a job. */
  schedulerOf(name: string): SchedulerKind | null {
    const kept = (file: string) => isThere(join(this.folderOf(name), file));
    if (![JOB, 'job', SUBMISSION].some(kept)) return null;
    return jsonIn<Submission>(join(this.folderOf(name), SUBMISSION))?.kind ?? 'slurm';
  }

  /** One that was submitted just before its submitter ended is found by its name. */
  jobOf(name: string): string | null {
    const folder = this.folderOf(name);
    // The second as earlier versions kept it. A power cut may leave them empty.
    const known = textOf(join(folder, JOB)) || textOf(join(folder, 'job'));
    if (known) return known.trim().split(';')[0];
    const submission = jsonIn<Submission>(join(folder, SUBMISSION));
    const id = submission && this.#numberOf(submission);
    return submission && id && this.#keep(name, submission, id);
  }

  #numberOf({ name, kind = 'slurm' }: Submission): string | null {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const id = SCHEDULERS[kind].numberOf(this.#ask, name, this.#system.user);
    this.#numbers.set(name, id);
    return id;
  }

  #keep(name: string, { index }: Submission, id: string): string {
    const job = index === null ? id : `${id}_${index}`;
    try {
      this.#system.write(join(this.folderOf(name), JOB), `${job}\n`);
    } catch {
      // A disk that is full: it is found by its name again.
    }
    return job;
  }

  /** Asked again after a lost answer, it submits nothing twice. */
  submit(question: Extract<Question, { op: 'submit' }>): Submitted {
    return this.#alone(() => {
      // What has begun was submitted, also where its scheduler has forgotten it since.
      const isOver = (name: string) =>
        [CLOSED, STARTS].some((file) => isThere(join(this.folderOf(name), file)));
      const waiting = [...question.runs.entries()].filter(
        ([, name]) => this.#isKept(name) && !isOver(name) && this.jobOf(name) === null,
      );
      const why = waiting.length === 0 ? null : this.#submitAll(waiting, question);
      return { refused: why === null ? [] : waiting.map(([, name]) => name), why };
    });
  }

  /** One that is given up may be removed at any time. */
  #isKept(name: string): boolean {
    return isThere(this.folderOf(name));
  }

  /** Returns why they are refused, or null. */
  #submitAll(
    waiting: readonly (readonly [number, string])[],
    { kind, runs, options, script, atOnce }: Extract<Question, { op: 'submit' }>,
  ): Submitted['why'] {
    const { submit, submissionOptions, script: of } = SCHEDULERS[kind];
    const [[, first]] = waiting;
    const folder = this.folderOf(first);
    const isArray = runs.length > 1;
    // Found again whatever is lost there; no other one's, though some were submitted before in vain, with others.
    const all = waiting.map(([, run]) => run).join();
    const name = `tessera-${first}${isArray ? `-${crc32(all).toString(36)}` : ''}`;
    const submission = (index: number): Submission => ({
      ...{ kind, name },
      index: isArray ? index + of.firstTask : null,
    });
    const file = join(folder, 'job.sh');
    const tasks = waiting.map(([index]) => index + of.firstTask);
    const output = isArray ? '/dev/null' : join(folder, 'job.log');
    const own = submissionOptions({ name, output, array: isArray ? { tasks, atOnce } : null });
    try {
      for (const [index, run] of waiting)
        this.#system.write(join(this.folderOf(run), SUBMISSION), JSON.stringify(submission(index)));
      this.#system.write(file, script);
      const said = this.#ask(SUBMITTING_IT, [...submit.command, ...own.flat(), ...options, file]);
      const id = submit.number.exec(said.trim())?.[1];
      if (id === undefined) throw new Error('it gave no job number');
      for (const [index, run] of waiting) if (this.#isKept(run)) this.#keep(run, submission(index), id);
      return null;
    } catch (error) {
      if (error instanceof SchedulerFailure) return error.failed;
      return { what: SUBMITTING_IT, code: 1, said: saidBy(error) };
    }
  }

  /** One submission at a time: an earlier question may still be at it there, though its answer is lost. */
  #alone<T>(work: () => T): T {
    const lock = this.#lock;
    if (isThere(lock) && !this.#isSubmitting()) this.#system.remove(lock);
    try {
      this.#system.makeFolder(lock);
    } catch (error) {
      const why = isThere(lock) ? 'another submission is at it there' : saidBy(error);
      throw new SchedulerFailure(SUBMITTING_IT, TRY_AGAIN, why);
    }
    try {
      return work();
    } finally {
      this.#system.remove(lock);
    }
  }

  /** Whether one goes on; one that was cut, with its agent, is over after a while, whatever the clock was set to since. */
  #isSubmitting(): boolean {
    const begun = statSync(this.#lock, { throwIfNoEntry: false })?.mtimeMs;
    return begun !== undefined && Math.abs(this.#system.now() - begun) < SUBMITTING_MS;
  }

  stateOf(name: string): RunState {
    const folder = this.folderOf(name);
    const job = this.jobOf(name);
    const exitCode = exitCodeIn(folder);
    const starts = Number(textOf(join(folder, STARTS))) || 0;
    const isBegun = () => isThere(join(folder, SUBMISSION)) && this.#isSubmitting();
    const state = exitCode !== null ? 'ended' : job !== null ? 'runs' : isBegun() ? 'begun' : 'never';
    return { state, exitCode, job, starts };
  }

  /** Ends them, or keeps them from beginning. */
  end(names: readonly string[]): void {
    for (const name of names) this.#system.write(join(this.folderOf(name), CLOSED), '');
    for (const kind of SCHEDULER_KINDS) {
      const own = names.filter((name) => this.schedulerOf(name) === kind);
      const jobs = own.map((name) => this.jobOf(name)).filter((job) => job !== null);
      if (jobs.length > 0) SCHEDULERS[kind].cancel(this.#ask, jobs);
    }
  }

  /** What a scheduler says of jobs, and of the others of its user. */
  states(kind: SchedulerKind, asked: Omit<AskedJobs, 'user'>): Record<string, JobState> {
    const gone = asked.jobs.map((job) => [job, GONE] as const);
    try {
      const said = SCHEDULERS[kind].states(this.#ask, { user: this.#system.user, ...asked });
      return Object.fromEntries([...gone, ...said]);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SchedulerFailure('asking for jobs', 1, `its answer cannot be read: ${error.message}`);
    }
  }

  /** How many jobs are before those that wait, where it tells. */
  ahead(kind: SchedulerKind): Record<string, number> {
    return SCHEDULERS[kind].ahead?.(this.#ask, this.#system.user) ?? {};
  }
}
