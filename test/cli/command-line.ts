/** Runs the real command line in processes of its own, on a temporary home. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';

const CLI = join(import.meta.dirname, '..', '..', 'src', 'main', 'cli', 'main.ts');

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

/** A home that goes when the tests of the file have ended. */
export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  readonly home = join(this.folder, 'home');

  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }));
  }

  start(...args: string[]): Started {
    const env = { ...process.env, TESSERA_HOME: this.home, TESSERA_DEBUG: '' };
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
    return this.start(...args).finished;
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
