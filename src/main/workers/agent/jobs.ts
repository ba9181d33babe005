/** Trainers that are jobs of Slurm. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CLOSED, exitCodeIn, isThere, jsonIn, textOf } from './folders.ts';
import { type Look, type Question, type RunState, type Submitted, TRY_AGAIN } from './questions.ts';
import type { AgentSystem } from './system.ts';

export const SQUEUE_FORMAT = '%i|%T|%L|%S|%V|%N|%r';
export const SACCT_FORMAT = 'JobID,State,ExitCode,NodeList,Reason';

/** Its job, such as "12" or "12_3". */
const JOB = 'job-number';
/** What it was submitted with, before its number was known. */
const SUBMISSION = 'submission.json';
const SUBMITTING = 'submitting';
/** How often its script has begun. */
const STARTS = 'starts';
/** Longer than Slurm lets sbatch wait. */
const SUBMITTING_MS = 120_000;

interface Submission {
  /** Of the job: that of all runs that are submitted together. */
  name: string;
  /** Of the task in an array, or null. */
  index: number | null;
}

/** Slurm has refused, or does not answer. */
export class SlurmFailure extends Error {
  readonly failed;

  constructor(what: string, code: number, said: string) {
    super(said);
    this.failed = { what, code, said };
  }
}

export function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ask(system: AgentSystem, what: string, program: string, args: readonly string[]): string {
  const { code, stdout, stderr } = system.run(program, args);
  if (code !== 0) throw new SlurmFailure(what, code, stderr.trim() || stdout.trim());
  return stdout;
}

export class Jobs {
  readonly folderOf: (name: string) => string;
  readonly #system: AgentSystem;
  /** A folder that one submission has at a time. */
  readonly #lock: string;
  /** By the names of jobs: an array has one for all its tasks. */
  readonly #numbers = new Map<string, string | null>();

  constructor(system: AgentSystem, root: string, folderOf: (name: string) => string) {
    this.#system = system;
    this.#lock = join(root, SUBMITTING);
    this.folderOf = folderOf;
  }

  /** Whether it was ever to be one, whatever is known of the cluster now. */
  isJob(name: string): boolean {
    return [JOB, 'job', SUBMISSION].some((file) => isThere(join(this.folderOf(name), file)));
  }

  /** One that was submitted just before its submitter ended is found by its name. */
  jobOf(name: string): string | null {
    const folder = this.folderOf(name);
    // The second as earlier versions kept it. A power cut may leave them empty.
    const known = textOf(join(folder, JOB)) || textOf(join(folder, 'job'));
    if (known) return known.trim().split(';')[0];
    const submission = jsonIn<Submission>(join(folder, SUBMISSION));
    const id = submission && this.#numberOf(submission.name);
    return submission && id && this.#keep(name, submission, id);
  }

  #numberOf(name: string): string | null {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    // Of an array: each task has another number of its own.
    const args = ['--me', '-h', '-t', 'all', '-n', name, '-o', '%F'];
    const id = /^ *(\d+) *$/m.exec(ask(this.#system, 'asking for jobs', 'squeue', args))?.[1] ?? null;
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
      // What has begun was submitted, also where Slurm has forgotten it since.
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
    { runs, args, script, atOnce }: Extract<Question, { op: 'submit' }>,
  ): Submitted['why'] {
    const refused = (code: number, said: string) => ({ what: 'submitting the job', code, said });
    const [[, first]] = waiting;
    const folder = this.folderOf(first);
    const isArray = runs.length > 1;
    // Found again whatever is lost there; no other one's, though some were submitted before in vain, with others.
    const all = waiting.map(([, run]) => run).join();
    const name = `tessera-${first}${isArray ? `-${crc32(all).toString(36)}` : ''}`;
    const submission = (index: number): Submission => ({ name, index: isArray ? index : null });
    const file = join(folder, 'job.sh');
    try {
      for (const [index, run] of waiting)
        this.#system.write(join(this.folderOf(run), SUBMISSION), JSON.stringify(submission(index)));
      this.#system.write(file, script);
    } catch (error) {
      return refused(1, saidBy(error));
    }
    const array = isArray ? [`--array=${waiting.map(([index]) => index).join(',')}%${atOnce}`] : [];
    // Percent signs stand for something in the name of the file, which takes what is said before the script begins.
    const output = `--output=${isArray ? '/dev/null' : `${folder.replaceAll('%', '%%')}/slurm.log`}`;
    const given = ['--parsable', `--job-name=${name}`, output, ...args, ...array, file];
    const { code, stdout, stderr } = this.#system.run('sbatch', given);
    if (code !== 0) return refused(code, stderr.trim() || stdout.trim());
    const id = /^(\d+)(;|$)/m.exec(stdout.trim())?.[1];
    if (id === undefined) return refused(1, 'sbatch gave no job number');
    for (const [index, run] of waiting) if (this.#isKept(run)) this.#keep(run, submission(index), id);
    return null;
  }

  /** One submission at a time: an earlier question may still be at it there, though its answer is lost. */
  #alone<T>(work: () => T): T {
    const lock = this.#lock;
    if (isThere(lock) && !this.#isSubmitting()) this.#system.remove(lock);
    try {
      this.#system.makeFolder(lock);
    } catch (error) {
      const why = isThere(lock) ? 'another submission is at it there' : saidBy(error);
      throw new SlurmFailure('submitting the job', TRY_AGAIN, why);
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
    const jobs = names.map((name) => this.jobOf(name)).filter((job) => job !== null);
    if (jobs.length > 0) ask(this.#system, 'cancelling', 'scancel', jobs);
  }

  /** What Slurm says of jobs, in one question, or two where it shows some no longer, and those that wait or run. */
  queue(
    jobs: readonly string[],
    accounting: boolean,
  ): Pick<Look, 'queue' | 'past'> & { goesOn: ReadonlySet<string> } {
    const args = ['--me', '-h', '-r', '-t', 'all', '-o', SQUEUE_FORMAT];
    const queue = ask(this.#system, 'asking for jobs', 'squeue', args);
    const shown = new Map(rowsOf(queue).map(([job, state]) => [job, state]));
    const goesOn = new Set(jobs.filter((job) => /^(RUNNING|PENDING)$/.test(shown.get(job) ?? '')));
    const others = jobs.filter((job) => !shown.has(job));
    if (others.length === 0) return { queue, past: '', goesOn };
    if (!accounting) {
      const of = (job: string) => this.#system.run('scontrol', ['-o', 'show', 'job', job]).stdout;
      return { queue, past: others.map(of).join(''), goesOn };
    }
    const past = ['-XnP', '-o', SACCT_FORMAT, '-j', others.join(',')];
    return { queue, past: ask(this.#system, 'asking for old jobs', 'sacct', past), goesOn };
  }

  /** Of one priority the first one comes first. An array counts with all its jobs that wait. */
  ahead(): Record<string, number> {
    const args = ['-h', '-t', 'PD', '-o', '%i|%P|%Q|%u'];
    const all = rowsOf(ask(this.#system, 'asking for jobs', 'squeue', args)).map(
      ([job, partition, priority, user]) => ({
        ...{ job, partition, priority: Number(priority), user, number: Number.parseInt(job, 10) },
        count: tasksOf(job),
      }),
    );
    const before = ({ partition, priority, number }: (typeof all)[number]) =>
      all
        .filter((other) => other.partition === partition)
        .filter((one) => one.priority > priority || (one.priority === priority && one.number < number))
        .reduce((sum, { count }) => sum + count, 0);
    const mine = all.filter(({ user }) => user === this.#system.user);
    return Object.fromEntries(mine.map((one) => [one.job.split('_')[0], before(one)]));
  }
}

function rowsOf(said: string): string[][] {
  return said
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => line.trim().split('|'));
}

/** Of "12", or of an array such as "12_[0-3,7%4]". */
function tasksOf(job: string): number {
  const list = /_\[([^%\]]*)/.exec(job)?.[1];
  if (list === undefined) return 1;
  return list.split(',').reduce((sum, part) => {
    const [from, to = from] = part.split('-').map(Number);
    return sum + (Number.isInteger(to - from) ? to - from + 1 : 1);
  }, 0);
}
