/** Runs that are trained on another machine, over a real ssh: the same numbers, and nothing lost. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { readCheckpoint } from '../../src/core/training/checkpoints.ts';
import { runHere } from '../cli/command-line.ts';
import { skipped } from './daemons.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd');
const CLI = join(import.meta.dirname, '../../src/main/cli/main.ts');

interface Shown {
  status: string;
  metrics: Record<string, number>;
  attempts: unknown[];
  place: string | null;
  checkpoints: { path: string; kind: string; step: number }[];
}

describe.skipIf(why)(`training on another machine (${why ?? 'sshd'})`, () => {
  let server: TestSshd;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'tessera-store-'));
    server = await startSshd({ PATH: '/usr/bin:/bin' });
    writeSample(join(home, 'sample'), { users: 200, items: 120, seed: 1 });
    for (const args of [
      ['datasets', 'import', join(home, 'sample'), '--name', 'sample'],
      ['host', 'add', 'box'],
    ]) {
      expect((await tessera(...args)).stderr).toBe('');
    }
  });
  afterAll(() => server?.end());

  const env = () => ({ TESSERA_SSH_CONFIG: server.config });
  const tessera = (...args: string[]) => runHere(['--home', home, '--json', ...args], env());
  const settings = (epochs: number) =>
    ['dim=16', 'maxLength=20', 'batchSize=16', `epochs=${epochs}`, 'epochSteps=100', 'patience=0'].flatMap(
      (setting) => ['--set', setting],
    );
  const train = (name: string, epochs: number) => [
    ...[
      'train',
      '--dataset',
      'sample',
      '--model',
      'sasrec',
      '--seed',
      '7',
      '--device',
      'cpu',
      '--threads',
      '1',
    ],
    ...settings(epochs),
    ...['--name', name],
  ];
  const show = async (run: string): Promise<Shown> =>
    JSON.parse((await tessera('runs', 'show', run)).stdout.trim().split('\n').at(-1) ?? '');
  const tensors = ({ checkpoints }: Shown) =>
    readCheckpoint(checkpoints.find(({ kind }) => kind === 'last')?.path ?? '').tensors;

  it('gives the numbers and parameters of a training here, bit for bit', async () => {
    expect(await tessera(...train('here', 3))).toMatchObject({ code: 0 });
    expect(await tessera(...train('there', 3), '--on', 'box')).toMatchObject({ code: 0 });
    const [here, there] = [await show('here'), await show('there')];
    expect(there).toMatchObject({ status: 'completed', place: 'box' });
    expect(there.metrics).toEqual(here.metrics);
    expect(tensors(there)).toEqual(tensors(here));
  });

  it('goes on while the command that follows it is killed and the network is cut', async () => {
    const child = spawn(
      process.execPath,
      [CLI, '--home', home, '--json', ...train('cut', 12), '--on', 'box'],
      { env: { ...process.env, ...env() }, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const { promise: training, resolve } = Promise.withResolvers<void>();
    child.stdout.on('data', (text) => String(text).includes('"phase":"train"') && resolve());
    await training;
    child.kill('SIGKILL');
    expect(await show('cut')).toMatchObject({ status: 'running' });
    await server.stop();
    const followed = tessera('train', '--resume', 'cut');
    await new Promise((later) => setTimeout(later, 3_000));
    await server.start();
    expect(await followed).toMatchObject({ code: 0 });
    const cut = await show('cut');
    expect(cut).toMatchObject({ status: 'completed', attempts: [expect.anything()] });
    await tessera(...train('whole', 12));
    expect(cut.metrics).toEqual((await show('whole')).metrics);
  });
});
