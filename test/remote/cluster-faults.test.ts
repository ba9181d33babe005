/** What goes wrong on a cluster while a run trains there: it comes to the same, bit for bit. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipped } from './daemons.ts';
import { Desktop, endStopped, type Shown, stopTrainer, tensors, train } from './desktop.ts';
import { SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS);

describe.skipIf(why)(`faults of a cluster (${why ?? 'slurm'})`, () => {
  let cluster: TestSlurm;
  let desktop: Desktop;
  let whole: Shown;
  beforeAll(async () => {
    cluster = await startSlurm({ accounting: false });
    desktop = new Desktop(await startSshd({ PATH: '/usr/bin:/bin', ...cluster.env }));
    await desktop.prepare();
    expect(await desktop.run(...train('whole'))).toMatchObject({ code: 0 });
    whole = await desktop.show('whole');
  });
  afterAll(async () => {
    endStopped();
    await Promise.all([desktop?.server.end(), cluster?.end()]);
  });

  const jobOf = async (id: string): Promise<string> => {
    const folder = desktop.runs.find((name) => name.startsWith(id));
    return readFileSync(join(desktop.root, 'runs', folder ?? '', 'job-number'), 'utf8').trim();
  };
  const stateOf = async (job: string) =>
    (await cluster.run('squeue', '-h', '-t', 'all', '-j', job, '-o', '%T %r')).trim();
  /** What is requeued waits for two minutes. */
  const release = async (job: string) => {
    await expect.poll(() => stateOf(job), { timeout: 120_000 }).toMatch(/^PENDING BeginTime/);
    await wait(3_000);
    await cluster.run('scontrol', 'update', `JobId=${job}`, 'StartTime=now');
  };
  /** Starts one, and stops it in its middle. */
  const middle = async (name: string, ...options: string[]) => {
    const followed = desktop.start(...train(name, '--on', 'box', ...options));
    await expect.poll(async () => (await desktop.show(name).catch(() => null))?.status).toBe('running');
    const { id } = await desktop.show(name);
    const pid = await stopTrainer(join(desktop.root, 'runs', id));
    return { followed, pid, job: await jobOf(id) };
  };
  const expectWhole = async (name: string, { finished }: ReturnType<Desktop['start']>) => {
    expect(await finished).toMatchObject({ code: 0, stderr: expect.not.stringContaining('tessera:') });
    const run = await desktop.show(name);
    expect(run).toMatchObject({ status: 'completed', metrics: whole.metrics });
    expect(run.attempts).toHaveLength(1);
    expect(tensors(run)).toEqual(tensors(whole));
  };

  it('saves what it reached before its time limit, and goes on', async () => {
    const { followed, pid, job } = await middle('limited', '--time', '2');
    const signals = () =>
      BigInt(`0x${/^ShdPnd:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]}`);
    // It has been told to end, by the script that Slurm told.
    await expect.poll(() => (signals() >> 14n) & 1n, { timeout: 90_000 }).toBe(1n);
    process.kill(pid, 'SIGCONT');
    await release(job);
    await expectWhole('limited', followed);
  });

  it('goes on after it has made room for a job of a higher partition', async () => {
    const both = ['--line', '#SBATCH --exclusive', '#SBATCH --nodes=2'];
    const { followed, pid, job } = await middle('preempted', ...both);
    await cluster.run(
      'sbatch',
      '--partition=high',
      '--exclusive',
      '--nodes=2',
      '--output=/dev/null',
      '--wrap=sleep 3',
    );
    await wait(1_000);
    process.kill(pid, 'SIGCONT');
    await release(job);
    await expectWhole('preempted', followed);
  });

  it('stays on a node that is drained, and goes on on another one where its node is down', async () => {
    const { followed, pid, job } = await middle('moved');
    const node = (await cluster.run('squeue', '-h', '-j', job, '-o', '%N')).trim();
    await cluster.run('scontrol', 'update', `NodeName=${node}`, 'State=DRAIN', 'Reason=test');
    expect(await stateOf(job)).toMatch(/^RUNNING/);
    process.kill(pid, 'SIGCONT');
    await cluster.run('scontrol', 'update', `NodeName=${node}`, 'State=DOWN', 'Reason=test');
    await release(job);
    await expectWhole('moved', followed);
  });
});
