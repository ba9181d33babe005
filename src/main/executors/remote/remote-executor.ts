import { basename, dirname } from 'node:path';
import type { HostJob } from '../../../core/api/hosts.ts';
import { Backoff } from '../../../core/backoff.ts';
import { UserError } from '../../../core/errors.ts';
import { hostProgressText } from '../../../core/host-words.ts';
import type { Clock } from '../../../core/machine.ts';
import type { SchedulerKind } from '../../../core/schedulers/facts.ts';
import { refusalOf, SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import { isBadHome } from '../../../core/store/db/connection.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import type { JournalRequest } from '../../../core/training/journal.ts';
import type { StrayThere } from '../../workers/agent/questions.ts';
import { GRACE_MS } from '../canceller.ts';
import type { Executor, LeftTraining, TrainerListener, TrainerWorker } from '../executor.ts';
import { offersCuda } from '../hosts/facts.ts';
import { withJob } from '../jobs/batch-script.ts';
import { commandError, SshError } from '../ssh/ssh-error.ts';
import { endThere, type HostLink } from './host-link.ts';
import { HostWatch, kindOf } from './host-watch.ts';
import { type Launch, RemoteTrainer, type RemoteTrainerOptions } from './remote-trainer.ts';
import { statusOfJob } from './status.ts';
import { Submissions } from './submissions.ts';

const END_LATER_MS = 10_000;
/** Between two looks at one that is to stop. */
const ASK_MS = 1_000;
/** Between two tries to store something. */
const STORE_MS = 1_000;

/** Names of the folders of runs that were given up while their host could not be reached; they outlive this program. */
export interface LeftRuns {
  list(): readonly string[];
  add(name: string): void;
  remove(name: string): void;
}

/** Trains on another machine. */
export class RemoteExecutor implements Executor {
  readonly #link: HostLink;
  readonly #options: () => HostJob;
  readonly #left: LeftRuns;
  readonly #clock: Clock;
  readonly #watch: HostWatch;
  readonly #submissions: Submissions;
  #later: Promise<void> | null = null;

  /** @param options how jobs are submitted, asked for each. */
  constructor(link: HostLink, options: () => HostJob, left: LeftRuns, clock: Clock) {
    this.#link = link;
    this.#options = options;
    this.#left = left;
    this.#clock = clock;
    this.#watch = new HostWatch(link, clock);
    this.#submissions = new Submissions(link, clock);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Where it fails, it is tried again. */
  endLeft(): void {
    this.#later ??= this.#endLater()
      .catch(() => {})
      .finally(() => {
        this.#later = null;
      });
  }

  start(spec: TrainSpec, listener: TrainerListener): TrainerWorker {
    const { journal } = spec;
    if (journal === undefined) throw new Error('a training on another machine needs a journal');
    const begin = (to: Launch) => this.#submissions.withOthers(() => this.#begin(spec, nameOf(journal), to));
    return this.#trainer({ journal, offset: 0, ending: null, place: null, begin }, listener);
  }

  async #begin(spec: TrainSpec, name: string, { onSending, onLaunch, signal }: Launch): Promise<void> {
    const facts = await this.#link.facts();
    const options = withJob(this.#options(), spec.job ?? {});
    const cuda = offersCuda(options, facts);
    const kind = facts.scheduler?.kind ?? null;
    const refusal = kind && refusalOf(kind, options);
    if (refusal) throw this.#refusal(refusal, 'change how its jobs are submitted');
    this.#refuseDevice(spec.device, cuda, kind);
    const command = await this.#link.send(spec, name, cuda, {
      signal,
      onProgress: (progress) => onSending(hostProgressText(progress)),
    });
    onLaunch();
    if (facts.scheduler) await this.#submissions.submit(name, command, options, signal);
    else await this.#link.ask({ op: 'start', name, command }, signal);
  }

  #refusal(problem: string, fix: string, code: 'invalid' | 'unusable-device' = 'invalid'): UserError {
    return new UserError({ code, problem: `${this.#link.name}: ${problem}`, fix });
  }

  /** Throws UserError for a device that cannot be there. */
  #refuseDevice(device: string, cuda: boolean, kind: SchedulerKind | null): void {
    const { name } = this.#link;
    const refusal = (problem: string, fix: string) => this.#refusal(problem, fix, 'unusable-device');
    if (device === 'tfjs-gpu') throw refusal('TensorFlow is not sent to hosts', 'choose cuda, or auto');
    if (device !== 'cuda' || cuda) return;
    if (kind === null) throw refusal('it has no GPU of NVIDIA, which cuda needs', 'choose cpu, or auto');
    throw refusal(
      'its jobs ask for no GPU, which cuda needs',
      `tessera host add ${name} ${SCHEDULERS[kind].gpuAdvice}`,
    );
  }

  attach(left: LeftTraining, listener: TrainerListener): TrainerWorker {
    return this.#trainer({ ...left, begin: null }, listener);
  }

  #trainer(
    training: LeftTraining & Pick<RemoteTrainerOptions, 'begin'>,
    listener: TrainerListener,
  ): TrainerWorker {
    const name = nameOf(training.journal);
    const onLeft = async () => {
      await this.#store(() => this.#left.add(name));
      this.endLeft();
    };
    const parts = { link: this.#link, watch: this.#watch, clock: this.#clock };
    return new RemoteTrainer({ ...training, ...parts, name, onLeft, graceMs: GRACE_MS }, listener);
  }

  /** Where nothing can be stored now, it waits until that is over. */
  async #store<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isBadHome(error)) throw error;
        await this.#unhurried(STORE_MS);
      }
    }
  }

  strays(known: readonly string[]): Promise<StrayThere[]> {
    return this.#link.ask({ op: 'strays', known: [...known] });
  }

  async endStray(name: string): Promise<void> {
    if (!(await this.#goesOn(name, null)))
      throw this.#refusal(`nothing of ${name} is training there`, 'look again');
    const since = this.#clock.elapsed();
    while ((await this.#goesOn(name, 'stop')) && this.#clock.elapsed() - since < GRACE_MS)
      await this.#clock.sleep(ASK_MS);
    // A job that has stopped might be started once more.
    await endThere(this.#link, name);
  }

  async #goesOn(name: string, request: JournalRequest | null): Promise<boolean> {
    const { scheduler } = await this.#link.facts();
    const cluster = scheduler && { ...kindOf(scheduler), queue: true, ahead: false };
    // Its journal is nobody's here.
    const run = { name, offset: Number.MAX_SAFE_INTEGER, request };
    const { runs, jobs, trouble } = await this.#link.ask({ op: 'look', runs: [run], cluster });
    if (trouble !== null) throw commandError(this.#link.name, 'asking its cluster', 1, trouble);
    const [seen] = runs;
    if (seen.state !== 'runs' && seen.state !== 'begun') return false;
    return scheduler === null || statusOfJob(seen, jobs?.[seen.job ?? ''] ?? null, 0).ended === null;
  }

  /** Ends and removes there what could not be ended when it was given up, once the host answers. */
  async #endLater(): Promise<void> {
    const backoff = new Backoff();
    const left = () => this.#store(() => this.#left.list());
    for (let wait = END_LATER_MS; (await left()).length > 0; ) {
      await this.#unhurried(wait);
      wait = END_LATER_MS;
      for (const name of await left()) {
        try {
          await this.#end(name);
          backoff.reset();
        } catch (error) {
          const isPassing = error instanceof SshError && error.isPassing;
          wait = Math.max(wait, backoff.after(isPassing));
          // One that cannot be removed keeps no other one waiting.
          if (isPassing) break;
        }
      }
    }
  }

  /** Keeps no command waiting that has nothing else to do. */
  #unhurried(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve).unref());
  }

  async #end(name: string): Promise<void> {
    await endThere(this.#link, name);
    await this.#link.ask({ op: 'remove', name });
    await this.#store(() => this.#left.remove(name));
  }
}

/** Of the folder of an attempt there: the run's id and its journal, which has the attempt's number and time. */
export function nameOf(journal: string): string {
  return `${basename(dirname(journal))}-${basename(journal, '.jsonl')}`;
}
