import { expect, it } from 'vitest';
import { hostSchema } from '../../../core/api/hosts.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { SlurmLauncher } from './slurm-launcher.ts';

it('submits what begins together as one array for each set of options, a run before its host', async () => {
  const submitted: { options: string[]; script: string }[] = [];
  // Answers as sbatch does; nothing else is asked.
  const connection = {
    host: 'cluster',
    run: async ({ what, args, stdin }: { what: string; args: string[]; stdin: string }) => {
      if (what !== 'submitting the job') return '';
      submitted.push({ options: args.filter((arg) => /^--(time|partition|array)/.test(arg)), script: stdin });
      return `${40 + submitted.length}\n`;
    },
  } as unknown as SshConnection;
  let usual = hostSchema.parse({ name: 'cluster' }).slurm;
  const launcher = new SlurmLauncher(
    connection,
    () => usual,
    { accounting: true },
    () => 0,
  );
  usual = { ...usual, partition: 'short', lines: ['module load cuda'] };
  await Promise.all([
    launcher.launch('/r/a', ['train']),
    launcher.launch('/r/b', ['train'], { time: '4:00:00', lines: ['module load gcc'] }),
    launcher.launch('/r/c', ['train']),
  ]);
  expect(submitted.map(({ options }) => options)).toEqual([
    ['--partition=short', '--array=0-1%4'],
    ['--partition=short', '--time=4:00:00'],
  ]);
  expect(submitted[1].script).toContain('module load cuda\nmodule load gcc\n');
});

it.each([
  ['CANCELLED by 1000|0:15', 'cancelled', 'the job was cancelled on the cluster'],
  ['OUT_OF_MEMORY|0:125', 'out-of-memory', 'the job ran out of memory; give it more, or use smaller batches'],
  ['TIMEOUT|0:0', 'interrupted', 'the job reached its time limit'],
  ['NODE_FAIL|0:0', 'interrupted', "the job's node failed"],
])('of a job that Slurm calls %s it says how the run ended', async (said, outcome, detail) => {
  const connection = {
    host: 'cluster',
    run: async ({ what }: { what: string }) =>
      what === 'looking for the job' ? '12\n' : what === 'asking for jobs' ? '' : `12|${said}|n1|None\n`,
  } as unknown as SshConnection;
  const { slurm } = hostSchema.parse({ name: 'cluster' });
  const launcher = new SlurmLauncher(
    connection,
    () => slurm,
    { accounting: true },
    () => 0,
  );
  expect((await launcher.status('/r/a')).ended).toMatchObject({ outcome, detail });
});
