/** Looks at a host for all runs that this program follows there: one question, ever more rarely while nothing changes. */
import { Backoff } from '../../../core/backoff.ts';
import type { Clock } from '../../../core/machine.ts';
import type { SchedulerFacts } from '../../../core/schedulers/facts.ts';
import type { JobState } from '../../../core/schedulers/job-state.ts';
import type { JournalRequest } from '../../../core/training/journal.ts';
import type { AskedRun, Look, SeenRun } from '../../workers/agent/questions.ts';
import { commandError, SshError } from '../ssh/ssh-error.ts';
import type { HostLink } from './host-link.ts';
import { statusOfJob, statusOfProcess, type TrainerStatus } from './status.ts';

/** Between two looks at runs that train: with a shared connection, and where each look is a login. */
const LOOK_MS = { shared: 2_000, alone: 15_000 };
/** Between two questions to a cluster: a tenth of the time since something has changed there. */
const QUEUE_MS = { least: 5_000, most: 60_000 };
/** How many jobs are ahead is a question about everybody's. */
const AHEAD_MS = 60_000;
/** In one look. */
const MOST_RUNS = 200;

export const kindOf = ({ kind, accounting }: SchedulerFacts) => ({ kind, accounting });

/** A run that is followed. */
export interface Followed {
  readonly name: string;
  /** How much of its journal is here, in bytes, and what its trainer is still to be asked. */
  asks(): Omit<AskedRun, 'name'>;
  /** What it has written from an offset on. Throws where that cannot be kept here: then it is told again. */
  seen(run: SeenRun, status: TrainerStatus, offset: number): void;
  /** Its trainer has been asked. */
  asked(request: JournalRequest): void;
  /** The host, or its cluster, cannot be asked, or something here fails. */
  trouble(error: unknown): void;
}

export class HostWatch {
  readonly #link: HostLink;
  readonly #clock: Clock;
  readonly #followed = new Map<string, Followed>();
  /** What the cluster said of each job last, when it was asked, and when that was something new. */
  #jobs: ReadonlyMap<string, JobState> = new Map();
  #ahead: Readonly<Record<string, number>> = {};
  #askedAt = Number.NEGATIVE_INFINITY;
  #aheadAt = Number.NEGATIVE_INFINITY;
  #changedAt = 0;
  /** Those that trained when they were looked at last. */
  readonly #trains = new Set<string>();
  #looking = false;
  #again = false;
  #waiting: AbortController | null = null;

  constructor(link: HostLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Returns a function that follows it no longer. */
  follow(run: Followed): () => void {
    this.#followed.set(run.name, run);
    this.#changedAt = this.#clock.elapsed();
    if (this.#looking) this.lookNow();
    else void this.#look();
    return () => {
      this.#followed.delete(run.name);
      this.#trains.delete(run.name);
      if (this.#followed.size === 0) this.#waiting?.abort();
    };
  }

  /** Looks at once, at the cluster too. */
  lookNow(): void {
    this.#again = true;
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#waiting?.abort();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const backoff = new Backoff();
    while (this.#followed.size > 0) {
      this.#again = false;
      const trouble = await this.#lookOnce();
      if (trouble === null) backoff.reset();
      if (this.#again) continue;
      const isPassing = trouble instanceof SshError && trouble.isPassing;
      await this.#pause(trouble === null ? this.#everyMs() : backoff.after(isPassing));
    }
    this.#looking = false;
  }

  async #pause(ms: number): Promise<void> {
    this.#waiting = new AbortController();
    await this.#clock.sleep(ms, this.#waiting.signal).catch(() => {});
    this.#waiting = null;
  }

  #everyMs(): number {
    const trains = [...this.#followed.values()].some(({ name }) => this.#trains.has(name));
    const quick = this.#link.isShared ? LOOK_MS.shared : LOOK_MS.alone;
    return trains ? quick : Math.max(quick, this.#queueMs());
  }

  #queueMs(): number {
    const quiet = (this.#clock.elapsed() - this.#changedAt) / 10;
    return Math.min(Math.max(quiet, QUEUE_MS.least), QUEUE_MS.most);
  }

  /** Null, or what went wrong. */
  async #lookOnce(): Promise<unknown> {
    const runs = [...this.#followed.values()].slice(0, MOST_RUNS);
    // Each in its turn, where there are more.
    for (const run of runs.length < this.#followed.size ? runs : []) {
      this.#followed.delete(run.name);
      this.#followed.set(run.name, run);
    }
    const asked = runs.map((run) => ({ name: run.name, ...run.asks() }));
    try {
      const { scheduler } = await this.#link.facts();
      const now = this.#clock.elapsed();
      const queue = now - this.#askedAt >= this.#queueMs();
      const waits = [...this.#jobs.values()].some(({ phase }) => phase === 'pending');
      const ahead = queue && waits && now - this.#aheadAt >= AHEAD_MS;
      const cluster = scheduler && { ...kindOf(scheduler), queue, ahead };
      const look = await this.#link.ask({ op: 'look', runs: asked, cluster });
      if (queue) this.#keepQueue(look);
      for (const [at, { request }] of asked.entries()) if (request) runs[at].asked(request);
      return this.#tell(asked, runs, look, scheduler !== null);
    } catch (error) {
      for (const run of runs) if (this.#followed.has(run.name)) run.trouble(error);
      return error;
    }
  }

  #keepQueue({ jobs, ahead, trouble }: Look): void {
    if (trouble !== null || jobs === null) return;
    const now = this.#clock.elapsed();
    this.#askedAt = now;
    if (ahead) {
      this.#ahead = ahead;
      this.#aheadAt = now;
    }
    const before = [...this.#jobs].map(([job, { phase, reason }]) => `${job} ${phase} ${reason}`).join();
    this.#jobs = new Map(Object.entries(jobs));
    const after = [...this.#jobs].map(([job, { phase, reason }]) => `${job} ${phase} ${reason}`).join();
    if (after !== before) this.#changedAt = now;
  }

  #tell(
    asked: readonly AskedRun[],
    runs: readonly Followed[],
    { runs: seen, trouble }: Look,
    isCluster: boolean,
  ): unknown {
    let failed: unknown = null;
    const silent = trouble === null ? null : commandError(this.#link.name, 'asking its cluster', 1, trouble);
    for (const [at, run] of runs.entries()) {
      const one = seen.find(({ name }) => name === run.name);
      if (one === undefined || !this.#followed.has(run.name)) continue;
      const known = one.job === null ? null : this.#stateOf(one.job);
      const status = isCluster ? statusOfJob(one, known, this.#clock.now()) : statusOfProcess(one);
      try {
        // A job that trains is seen by its journal; of any other one nothing is known now.
        if (silent && one.exitCode === null && known?.phase !== 'running') throw silent;
        run.seen(one, status, asked[at].offset);
        this.#note(run, one, status, asked[at].offset);
      } catch (error) {
        failed = error;
        if (this.#followed.has(run.name)) run.trouble(error);
      }
    }
    return failed;
  }

  #stateOf(job: string): JobState | null {
    const state = this.#jobs.get(job) ?? null;
    const ahead = state?.phase === 'pending' ? (this.#ahead[job] ?? this.#ahead[job.split('_')[0]]) : null;
    return state && { ...state, ahead: ahead ?? null };
  }

  #note(run: Followed, { bytes }: SeenRun, { place, ended }: TrainerStatus, before: number): void {
    if (place.phase === 'running' && !ended) this.#trains.add(run.name);
    else this.#trains.delete(run.name);
    // There is more of its journal, and some of it has come.
    const { offset } = run.asks();
    if (offset > before && offset < bytes) this.#again = true;
    // Whether its job waits again is for the cluster to say.
    if (ended) this.#askedAt = Number.NEGATIVE_INFINITY;
  }
}
