/** Runs that are trained on another machine, over a real ssh: the same numbers, and nothing lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { type Finished, runHere } from '../cli/command-line.ts';
import { skipped } from './daemons.ts';
import { tensors } from './desktop.ts';
import { provideProgram } from './program.ts';
import { smallTraining } from './small-training.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');

/** Enough to be met in the middle. */
export const EPOCHS = 15;

export interface Shown {
  status: string;
  metrics: Record<string, number>;
  attempts: unknown[];
  /** Known once it trains. */
  parameters: number | null;
  place: string | null;
  checkpoints: { path: string; kind: string; step: number }[];
}

/** On a home with a data set, and a host "box". */
interface Commands {
  tessera(...args: string[]): Promise<Finished>;
  show(run: string): Promise<Shown>;
  /** Trains on the host in a process of its own. Resolves once that trains. */
  begin(name: string): Promise<Begun>;
  /** Any command in a process of its own. Resolves with the first line of stdout that has the text. */
  start(text: string, ...args: string[]): Promise<Begun>;
  server(): TestSshd;
  /** A folder for files. */
  folder(): string;
}

interface Begun {
  kill(...signals: NodeJS.Signals[]): Promise<void>;
  /** Its exit code. */
  ended: Promise<number | null>;
}

/** One with a scheduler, of a test. */
export interface TestCluster {
  /** For whoever calls its programs. */
  env: Record<string, string>;
  run(...command: string[]): Promise<string>;
  end(): Promise<void>;
}

interface Kind {
  name: 'ssh' | 'slurm' | 'grid engine';
  programs: readonly string[];
  startCluster(): Promise<TestCluster | null>;
  /** Why its jobs cannot use CUDA. */
  withoutGpu: string;
}

/** What is so on every kind of host; `more` adds tests of this kind. */
export function describeTraining(
  { name: kind, programs, startCluster, withoutGpu }: Kind,
  more: (commands: Commands, cluster: () => TestCluster | null) => void,
): void {
  const why = skipped('ssh', 'ssh-keygen', 'sshd', ...programs);
  describe.skipIf(why)(`training on another machine, by ${kind} (${why ?? 'sshd'})`, () => {
    let server: TestSshd;
    let cluster: TestCluster | null = null;
    let home: string;
    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'tessera-store-'));
      cluster = await startCluster();
      server = await startSshd({ PATH: '/usr/bin:/bin', ...cluster?.env });
      writeSample(join(home, 'sample'), { users: 200, items: 120, seed: 1 });
      const done = async (...args: string[]) => expect((await tessera(...args)).stderr).toBe('');
      await done('datasets', 'import', join(home, 'sample'), '--name', 'sample');
      await done('host', 'add', 'box', '--at-once', '3');
      const check = () => done('host', 'check', 'box');
      await provideProgram(join(server.home, '.cache', 'tessera'), check);
      // What a cluster takes at once is known from then on.
      if (cluster) await check();
    });
    afterAll(() => Promise.all([server?.end(), cluster?.end()]));

    const env = () => ({ TESSERA_SSH_CONFIG: server.config });
    const tessera = (...args: string[]) => runHere(['--home', home, '--json', ...args], env());
    const show = async (run: string): Promise<Shown> =>
      JSON.parse((await tessera('runs', 'show', run)).stdout.trim().split('\n').at(-1) ?? '');
    const begin = (name: string) =>
      start('"phase":"train"', '--json', ...smallTraining(name, EPOCHS), '--on', 'box');
    const start = async (awaited: string, ...args: string[]): Promise<Begun> => {
      const child = spawn(process.execPath, [CLI, '--home', home, ...args], {
        env: { ...process.env, ...env() },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'close').then(([code]): number | null => code);
      const { promise: said, resolve, reject } = Promise.withResolvers<void>();
      child.stdout.on('data', (text) => String(text).includes(awaited) && resolve());
      void ended.then(() => reject(new Error(`no "${awaited}" from ${args.join(' ')}`)));
      await said;
      const kill = async (...signals: NodeJS.Signals[]) => {
        for (const signal of signals) {
          child.kill(signal);
          // As far apart as a user presses them.
          await wait(600);
        }
        await ended;
      };
      return { kill, ended };
    };

    it('gives the numbers and parameters of a training here, bit for bit', async () => {
      expect(await tessera(...smallTraining('here', 3))).toMatchObject({ code: 0 });
      expect(await tessera(...smallTraining('there', 3), '--on', 'box')).toMatchObject({ code: 0 });
      const [here, there] = [await show('here'), await show('there')];
      expect(there).toMatchObject({
        ...{ status: 'completed', place: 'box' },
        attempts: [{ processors: [{ model: expect.any(String) }] }],
      });
      expect(there.metrics).toEqual(here.metrics);
      expect(tensors(there)).toEqual(tensors(here));
    });

    it('says in a line that a host has no GPU', async () => {
      const refused = await tessera(
        ...smallTraining('cuda', 3).map((word) => (word === 'cpu' ? 'cuda' : word)),
        '--on',
        'box',
      );
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`box: ${withoutGpu}, which cuda needs; `),
      });
    });

    more({ tessera, show, begin, start, server: () => server, folder: () => home }, () => cluster);
  });
}
