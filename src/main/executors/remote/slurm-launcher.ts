import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SlurmOptions } from '../../../core/api/hosts.ts';
import type { JobOptions } from '../../../core/training/job-options.ts';
import { withJob } from '../slurm/batch-script.ts';
import type { JobOutcome, JobState } from '../slurm/job-state.ts';
import { SlurmClient, type SlurmHandle } from '../slurm/slurm.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { SshError } from '../ssh/ssh-error.ts';
import { type Launcher, PLACE, type TrainerStatus } from './launcher.ts';

/** Runs that are started together become one array of jobs. */
const GATHER_MS = 1_500;
/** How long a run waits for others that are still being sent. */
const MOST_GATHER_MS = 60_000;
const RETRY_MS = 5_000;
/** How often a cluster is asked, for all jobs at once. */
const POLL_MS = 5_000;

/** "$1" and on: pairs of folder and job. */
const WRITE_JOBS = `while [ $# -gt 0 ]; do
  echo "$2" > "$1/job-number.part" && mv "$1/job-number.part" "$1/job-number" || exit 1
  shift 2
done`;

/** "$1" the folder. Without a job it will not get one any more. */
const READ_JOB = `cd "$1" 2>/dev/null || exit 0
if [ -f job-number ]; then cat job-number; elif [ -s job ]; then cut -d';' -f1 job; else mkdir submitting 2>/dev/null; fi
true`;

interface Waiting {
  folder: string;
  command: readonly string[];
  options: SlurmOptions;
  resolve(): void;
  reject(error: unknown): void;
}

/** Jobs of a cluster with Slurm. */
export class SlurmLauncher implements Launcher {
  readonly #connection: SshConnection;
  readonly #client: SlurmClient;
  readonly #options: () => SlurmOptions;
  readonly #beginning: () => number;
  readonly #jobs = new Map<string, SlurmHandle>();
  #waiting: Waiting[] = [];
  #poll: Promise<Map<string, JobState>> | null = null;
  #polledAt = 0;
  /** What was answered last. */
  #known: ReadonlyMap<string, JobState> = new Map();

  /** `options`: as the host says now. `beginning`: how many runs are on their way to be launched, those that wait for it among them. */
  constructor(
    connection: SshConnection,
    options: () => SlurmOptions,
    { accounting }: { accounting: boolean },
    beginning: () => number,
  ) {
    this.#connection = connection;
    this.#client = new SlurmClient(connection, { accounting });
    this.#options = options;
    this.#beginning = beginning;
  }

  launch(folder: string, command: readonly string[], slurm: JobOptions = {}): Promise<void> {
    const options = withJob(this.#options(), slurm);
    if (this.#waiting.length === 0) setTimeout(() => void this.#submitAll(), GATHER_MS);
    return new Promise((resolve, reject) =>
      this.#waiting.push({ folder, command, options, resolve, reject }),
    );
  }

  async status(folder: string): Promise<TrainerStatus> {
    const handle = await this.#handle(folder);
    if (handle === null)
      return { place: PLACE, ended: { exitCode: null, outcome: 'interrupted', detail: null } };
    // A running job is not kept waiting for the next question.
    const asked = this.#states();
    const known = this.#known.get(handle.job);
    if (known?.phase === 'running') asked.catch(() => {});
    const state = known?.phase === 'running' ? known : (await asked).get(handle.job);
    // Submitted after the question was asked.
    if (state === undefined) return { place: { ...PLACE, phase: 'submitted', job: handle.job }, ended: null };
    const { phase, outcome, exitCode } = state;
    const ended = phase === 'ended' || phase === 'gone';
    if (ended) this.#jobs.delete(folder);
    return { place: placeOf(handle, state), ended: ended ? { exitCode, ...endingOf(outcome, state) } : null };
  }

  async kill(folder: string): Promise<void> {
    const handle = await this.#handle(folder);
    if (handle) await this.#client.cancel([handle.job]);
  }

  /** Null for a folder whose job was never submitted. */
  async #handle(folder: string): Promise<SlurmHandle | null> {
    const known = this.#jobs.get(folder);
    if (known) return known;
    const asked = { what: 'looking for the job', script: READ_JOB, args: [folder] };
    const job = (await this.#connection.run(asked)).trim();
    if (job === '') return null;
    this.#jobs.set(folder, { job, folder });
    return { job, folder };
  }

  /** One question for all, at most every few seconds. */
  #states(): Promise<Map<string, JobState>> {
    this.#poll ??= wait(Math.max(0, this.#polledAt + POLL_MS - Date.now()))
      .then(() => this.#client.states([...this.#jobs.values()]))
      .then((states) => {
        this.#known = states;
        return states;
      })
      .finally(() => {
        this.#polledAt = Date.now();
        this.#poll = null;
      });
    return this.#poll;
  }

  /** The same tasks again while the cluster cannot be reached: what was submitted then is found, and not doubled. */
  async #submitAll(): Promise<void> {
    for (const since = Date.now(); this.#waiting.length < this.#beginning(); await wait(POLL_MS / 10)) {
      if (Date.now() - since > MOST_GATHER_MS) break;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    // An array has the same options for all its jobs.
    const alike = Map.groupBy(waiting, ({ options }) => JSON.stringify(options));
    await Promise.all([...alike.values()].map((group) => this.#submitAlike(group)));
  }

  async #submitAlike(waiting: readonly Waiting[]): Promise<void> {
    for (;;) {
      try {
        await this.#submit(waiting);
        for (const { resolve } of waiting) resolve();
        return;
      } catch (error) {
        if (error instanceof SshError && error.isPassing) await wait(RETRY_MS);
        else {
          for (const { reject } of waiting) reject(error);
          return;
        }
      }
    }
  }

  async #submit(waiting: readonly Waiting[]): Promise<void> {
    const tasks = waiting.map(({ folder, command }) => ({ folder, command }));
    const name = `tessera-${basename(tasks[0].folder)}`;
    const handles = await this.#client.submit({ name, tasks, options: waiting[0].options });
    const args = handles.flatMap(({ folder, job }) => [folder, job]);
    await this.#connection.run({ what: 'keeping the numbers of jobs', script: WRITE_JOBS, args });
    for (const handle of handles) this.#jobs.set(handle.folder, handle);
  }
}

function placeOf({ job }: SlurmHandle, state: JobState): TrainerStatus['place'] {
  const { phase, reason, node, startsAt, submittedAt, ahead, secondsLeft, starts } = state;
  const known = { ...PLACE, job, startsAt, submittedAt, starts };
  const endsAt = secondsLeft === null ? null : Date.now() + secondsLeft * 1000;
  if (phase === 'pending') return { ...known, phase, detail: reason, ahead };
  return { ...known, node, endsAt };
}

const WORDS: Record<JobOutcome, string> = {
  completed: 'the job ended without a result',
  failed: 'the job failed',
  cancelled: 'the job was cancelled on the cluster',
  'timed-out': 'the job reached its time limit',
  preempted: 'the job was preempted',
  'node-failed': "the job's node failed",
  'out-of-memory': 'the job ran out of memory; give it more, or use smaller batches',
};

/** Of a job whose trainer did not say how it ended. */
function endingOf(outcome: JobOutcome | null, { reason }: JobState) {
  const why = reason === null ? '' : ` (${reason})`;
  const detail = outcome === null ? 'Slurm no longer knows the job' : `${WORDS[outcome]}${why}`;
  if (outcome === 'cancelled' || outcome === 'out-of-memory') return { outcome, detail } as const;
  return { outcome: 'interrupted', detail } as const;
}
