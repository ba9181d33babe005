/** Runs that begin together on a cluster become one array of jobs. */
import type { HostJob } from '../../../core/api/hosts.ts';
import type { Clock } from '../../../core/machine.ts';
import { SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import { batchScript } from '../jobs/batch-script.ts';
import { commandError } from '../ssh/ssh-error.ts';
import type { HostLink } from './host-link.ts';
import { folderOf } from './run-files.ts';
import { untilAborted } from './until-aborted.ts';

/** How long a run waits for others, and for those that are still being sent. */
const GATHER_MS = 1_500;
const MOST_GATHER_MS = 60_000;
const LOOK_MS = 500;

interface Waiting {
  name: string;
  command: readonly string[];
  options: HostJob;
  resolve(): void;
  reject(error: unknown): void;
}

export class Submissions {
  readonly #link: HostLink;
  readonly #clock: Clock;
  /** How many runs are on their way to be submitted, those that wait for it among them. */
  #beginning = 0;
  #waiting: Waiting[] = [];

  constructor(link: HostLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Sends a run, and submits it: those that wait to be submitted wait for it, too. */
  async withOthers(begin: () => Promise<void>): Promise<void> {
    this.#beginning++;
    try {
      await begin();
    } finally {
      this.#beginning--;
    }
  }

  /** Rejects at once when the signal fires; what was on its way then may still be submitted. */
  async submit(
    name: string,
    command: readonly string[],
    options: HostJob,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#waiting.length === 0) void this.#submitSoon();
    const one = { name, command, options, resolve, reject };
    this.#waiting.push(one);
    await untilAborted(promise, signal).finally(() => {
      this.#waiting = this.#waiting.filter((other) => other !== one);
    });
  }

  async #submitSoon(): Promise<void> {
    const since = this.#clock.elapsed();
    await this.#clock.sleep(GATHER_MS);
    while (this.#waiting.length < this.#beginning && this.#clock.elapsed() - since < MOST_GATHER_MS)
      await this.#clock.sleep(LOOK_MS);
    // An array has the same options for all its jobs.
    const alike = Map.groupBy(this.#waiting.splice(0), ({ options }) => JSON.stringify(options));
    await Promise.all([...alike.values()].map((group) => this.#submitAlike(group)));
  }

  /** As one array; where the cluster refuses that, as arrays of half as many, down to single jobs. */
  async #submitAlike(waiting: readonly Waiting[]): Promise<void> {
    let rest = waiting;
    try {
      for (let most = waiting.length; rest.length > 0; ) {
        const group = rest.slice(0, most);
        const { refused, why } = await this.#submitGroup(group);
        const isRefused = ({ name }: Waiting) => refused.includes(name);
        for (const one of group) if (!isRefused(one)) one.resolve();
        rest = rest.filter((one) => isRefused(one) || !group.includes(one));
        if (why === null) continue;
        const error = commandError(this.#link.name, why.what, why.code, why.said);
        // What is said of one holds for the others, whose options are the same.
        if (group.length === 1 || error.isPassing) throw error;
        most = Math.ceil(refused.length / 2);
      }
    } catch (error) {
      for (const { reject } of rest) reject(error);
    }
  }

  async #submitGroup(group: readonly Waiting[]) {
    const { root, scheduler } = await this.#link.facts();
    if (scheduler === null) throw new Error('jobs are submitted where there is a scheduler');
    const { kind } = scheduler;
    const [{ options }] = group;
    const tasks = group.map(({ name, command }) => ({ folder: folderOf({ root, name }), command }));
    return this.#link.ask({
      op: 'submit',
      runs: group.map(({ name }) => name),
      kind,
      options: SCHEDULERS[kind].optionsOf(options).flat(),
      script: batchScript({ tasks, options }, scheduler),
      atOnce: options.atOnce,
    });
  }
}
