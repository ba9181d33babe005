import { basename, dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Host, type HostFacts, hostProgressText, type SlurmOptions } from '../../../core/api/hosts.ts';
import { UserError } from '../../../core/errors.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import type { Executor, LeftTraining, TrainerListener, TrainerWorker } from '../executor.ts';
import { askHost, offersCuda } from '../hosts/facts.ts';
import { type RemoteProgram, type ShipOptions, shipProgram } from '../shipping/ship.ts';
import { targetOf } from '../shipping/target.ts';
import { SshConnection } from '../ssh/connection.ts';
import { SshError } from '../ssh/ssh-error.ts';
import { putText } from '../ssh/transfer.ts';
import { untilAborted } from './gathered.ts';
import { RemoteJournals } from './journals.ts';
import { type Launcher, ProcessLauncher, SENDING } from './launcher.ts';
import { type RemoteHost, RemoteTrainer, type RemoteTrainerOptions } from './remote-trainer.ts';
import { folderOf, removeRun, shipRun } from './run-files.ts';
import { SlurmLauncher } from './slurm-launcher.ts';

const POLL_MS = 2_000;
/** A trainer asks for requests twice a second, and ends its step. */
const GRACE_MS = 60_000;
const END_LATER_MS = 10_000;

/** Names of the folders of runs that were cancelled while their host could not be reached; they outlive this program. */
export interface LeftRuns {
  list(): readonly string[];
  add(name: string): void;
  remove(name: string): void;
}

/** Trains on another machine, which is reached by ssh. */
export class RemoteExecutor implements Executor {
  readonly #host: Host;
  readonly #options: () => SlurmOptions;
  readonly #cache: string;
  readonly #connection: SshConnection;
  /** One for all its runs: a cluster is asked for all of them at once. */
  #launcher: Launcher | null = null;
  #facts: Promise<HostFacts> | null = null;
  /** With the libraries of CUDA, and without. */
  readonly #programs = new Map<boolean, Promise<RemoteProgram>>();
  readonly #journals: RemoteJournals;
  readonly #left: LeftRuns;
  /** Those that are being ended now. */
  readonly #ending = new Set<string>();
  #later: Promise<void> | null = null;
  /** Runs that are being sent. */
  #beginning = 0;

  /** @param options how jobs are submitted, asked for each. @param cache a folder here, for what is fetched for other systems. */
  constructor(host: Host, options: () => SlurmOptions, cache: string, left: LeftRuns) {
    this.#host = host;
    this.#options = options;
    this.#cache = cache;
    this.#connection = new SshConnection(host.name);
    this.#journals = new RemoteJournals(this.#connection);
    this.#left = left;
    if (left.list().length > 0) this.#lookLater();
  }

  /** Where it fails, the next program tries again. */
  #lookLater(): void {
    this.#later ??= this.#endLater()
      .catch(() => {})
      .finally(() => {
        this.#later = null;
      });
  }

  start(spec: TrainSpec, listener: TrainerListener): TrainerWorker {
    const { journal } = spec;
    if (journal === undefined) throw new Error('a training on another machine needs a journal');
    const begin: RemoteTrainerOptions['begin'] = async (host, onSending, signal) => {
      this.#beginning++;
      try {
        await this.#begin({ ...spec, journal }, host, onSending, signal);
      } finally {
        this.#beginning--;
      }
    };
    const place = { ...SENDING, since: Date.now() };
    return this.#trainer({ journal, offset: 0, ending: null, begin, place }, listener);
  }

  async #begin(
    spec: TrainSpec & { journal: string },
    { connection, launcher, root }: RemoteHost,
    onSending: (detail: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const options: ShipOptions = {
      signal,
      onProgress: (progress) => onSending(hostProgressText(progress)),
    };
    const cuda = offersCuda({ ...this.#options(), ...spec.slurm }, await this.#ask());
    await this.#refuseDevice(spec.device, cuda);
    const program = await untilAborted(this.#ship(connection, cuda, options), signal);
    if (spec.device === 'cuda' && program.withoutCuda) throw new UserError(program.withoutCuda);
    const place = { root, name: nameOf(spec.journal) };
    const there = await shipRun(connection, spec, place, options);
    const file = `${folderOf(place)}/spec.json`;
    await putText(connection, JSON.stringify(there), file);
    const command = [program.node, program.entry('remote-trainer'), file];
    await launcher.launch(folderOf(place), command, spec.slurm);
  }

  /** Throws UserError for a device that cannot be there. */
  async #refuseDevice(device: string, cuda: boolean): Promise<void> {
    const { name } = this.#host;
    const refusal = (problem: string, fix: string) =>
      new UserError({ code: 'unusable-device', problem: `${name}: ${problem}`, fix });
    if (device === 'tfjs-gpu') throw refusal('TensorFlow is not sent to hosts', 'choose cuda, or auto');
    if (device !== 'cuda' || cuda) return;
    if ((await this.#ask()).slurm === null)
      throw refusal('it has no GPU of NVIDIA, which cuda needs', 'choose cpu, or auto');
    throw refusal('its jobs ask for no GPU, which cuda needs', `tessera host add ${name} --gpus 1`);
  }

  /** Sends the program where it is not there, or no longer; once for all runs that begin at the same time. */
  #ship(connection: SshConnection, cuda: boolean, options: ShipOptions): Promise<RemoteProgram> {
    const send = async () => {
      const facts = await this.#ask();
      const target = targetOf(facts.system, facts.libc);
      const place = { root: facts.root, target, cache: this.#cache, cuda };
      return shipProgram(connection, place, { onProgress: options.onProgress });
    };
    const known = this.#programs.get(cuda);
    if (known) return known;
    const program = send().finally(() => this.#programs.delete(cuda));
    this.#programs.set(cuda, program);
    return program;
  }

  /** Asks the host what it is, once for all runs. */
  #ask(): Promise<HostFacts> {
    this.#facts ??= askHost(this.#connection, this.#host.folder).catch((error) => {
      this.#facts = null;
      throw error;
    });
    return this.#facts;
  }

  attach(left: LeftTraining, listener: TrainerListener): TrainerWorker {
    return this.#trainer({ ...left, begin: null }, listener);
  }

  #trainer(
    training: LeftTraining & Pick<RemoteTrainerOptions, 'begin'>,
    listener: TrainerListener,
  ): TrainerWorker {
    const name = nameOf(training.journal);
    const onEnding = () => {
      this.#ending.add(name);
      this.#left.add(name);
      return (hasEnded: boolean) => {
        this.#ending.delete(name);
        if (hasEnded) this.#left.remove(name);
        else this.#lookLater();
      };
    };
    const options = { name, onEnding, pollMs: POLL_MS, graceMs: GRACE_MS };
    return new RemoteTrainer({ ...training, ...options, connect: () => this.#connect() }, listener);
  }

  async #connect(): Promise<RemoteHost> {
    const { root, slurm } = await this.#ask();
    this.#launcher ??= slurm
      ? new SlurmLauncher(this.#connection, this.#options, slurm, () => this.#beginning)
      : new ProcessLauncher(this.#connection);
    return { connection: this.#connection, launcher: this.#launcher, journals: this.#journals, root };
  }

  /** Ends and removes there what could not be ended when it was cancelled, once the host answers. */
  async #endLater(): Promise<void> {
    while (this.#left.list().length > 0) {
      await wait(END_LATER_MS, undefined, { ref: false });
      for (const name of this.#left.list()) {
        if (this.#ending.has(name)) continue;
        try {
          await this.#end(name);
        } catch (error) {
          // One that cannot be removed keeps no other one waiting, and is tried again.
          if (error instanceof SshError && error.isPassing) break;
        }
      }
    }
  }

  async #end(name: string): Promise<void> {
    const { connection, launcher, root } = await this.#connect();
    const place = { root, name };
    // A trainer whose folder is gone ends by itself.
    await launcher.kill(folderOf(place)).catch((error) => {
      if (error instanceof SshError && error.isPassing) throw error;
    });
    await removeRun(connection, place);
    this.#left.remove(name);
  }
}

/** Of the folder of an attempt there: the run's id and its journal, which has the attempt's number and time. */
export function nameOf(journal: string): string {
  return `${basename(dirname(journal))}-${basename(journal, '.jsonl')}`;
}
