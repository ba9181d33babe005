/** A desktop with a host, as a test uses it: commands in processes of their own, and a hub. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { readCheckpoint } from '../../src/core/training/checkpoints.ts';
import { runHere } from '../cli/command-line.ts';
import { provideProgram } from './program.ts';
import { smallTraining } from './small-training.ts';
import type { TestSshd } from './sshd.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');
const HUB = join(import.meta.dirname, 'hub-process.ts');

export interface Shown {
  id: string;
  status: string;
  message: string | null;
  metrics: Record<string, number>;
  attempts: unknown[];
  logs: { message: string }[];
  series: { metric: string; points: number; lastStep: number }[];
  checkpoints: { path: string; kind: string; step: number }[];
}

/** A desktop: a home, and the machine that its host "box" is. */
export class Desktop {
  readonly home = mkdtempSync(join(tmpdir(), 'tessera-store-'));
  readonly server: TestSshd;

  constructor(server: TestSshd) {
    this.server = server;
  }

  start(...args: string[]) {
    return this.#spawn(CLI, '--home', this.home, '--json', ...args);
  }

  /** Its hub, until it is killed. */
  hub() {
    return this.#spawn(HUB, this.home);
  }

  /** Its hub, while `work` goes on. */
  async withHub(work: () => Promise<void>): Promise<void> {
    const { child, finished } = this.hub();
    try {
      await work();
    } finally {
      child.kill('SIGKILL');
      await finished;
    }
  }

  get #env() {
    return { TESSERA_SSH_CONFIG: this.server.config, XDG_CONFIG_HOME: join(this.home, 'config') };
  }

  /** A short command, in this process: one of its own takes longer to start than to end. */
  #runHere(...args: string[]) {
    return runHere(['--home', this.home, '--json', ...args], this.#env);
  }

  #spawn(entry: string, ...args: string[]) {
    const child = spawn(process.execPath, [entry, ...args], { env: { ...process.env, ...this.#env } });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk) => {
        said[name] += chunk;
      });
    }
    const finished = once(child, 'close').then(([code]) => ({ code, ...said }));
    return { child, finished };
  }

  run(...args: string[]) {
    return this.start(...args).finished;
  }

  /** With a data set and its host, on which the program is. */
  async prepare(): Promise<void> {
    const sample = join(this.home, 'sample');
    writeSample(sample, { users: 200, items: 120, seed: 1 });
    for (const args of [
      ['datasets', 'import', sample, '--name', 'sample'],
      ['host', 'add', 'box'],
    ]) {
      expect(await this.#runHere(...args)).toMatchObject({ code: 0 });
    }
    await provideProgram(this.root, async () => {
      expect(await this.run('host', 'check', 'box')).toMatchObject({ code: 0 });
    });
  }

  async show(run: string): Promise<Shown> {
    const { stdout } = await this.#runHere('runs', 'show', run);
    const { run: record, ...page } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    return { ...record, ...page };
  }

  /** Folders of runs on the host. */
  get runs(): string[] {
    const folder = join(this.root, 'runs');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  get root(): string {
    return join(this.server.home, '.cache', 'tessera');
  }
}

export const train = (name: string, ...more: string[]) => smallTraining(name, 6, ...more);

export const tensors = ({ checkpoints }: Pick<Shown, 'checkpoints'>) =>
  readCheckpoint(checkpoints.find(({ kind }) => kind === 'last')?.path ?? '').tensors;

/** Of a training that has begun on this machine, which is every host of these tests. */
async function trainerIn(root: string): Promise<number> {
  for (;;) {
    for (const name of readdirSync('/proc')) {
      const line = commandOf(name).split('\0');
      const [entry = '', spec = ''] = line.slice(1);
      const journal = join(spec, '..', 'events.jsonl');
      if (!entry.includes('remote-trainer') || !spec.startsWith(root) || !existsSync(journal)) continue;
      // From the best one alone nothing goes on.
      if (/"type":"checkpoint".*"kind":"last"/.test(readFileSync(journal, 'utf8'))) return Number(name);
    }
    await wait(100);
  }
}

function commandOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Stopped where it is, so that what is done to it comes in its middle. */
export async function stopTrainer(root: string): Promise<number> {
  const pid = await trainerIn(root);
  process.kill(pid, 'SIGSTOP');
  stopped.push(pid);
  return pid;
}

const stopped: number[] = [];

/** Ends what a test that failed has left stopped. */
export function endStopped(): void {
  for (const pid of stopped)
    if (commandOf(String(pid)).includes('remote-trainer')) process.kill(pid, 'SIGKILL');
}

/** Waits until something is so. Tests that run beside each other share no expectations that wait. */
export async function until(isSo: () => boolean | Promise<boolean>, seconds = 90): Promise<void> {
  for (const since = Date.now(); !(await isSo()); await wait(20)) {
    if (Date.now() - since > seconds * 1000) throw new Error(`it is not so after ${seconds} s: ${isSo}`);
  }
}
