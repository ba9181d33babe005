/** Runs that are trained on another machine, over a real ssh: the same numbers, and nothing lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { readCheckpoint } from '../../src/core/training/checkpoints.ts';
import { Hub } from '../../src/main/hub/hub.ts';
import { forkLauncher } from '../../src/main/workers/launch.ts';
import { runHere } from '../cli/command-line.ts';
import { skipped } from './daemons.ts';
import { SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { settings, smallTraining } from './small-training.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS);
const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');

/** In the place of a test of another kind of host: not skipped, for there is nothing to test. */
const ignored = (_name: string, _test: () => unknown) => {};

interface Shown {
  status: string;
  metrics: Record<string, number>;
  attempts: unknown[];
  place: string | null;
  checkpoints: { path: string; kind: string; step: number }[];
}

describe.skipIf(why).each(['ssh', 'slurm'])(
  `training on another machine, by %s (${why ?? 'sshd'})`,
  (kind) => {
    let server: TestSshd;
    let cluster: TestSlurm | null = null;
    let home: string;
    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'tessera-store-'));
      if (kind === 'slurm') cluster = await startSlurm({ accounting: false });
      server = await startSshd({ PATH: '/usr/bin:/bin', ...cluster?.env });
      writeSample(join(home, 'sample'), { users: 200, items: 120, seed: 1 });
      for (const args of [
        ['datasets', 'import', join(home, 'sample'), '--name', 'sample'],
        ['host', 'add', 'box', '--at-once', '3'],
        // What Slurm takes at once is known from then on.
        ...(kind === 'slurm' ? [['host', 'check', 'box']] : []),
      ]) {
        expect((await tessera(...args)).stderr).toBe('');
      }
    });
    afterAll(() => Promise.all([server?.end(), cluster?.end()]));

    const env = () => ({ TESSERA_SSH_CONFIG: server.config });
    const tessera = (...args: string[]) => runHere(['--home', home, '--json', ...args], env());
    const show = async (run: string): Promise<Shown> =>
      JSON.parse((await tessera('runs', 'show', run)).stdout.trim().split('\n').at(-1) ?? '');
    const tensors = ({ checkpoints }: Shown) =>
      readCheckpoint(checkpoints.find(({ kind }) => kind === 'last')?.path ?? '').tensors;

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

    it('goes on while the command that follows it is killed and the network is cut', async () => {
      const child = spawn(
        process.execPath,
        [CLI, '--home', home, '--json', ...smallTraining('cut', 30), '--on', 'box'],
        { env: { ...process.env, ...env() }, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const { promise: training, resolve } = Promise.withResolvers<void>();
      child.stdout.on('data', (text) => String(text).includes('"phase":"train"') && resolve());
      await training;
      child.kill('SIGKILL');
      await once(child, 'close');
      expect(await show('cut')).toMatchObject({ status: 'running' });
      await server.cut();
      const followed = tessera('train', '--resume', 'cut');
      await new Promise((later) => setTimeout(later, 3_000));
      await server.start();
      expect(await followed).toMatchObject({ code: 0, stderr: expect.not.stringContaining('tessera:') });
      const cut = await show('cut');
      expect(cut).toMatchObject({ status: 'completed', attempts: [expect.anything()] });
      await tessera(...smallTraining('whole', 30));
      expect(cut.metrics).toEqual((await show('whole')).metrics);
    });

    it('says in a line that a host has no GPU', async () => {
      const refused = await tessera(
        ...smallTraining('cuda', 3).map((word) => (word === 'cpu' ? 'cuda' : word)),
        '--on',
        'box',
      );
      const why = kind === 'ssh' ? 'it has no GPU of NVIDIA' : 'its jobs ask for no GPU';
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`box: ${why}, which cuda needs; `),
      });
    });

    // A cluster is asked too seldom for so short a training.
    const [onlySsh, onlySlurm] = ['ssh', 'slurm'].map((one) => (kind === one ? it : ignored));

    // A cluster is asked too seldom for so short a training.
    onlySsh('stops where it is asked to, and goes on from the step reached', async () => {
      const child = spawn(
        process.execPath,
        [CLI, '--home', home, '--json', ...smallTraining('stopped', 30), '--on', 'box'],
        { env: { ...process.env, ...env() }, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const ended = once(child, 'close');
      const { promise: training, resolve } = Promise.withResolvers<void>();
      child.stdout.on('data', (text) => String(text).includes('"phase":"train"') && resolve());
      await training;
      child.kill('SIGINT');
      await ended;
      const stopped = await show('stopped');
      expect(stopped.status).toBe('cancelled');
      expect(stopped.checkpoints.length).toBeGreaterThan(0);
      expect(await tessera('train', '--resume', 'stopped')).toMatchObject({ code: 0 });
      expect((await show('stopped')).metrics).toEqual((await show('whole')).metrics);
    });

    onlySsh('comes home where it is asked to, and goes on there from what it has reached', async () => {
      vi.stubEnv('TESSERA_SSH_CONFIG', server.config);
      const hub = new Hub({ home, shell: 'browser', launch: forkLauncher() });
      hub.start();
      try {
        const given = settings(30).filter((word) => word !== '--set');
        const overrides = Object.fromEntries(
          given.map((word) => [word.split('=')[0], Number(word.split('=')[1])]),
        );
        const request = { dataset: 'sample', model: 'sasrec', overrides, seeds: [7], threads: 1 };
        const where = { device: 'cpu' as const, on: 'box', name: 'moved', tags: [], notes: '' };
        const [run] = await hub.enqueue([{ ...request, ...where }]);
        const wait = { timeout: 120_000, interval: 50 };
        await expect.poll(() => hub.scheduler.progressOf(run)?.phase, wait).toBe('train');
        hub.scheduler.trainHere(run);
        await expect.poll(() => hub.store.runs.get(run).status, wait).toBe('completed');
        expect(hub.store.runs.own(run).place).toBeNull();
        const [, here] = hub.store.runs.attempts(run);
        expect(here.fromStep).toBeGreaterThan(0);
        expect(hub.store.runs.get(run).metrics).toEqual((await show('whole')).metrics);
      } finally {
        await hub.close();
        vi.unstubAllEnvs();
      }
    });

    onlySlurm('trains a sweep of 12 trials as one array, three at once at most', async () => {
      const shape = ['dim=16', 'maxLength=20', 'batchSize=16', 'epochs=2', 'epochSteps=50', 'patience=0'];
      const sweep = tessera(
        ...['sweep', 'run', '--dataset', 'sample', '--model', 'sasrec', '--device', 'cpu', '--threads', '1'],
        ...[
          '--vary',
          'dropout=0,0.1,0.2,0.3,0.4,0.5',
          '--vary',
          'learningRate=0.001,0.002',
          '--name',
          'sweep',
        ],
        ...shape.flatMap((setting) => ['--set', setting]),
        ...['--on', 'box'],
      );
      const ended = sweep.then(() => true);
      const jobs = new Set<string>();
      let most = 0;
      while (!(await Promise.race([ended, new Promise<false>((later) => setTimeout(later, 400, false))]))) {
        const said = (await cluster?.run('squeue', '-h', '-r', '-t', 'R,CG', '-o', '%F %t'))?.trim() ?? '';
        const lines = said.split('\n').filter((line) => line !== '');
        for (const line of lines) jobs.add(line.split(' ')[0]);
        most = Math.max(most, lines.filter((line) => line.endsWith(' R')).length);
      }
      expect(await sweep).toMatchObject({ code: 0 });
      expect(jobs.size).toBe(1);
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(3);
      const list: Shown[] = JSON.parse((await tessera('runs', 'list')).stdout);
      const trials = list.filter(({ place, status }) => place === 'box' && status === 'completed');
      expect(trials.length).toBeGreaterThanOrEqual(12);
    });

    onlySlurm('goes on by itself after a requeue, and is cancelled by scancel', async () => {
      const follow = tessera(...smallTraining('requeued', 30), '--on', 'box');
      const job = await runningJob(cluster);
      await new Promise((later) => setTimeout(later, 4_000));
      await cluster?.run('scontrol', 'requeue', job);
      expect(await follow).toMatchObject({ code: 0, stderr: expect.not.stringContaining('tessera:') });
      expect((await show('requeued')).metrics).toEqual((await show('whole')).metrics);

      const cancelled = tessera(...smallTraining('cancelled', 200), '--on', 'box');
      await cluster?.run('scancel', await runningJob(cluster));
      expect(await cancelled).toMatchObject({ code: 130 });
      expect(await show('cancelled')).toMatchObject({ status: 'cancelled' });
    });
  },
);

/** The number of the job that runs, once one does. */
async function runningJob(cluster: TestSlurm | null): Promise<string> {
  for (;;) {
    const said = await cluster?.run('squeue', '-h', '-t', 'R', '-o', '%A');
    const [job] = said?.trim().split('\n') ?? [];
    if (job) return job;
    await new Promise((later) => setTimeout(later, 300));
  }
}
