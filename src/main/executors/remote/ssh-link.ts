import type { HostFacts } from '../../../core/api/hosts.ts';
import { UserError } from '../../../core/errors.ts';
import type { SchedulerKind } from '../../../core/schedulers/facts.ts';
import { SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import type { MadeFile, Question } from '../../workers/agent/questions.ts';
import { askHost } from '../hosts/facts.ts';
import { type RemoteProgram, type ShipOptions, shipProgram } from '../shipping/ship.ts';
import { targetOf } from '../shipping/target.ts';
import { SshConnection } from '../ssh/connection.ts';
import { SshError } from '../ssh/ssh-error.ts';
import { getFile, putText } from '../ssh/transfer.ts';
import { type Answer, type HostLink, readAnswer } from './host-link.ts';
import { folderOf, shipRun } from './run-files.ts';
import { untilAborted } from './until-aborted.ts';

export interface SshLinkOptions {
  /** Tessera's folder there; null for the usual one. */
  folder: string | null;
  /** A folder here, for what is fetched for other systems. */
  cache: string;
  /** What it had when it was checked: one whose scheduler does not answer may look like none. */
  scheduler(): SchedulerKind | null;
  /** Whether most of its runs use GPUs: the agent is of the program that they have. */
  cuda(facts: HostFacts): boolean;
}

/** A host by ssh. Its agent comes with the program, and is run for each question. */
export class SshLink implements HostLink {
  readonly name: string;
  readonly #connection: SshConnection;
  readonly #options: SshLinkOptions;
  #facts: Promise<HostFacts> | null = null;
  /** With the libraries of CUDA, and without: those that are being sent. */
  readonly #sending = new Map<boolean, Promise<RemoteProgram>>();
  /** For the agent, as long as it is there. */
  #program: RemoteProgram | null = null;

  constructor(name: string, options: SshLinkOptions) {
    this.name = name;
    this.#connection = new SshConnection(name);
    this.#options = options;
  }

  get isShared(): boolean {
    return this.#connection.isShared;
  }

  facts(): Promise<HostFacts> {
    this.#facts ??= this.#look().catch((error) => {
      this.#facts = null;
      throw error;
    });
    return this.#facts;
  }

  async #look(): Promise<HostFacts> {
    const facts = await askHost(this.#connection, this.#options.folder);
    const expected = facts.scheduler === null ? this.#options.scheduler() : null;
    if (expected === null) return facts;
    const silent = `${this.name}: ${SCHEDULERS[expected].title} does not answer`;
    throw new SshError('timeout', silent, 'it will be tried again');
  }

  async send(spec: TrainSpec, name: string, cuda: boolean, options: ShipOptions): Promise<string[]> {
    const program = await untilAborted(this.#ship(cuda, options), options.signal);
    if (spec.device === 'cuda' && program.withoutCuda) throw new UserError(program.withoutCuda);
    const place = { root: (await this.facts()).root, name };
    const there = await shipRun(this.#connection, spec, place, options);
    const file = `${folderOf(place)}/spec.json`;
    await putText(this.#connection, JSON.stringify(there), file);
    return [program.node, program.entry('remote-trainer'), file];
  }

  /** Sends the program where it is not there, or no longer; once for all runs that begin at the same time. */
  #ship(cuda: boolean, { onProgress }: ShipOptions): Promise<RemoteProgram> {
    const send = async () => {
      const { root, system, libc } = await this.facts();
      const place = { root, target: targetOf(system, libc), cache: this.#options.cache, cuda };
      return shipProgram(this.#connection, place, { onProgress });
    };
    const known = this.#sending.get(cuda);
    if (known) return known;
    const program = send().finally(() => this.#sending.delete(cuda));
    this.#sending.set(cuda, program);
    return program;
  }

  async ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<Answer<Q>> {
    const facts = await this.facts();
    this.#program ??= await untilAborted(this.#ship(this.#options.cuda(facts), {}), signal);
    const { node, entry } = this.#program;
    try {
      const said = await this.#connection.run({
        what: 'asking its agent',
        script: '"$@"',
        args: [node, entry('host-agent'), facts.root],
        stdin: JSON.stringify(question),
        signal,
      });
      return readAnswer(this.name, question, Buffer.from(said));
    } catch (error) {
      // Cleaned up there meanwhile, it is sent again before the next question. A cluster that was not found may be there again.
      this.#program = null;
      if (facts.scheduler === null) this.#facts = null;
      throw error;
    }
  }

  async fetch(name: string, file: MadeFile, local: string, { signal }: ShipOptions): Promise<void> {
    const { root } = await this.facts();
    const remote = { ...file, path: `${folderOf({ root, name })}/${file.path}` };
    await getFile(this.#connection, remote, local, { signal });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
