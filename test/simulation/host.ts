/** A host of a simulated world, and the way to it. Its agent is the real one, on simulated processes and real folders. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HostFacts } from '../../src/core/api/hosts.ts';
import type { TrainSpec } from '../../src/core/training/events.ts';
import { type Answer, type HostLink, readAnswer } from '../../src/main/executors/remote/host-link.ts';
import { SshError, type SshProblem } from '../../src/main/executors/ssh/ssh-error.ts';
import { answerTo } from '../../src/main/workers/agent/answer.ts';
import { framed, JOURNAL, type MadeFile, type Question } from '../../src/main/workers/agent/questions.ts';
import { type AgentSystem, agentSystem, type Said } from '../../src/main/workers/agent/system.ts';
import { HOST_FACTS } from '../store/host-facts.ts';
import { SimulatedTrainer } from './trainer.ts';
import { SimulatedMachine, SimulatedProcess, type World } from './world.ts';

/** An answer that does not come is waited for so long. */
export const SILENCE_MS = 60_000;
/** How often a question is lost on its way, or an answer. */
const LOST = 0.02;

export class SimulatedHost {
  readonly machine: SimulatedMachine;
  readonly root: string;
  /** No packet comes through. */
  isCut = false;
  /** Who asks is not let in, for this reason. */
  refuses: SshProblem | null = null;
  /** Of a cluster: its controller does not answer. */
  isSilent = false;
  /** Its file system does not answer. */
  hangs = false;
  /** Tessera's folder there is another user's, or may not be changed. */
  isForbidden = false;
  readonly trainers = new Set<SimulatedTrainer>();

  get isFull(): boolean {
    return this.machine.isFull;
  }

  set isFull(isFull: boolean) {
    this.machine.isFull = isFull;
  }

  constructor(world: World, name: string, root: string) {
    this.machine = new SimulatedMachine(world, name);
    this.root = root;
    mkdirSync(join(root, 'runs'), { recursive: true });
  }

  get facts(): HostFacts {
    return { ...HOST_FACTS, root: this.root, scheduler: null };
  }

  get runs(): string[] {
    return readdirSync(join(this.root, 'runs'));
  }

  /** What its agent asks of it. */
  get system(): AgentSystem {
    const { machine } = this;
    const agent = new SimulatedProcess(machine, 'agent');
    machine.processes.delete(agent);
    return {
      user: 'ada',
      node: machine.name,
      self: agent.identity,
      now: () => machine.now(),
      identityOf: (pid) => machine.identityOf(pid),
      startGroup: (folder, command) => this.#start(folder, command.at(-1) ?? ''),
      groupIn: (folder, leader) =>
        [...machine.processes]
          .filter((process) => process.folder === folder && process.identity.pid === leader)
          .map(({ identity }) => identity.pid),
      kill: (pid) => machine.kill(pid),
      run: (program, args) => this.run(program, args),
      freeBytes: () => (machine.isFull ? 0 : 1e12),
      write: (file, text) => {
        this.#mayChange(file, text.length);
        agentSystem.write(file, text);
      },
      makeFolder: (folder) => {
        this.#mayChange(folder, 1);
        agentSystem.makeFolder(folder);
      },
      remove: (path) => {
        this.#mayChange(path, 0);
        agentSystem.remove(path);
      },
    };
  }

  #mayChange(path: string, bytes: number): void {
    if (this.isForbidden) throw new Error(`EACCES: permission denied, open '${path}'`);
    if (this.isFull && bytes > 0) throw new Error(`ENOSPC: no space left on device, open '${path}'`);
  }

  /** One of its programs. */
  protected run(program: string, _args: readonly string[]): Said {
    return { code: 127, stdout: '', stderr: `${program}: not found` };
  }

  /** The trainer of a spec, in a group of its own; its exit code is kept by whoever leads that. */
  #start(folder: string, file: string): number {
    if (existsSync(join(folder, 'closed'))) return 1;
    const end = (code: number) => {
      if (existsSync(folder)) writeFileSync(join(folder, 'exit-code'), `${code}\n`);
    };
    return this.train(folder, file, end).process.identity.pid;
  }

  protected train(folder: string, file: string, end: (code: number) => void): SimulatedTrainer {
    const spec = JSON.parse(readFileSync(file, 'utf8')) as TrainSpec & { journal: string };
    const process = new SimulatedProcess(this.machine, `trainer of ${spec.runId}`, folder);
    const trainer = new SimulatedTrainer(spec, process, { tell: () => {}, end }, true);
    this.trainers.add(trainer);
    process.onEnd.push(() => this.trainers.delete(trainer));
    return trainer;
  }
}

/** Of one process to a host. */
export class SimulatedLink implements HostLink {
  readonly name: string;
  readonly isShared = true;
  readonly #host: SimulatedHost;
  readonly #process: SimulatedProcess;

  constructor(host: SimulatedHost, process: SimulatedProcess) {
    this.name = host.machine.name;
    this.#host = host;
    this.#process = process;
  }

  facts(): Promise<HostFacts> {
    return this.#over(1_000, async () => this.#host.facts);
  }

  ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<Answer<Q>> {
    const { system, root } = this.#host;
    return this.#over(
      200,
      async () => {
        const answer = framed(await answerTo(system, root, structuredClone(question)));
        return readAnswer(this.name, question, answer);
      },
      signal,
    );
  }

  send(
    spec: TrainSpec,
    name: string,
    _cuda: boolean,
    { signal, onProgress }: Parameters<HostLink['send']>[3],
  ): Promise<string[]> {
    onProgress?.({ what: 'Data', done: 1, total: 2 });
    return this.#over(
      3_000,
      async () => {
        if (this.#host.isFull) throw this.#error('no-room');
        if (this.#host.isForbidden) throw this.#error('failed');
        const folder = join(this.#host.root, 'runs', name);
        mkdirSync(folder, { recursive: true });
        const made = join(spec.runDir, 'checkpoints');
        if (spec.resumeFrom) cpSync(made, join(folder, 'checkpoints'), { recursive: true });
        const resumeFrom = spec.resumeFrom && join(folder, 'checkpoints', basename(spec.resumeFrom));
        const there = { ...spec, runDir: folder, journal: join(folder, JOURNAL), resumeFrom };
        const file = join(folder, 'spec.json');
        writeFileSync(file, JSON.stringify(there));
        return ['node', 'remote-trainer', file];
      },
      signal,
    );
  }

  fetch(
    name: string,
    file: MadeFile,
    local: string,
    { signal }: Parameters<HostLink['fetch']>[3],
  ): Promise<void> {
    return this.#over(
      500,
      async () => {
        if (this.#process.machine.isFull)
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        mkdirSync(dirname(local), { recursive: true });
        const there = join(this.#host.root, 'runs', name, file.path);
        if (!existsSync(there)) throw this.#error('failed');
        cpSync(there, local);
      },
      signal,
    );
  }

  async close(): Promise<void> {}

  #error(problem: SshProblem): SshError {
    return new SshError(problem, `${this.name}: ${problem}`);
  }

  /**
   * There, something is done in the middle of the time; what fails before keeps it from being done, what fails after its answer.
   * What nobody waits for any more may be done all the same.
   */
  async #over<T>(ms: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const process = this.#process;
    const { world } = process.machine;
    await this.#isThere(ms / 2, signal).catch((error) => {
      if (signal?.aborted && !this.#host.isCut && world.chance.is(0.5))
        world.at(world.chance.between(ms / 2, 3_000), null, () => void work().catch(() => {}));
      throw error;
    });
    if (world.chance.is(LOST)) throw this.#error('lost');
    const answer = await process.waitsFor(work());
    await this.#isThere(ms / 2, signal);
    if (world.chance.is(LOST)) throw this.#error('lost');
    return answer;
  }

  async #isThere(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#host.hangs) {
      await this.#process.pause(SILENCE_MS, signal);
      throw this.#error('timeout');
    }
    await this.#process.pause(ms, signal);
    if (this.#host.isCut) throw this.#error('lost');
    if (this.#host.refuses) throw this.#error(this.#host.refuses);
  }
}
