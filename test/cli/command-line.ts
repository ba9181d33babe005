/** Runs the real command line on a temporary home. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { runCommandLine } from '../../src/main/cli/program.ts';

const CLI = join(import.meta.dirname, '..', '..', 'src', 'main', 'cli', 'main.mjs');

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  finished: Promise<Finished>;
  /** Resolves with the first line of stdout that has the text. */
  line(text: string): Promise<string>;
}

/** Small enough for seconds, large enough to learn from. */
export const SMALL = [
  'dim=16',
  'maxLength=20',
  'batchSize=32',
  'loss=full-softmax',
  'learningRate=0.003',
].flatMap((setting) => ['--set', setting]);

/** Without a look for devices, which takes longer than such a training. */
export const TRAIN = ['train', '--device', 'cpu', '--threads', '1'];

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in this process, once those before it have ended: a process of its own takes longer to start than most
 * commands take.
 */
export function runHere(args: string[], env: Record<string, string> = {}): Promise<Finished> {
  const finished = last.then(() => captured(args, env));
  last = finished.catch(() => {});
  return finished;
}

async function captured(args: string[], env: Record<string, string>): Promise<Finished> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) => {
    // Every command watches for closed pipes, and here they share one process.
    process[name].setMaxListeners(0);
    return vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += text;
      return true;
    });
  });
  const { exitCode } = process;
  const outside = Object.keys(env).map((key) => [key, process.env[key]] as const);
  Object.assign(process.env, env);
  try {
    return { code: await runCommandLine(args), ...texts };
  } finally {
    process.exitCode = exitCode;
    for (const [key, value] of outside) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
    for (const spy of spies) spy.mockRestore();
  }
}

/** A home that goes when the tests of the file have ended. */
export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  readonly home = join(this.folder, 'home');
  readonly #env = {
    TESSERA_HOME: this.home,
    TESSERA_DEBUG: '',
    XDG_CONFIG_HOME: join(this.folder, 'config'),
  };
  readonly #apart: boolean;

  /** `apart`: whether every command runs in a process of its own, and not only those that are started. */
  constructor({ apart = false } = {}) {
    this.#apart = apart;
    afterAll(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }));
  }

  /** Starts a command in a process of its own. */
  start(...args: string[]): Started {
    const env = { ...process.env, ...this.#env };
    const child = spawn(process.execPath, [CLI, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.folder,
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    }
    const finished = new Promise<Finished>((resolve) =>
      child.on('close', (code) => resolve({ code, ...texts })),
    );
    const line = async (text: string) => {
      for (;;) {
        const found = texts.stdout
          .split('\n')
          .slice(0, -1)
          .find((candidate) => candidate.includes(text));
        if (found !== undefined) return found;
        const ended = await Promise.race([
          finished,
          new Promise<null>((resolve) => setTimeout(resolve, 20, null)),
        ]);
        if (ended && !ended.stdout.includes(text))
          throw new Error(`no "${text}" from ${args.join(' ')}: ${ended.stderr}`);
      }
    };
    return { child, finished, line };
  }

  /** Runs a command to its end, whatever the exit code. */
  run(...args: string[]): Promise<Finished> {
    return this.#apart ? this.start(...args).finished : runHere(args, this.#env);
  }

  /** The text a successful command prints. */
  async text(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}: ${stderr}`);
    return stdout;
  }

  /** The one JSON value a successful command prints; of `train`, its last. */
  async json<T>(...args: string[]): Promise<T> {
    const lines = (await this.text(...args, '--json')).trimEnd().split('\n');
    return JSON.parse(args[0] === 'train' ? (lines.at(-1) ?? '') : lines.join('\n')) as T;
  }

  /** Imports the generated sample set under the name "sample". */
  async importSample(): Promise<Record<string, unknown>> {
    const folder = join(this.folder, 'sample');
    writeSample(folder, { users: 300, items: 150, seed: 1 });
    return this.json('datasets', 'import', folder, '--name', 'sample');
  }
}
