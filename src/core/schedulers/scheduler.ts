/** What a scheduler is to Tessera. The window, this machine and the agent on a host read it: it knows neither of them. */
import type { JobOptions } from '../training/job-options.ts';
import type { SchedulerFacts } from './facts.ts';
import type { JobState } from './job-state.ts';

/** How jobs of a host are submitted; what is null is left to the cluster. */
export type JobRequest = { [K in JobOption]: string | null } & { lines: string[]; atOnce: number };
export type JobOption = Exclude<keyof JobOptions, 'lines'>;

/** A script that is submitted. */
export interface Submission {
  name: string;
  /** Where what is said before the script begins goes. */
  output: string;
  /** The numbers of its tasks, ascending, and how many run at once; null for one job. A task that is not among them may be started: it ends at once. */
  array: { tasks: readonly number[]; atOnce: number } | null;
}

/**
 * Runs a program of the host to its end. Throws where it fails, unless it says what `accepts` looks for: that is an answer. `what`
 * is said of a failure: "cancelling".
 */
export type Ask = (what: string, command: readonly string[], accepts?: RegExp) => string;

export interface AskedJobs {
  /** Of the user that asks. */
  user: string;
  /** Those of which at least something is to be said, such as "12" or "12_3". */
  jobs: readonly string[];
  /** The jobs whose script has started. */
  begun: ReadonlySet<string>;
  /** As the facts say. */
  accounting: boolean;
}

export interface Scheduler {
  title: string;
  /** What can be asked of a job, and what that is called there. */
  options: Partial<Record<JobOption, string>>;
  /** Why a job cannot be asked for in this way, though each option is understood; null where it can. */
  refusal(job: JobRequest): string | null;
  /** Whether a job asks for GPUs: only then are the libraries of CUDA sent. */
  asksForGpus(job: JobRequest): boolean;
  /** How jobs ask for one, as options of "host add". */
  gpuAdvice: string;

  /** Lines of a shell on a host: where it is there and answers they write "scheduler …", and what else `facts` reads; else nothing. */
  probe: string;
  /** Of what the probe has written: the values of the lines that begin with a word. */
  facts(all: (word: string) => string[]): Omit<SchedulerFacts, 'kind'>;

  /** The command that submits a script, without its options, and its answer: first in it is the number. */
  submit: { command: readonly string[]; number: RegExp };
  /** Its options, each with its values: of what is asked of a job, and of one submission. */
  optionsOf(job: JobRequest): string[][];
  submissionOptions(submission: Submission): string[][];
  /** What a line of a script begins with that is such an option. */
  directive: string;
  script: {
    /** Lines of a shell in a job: `job` is how `states` calls it, `task` its number in an array, or empty, and `node` its machine. */
    names: string;
    firstTask: number;
    /** Whether the scheduler sends USR1 to the script before the time limit. Else the script counts the time itself. */
    isWarned: boolean;
    /** A line of a shell that has the job wait once more, and ends the script; null where that is not for users to do. */
    requeue: string | null;
  };
  /** The number of the job of a name that was submitted just now; null where there is none. */
  numberOf(ask: Ask, name: string, user: string): string | null;
  cancel(ask: Ask, jobs: readonly string[]): void;
  /** How jobs stand, in one question for all of them, and one more for those that it does not show. Those of which nothing is known are left out. */
  states(ask: Ask, asked: AskedJobs): Map<string, JobState>;
  /** How many jobs are before each that waits; null where it does not tell. */
  ahead: ((ask: Ask, user: string) => Record<string, number>) | null;

  /** Lines of a shell about the job whose number is in `id`. */
  shell: {
    cancel: string;
    /** Says why it waits. */
    why: string;
    /** Writes its script, where the scheduler gives it away; else does nothing. */
    script: string;
  };
  /** Why jobs wait by how it says that, in our words. */
  reasons: readonly (readonly [said: RegExp, words: string])[];
  /** What its programs say when it does not answer: what they were asked may have been done. */
  silent: RegExp;
  /** What they say when it has as many jobs of a user as it takes at once: it takes more once some have ended. */
  full: RegExp;
  /** Of its programs: beginnings of variables that users set for their own eyes, and what is set instead. */
  environment: { without: readonly string[]; with: Readonly<Record<string, string>> };
}

/** Rows of a text with "|" between their cells. */
export function cellsOf(said: string): string[][] {
  return said
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => line.trim().split('|'));
}
