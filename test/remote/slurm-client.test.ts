import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slurmOptions } from '../../src/core/api/hosts.ts';
import { SlurmLauncher } from '../../src/main/executors/remote/slurm-launcher.ts';
import type { SlurmJob } from '../../src/main/executors/slurm/batch-script.ts';
import type { JobState } from '../../src/main/executors/slurm/job-state.ts';
import { readScript, SlurmClient, type SlurmHandle } from '../../src/main/executors/slurm/slurm.ts';
import { SshConnection } from '../../src/main/executors/ssh/connection.ts';
import { GOES_ON } from '../../src/main/workers/serve-trainings.ts';
import { skipped } from './daemons.ts';
import { ACCOUNTING_PROGRAMS, SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS, ...ACCOUNTING_PROGRAMS);

/** Says what it was told, keeps a step for the next start, and goes on until told to stop or for so many seconds. */
const TRAINER = `step=$(cat step 2>/dev/null || echo 0)
trap 'echo told >> told; exit ${GOES_ON}' TERM
while [ "$step" -lt "$1" ]; do step=$((step + 1)); echo "$step" > step.new; mv step.new step; sleep 1 & wait $!; done`;

describe.skipIf(why).each([false, true])(`jobs of Slurm, accounting %s (${why ?? 'slurm'})`, (accounting) => {
  let slurm: TestSlurm;
  let sshd: TestSshd;
  let connection: SshConnection;
  let client: SlurmClient;
  beforeAll(async () => {
    slurm = await startSlurm({ accounting });
    sshd = await startSshd(slurm.env);
    connection = new SshConnection('box', sshd.config);
    client = new SlurmClient(connection, { accounting });
  });
  afterAll(async () => {
    await connection?.close();
    await Promise.all([slurm?.end(), sshd?.end()]);
  });

  const options = (given: Partial<SlurmJob['options']> = {}) =>
    slurmOptions.parse({
      partition: null,
      account: null,
      time: null,
      memory: null,
      gpus: null,
      atOnce: 2,
      lines: [],
      ...given,
    });

  function folderOf(name: string): string {
    const folder = join(sshd.home, `runs 100%`, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  function job(
    name: string,
    script: string,
    given: Partial<SlurmJob['options']> = {},
    args: string[] = [],
  ): SlurmJob {
    return {
      name,
      options: options(given),
      tasks: [{ folder: folderOf(name), command: ['sh', '-c', script, 'sh', ...args] }],
    };
  }

  const stateOf = async ({ job: id, folder }: SlurmHandle) =>
    (await client.states([{ job: id, folder }])).get(id) as JobState;
  const until = (handle: SlurmHandle, state: Partial<JobState>, timeout = 60_000) =>
    expect.poll(() => stateOf(handle), { timeout, interval: 500 }).toMatchObject(state);

  it('runs a job and keeps its exit code and its node', async () => {
    const lines = ['#SBATCH --comment="a b"', 'export WORD="two words"'];
    const [good] = await client.submit(job('good', 'echo "$WORD" "$1"', { lines }, ["it's\n$HOME"]));
    await until(good, { phase: 'ended', outcome: 'completed', exitCode: 0, starts: 1 });
    expect(readFileSync(join(good.folder, 'output.log'), 'utf8')).toBe("two words it's\n$HOME\n");
    const [bad] = await client.submit(job('bad', 'exit 3'));
    await until(bad, { phase: 'ended', outcome: 'failed', exitCode: 3 });
    await expect(client.submit(job('refused', 'true', { partition: 'nowhere' }))).rejects.toThrow(
      /invalid partition/i,
    );
  });

  it('counts the jobs before one that waits, and has its script also where its folder has not', async () => {
    const later = { lines: ['#SBATCH --begin=now+1hour'] };
    const [first] = await client.submit(job('first', 'true', later));
    const [second] = await client.submit(job('second', 'true', { ...later, time: '10' }));
    const waits = new SlurmClient(connection, { accounting });
    await waits.states([first, second]);
    const states = [...(await waits.states([first, second])).values()];
    expect(states.map(({ phase, ahead }) => [phase, ahead])).toEqual([
      ['pending', 0],
      ['pending', 1],
    ]);
    expect(Math.abs((states[0].submittedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    const script = await readScript(connection, second.folder, options({ time: '10' }));
    expect(script).toMatch(/^#!\/bin\/sh\n#SBATCH --job-name=tessera-second\n#SBATCH --time=10\n/);
    rmSync(join(second.folder, 'job.sh'));
    writeFileSync(join(second.folder, 'job-number'), `${second.job}\n`);
    expect(await readScript(connection, second.folder, options({ time: '10' }))).toBe(script);
    await client.cancel([first.job, second.job]);
    expect(await readScript(connection, folderOf('never'), options())).toBeNull();
  });

  it('submits a job once, however often it is asked', async () => {
    const again = job('once', 'sleep 1');
    const handles = await Promise.all([client.submit(again), client.submit(again)]);
    expect(handles[0]).toEqual(handles[1]);
    expect(await client.submit(again)).toEqual(handles[0]);
    expect((await slurm.run('squeue', '-h', '-t', 'all', '-n', 'once')).trim().split('\n')).toHaveLength(1);
  });

  it('runs an array with a limit, asks for all of it at once, and says why jobs wait', async () => {
    const tasks = Array.from({ length: 5 }, (_, at) => ({
      folder: folderOf(`sweep-${at}`),
      command: ['sh', '-c', 'sleep 3; exit "$1"', 'sh', String(at === 4 ? 1 : 0)],
    }));
    const handles = await client.submit({ name: 'sweep', tasks, options: options({ time: '10' }) });
    expect(handles.map(({ job: id }) => id.replace(/^\d+/, ''))).toEqual(['_0', '_1', '_2', '_3', '_4']);
    await expect.poll(async () => (await stateOf(handles[1])).phase).toBe('running');
    const states = [...(await client.states(handles)).values()];
    expect(states.filter(({ phase }) => phase === 'running')).toHaveLength(2);
    expect(states[0]).toMatchObject({
      phase: 'running',
      secondsLeft: expect.any(Number),
      node: expect.stringMatching(/^n[12]$/),
    });
    expect(states[4]).toMatchObject({ phase: 'pending', reason: 'JobArrayTaskLimit' });
    await until(handles[4], { phase: 'ended', outcome: 'failed', exitCode: 1 });
    await until(handles[0], { phase: 'ended', outcome: 'completed' });
  });

  /**
   * What is requeued waits for two minutes, unless it is released; Slurm must have heard of the end of the last start before,
   * or takes it for that of the next one.
   */
  async function untilEnded(handle: SlurmHandle): Promise<JobState> {
    let waited = 0;
    const look = async () => {
      const state = await stateOf(handle);
      waited = state.reason === 'BeginTime' ? waited + 1 : 0;
      if (waited > 5) await slurm.run('scontrol', 'update', `JobId=${handle.job}`, 'StartTime=now');
      return state;
    };
    await expect.poll(look, { timeout: 200_000, interval: 1_000 }).toMatchObject({ phase: 'ended' });
    return stateOf(handle);
  }

  it('tells apart what was cancelled, what was requeued by hand, and what is gone', async () => {
    const [cancelled] = await client.submit(job('cancelled', TRAINER, {}, ['60']));
    await until(cancelled, { phase: 'running', starts: 1 });
    await client.cancel([cancelled.job]);
    await until(cancelled, { phase: 'ended', outcome: 'cancelled' });
    const [again] = await client.submit(job('again', TRAINER, {}, ['6']));
    await until(again, { phase: 'running', starts: 1 });
    await slurm.run('scontrol', 'requeue', again.job);
    expect(await untilEnded(again)).toMatchObject({ outcome: 'completed', starts: 2 });
    expect(await stateOf({ job: '999999', folder: folderOf('nobody') })).toMatchObject({
      phase: 'gone',
      outcome: null,
    });
    // Its own word outlives Slurm's memory.
    const folder = folderOf('forgotten');
    writeFileSync(join(folder, 'exit-code'), '0\n');
    expect(await stateOf({ job: '999998', folder })).toMatchObject({
      phase: 'ended',
      outcome: 'completed',
      exitCode: 0,
    });
    rmSync(folder, { recursive: true });
  });

  // Nothing of this depends on accounts.
  if (accounting) return;
  it('asks once every few seconds, however many jobs there are', async () => {
    const [programs, asked] = [join(sshd.home, 'programs'), join(sshd.home, 'asked')];
    mkdirSync(programs);
    const counting = `#!/bin/sh\necho >> '${asked.replaceAll("'", `'\\''`)}'\nexec /usr/bin/squeue "$@"\n`;
    writeFileSync(join(programs, 'squeue'), counting, { mode: 0o755 });
    const counted = await startSshd({ ...slurm.env, PATH: `${programs}:/usr/bin:/bin` });
    const box = new SshConnection('box', counted.config);
    const launcher = new SlurmLauncher(
      box,
      () => options({ atOnce: 1 }),
      { accounting },
      () => 0,
    );
    const folders = Array.from({ length: 200 }, (_, at) => folderOf(`many-${at}`));
    await Promise.all(folders.map((folder) => launcher.launch(folder, ['sleep', '600'])));
    writeFileSync(asked, '');
    const end = Date.now() + 20_000;
    const phases = await Promise.all(
      folders.map(async (folder) => {
        for (;;) {
          const { place } = await launcher.status(folder);
          if (Date.now() > end) return place.phase;
        }
      }),
    );
    expect(phases.filter((phase) => phase === 'pending').length).toBeGreaterThanOrEqual(199);
    expect(readFileSync(asked, 'utf8').length).toBeLessThanOrEqual(6);
    await launcher.kill(folders[0]);
    await slurm.run('scancel', '--me');
    await box.close();
    await counted.end();
  });

  it('is told before the time limit, requeues itself and goes on', async () => {
    // It is told when half a minute is left, and Slurm looks twice a minute: before it could end by itself.
    const [handle] = await client.submit(job('limited', TRAINER, { time: '1' }, ['70']));
    const ended = await untilEnded(handle);
    const said = ['output.log', 'slurm.log', 'step', 'told'].map((name) =>
      readFileSync(join(handle.folder, name), 'utf8'),
    );
    expect(ended, said.join('|')).toMatchObject({ outcome: 'completed', exitCode: 0 });
    expect(ended.starts).toBeGreaterThan(1);
    expect(readFileSync(join(handle.folder, 'told'), 'utf8')).toBe('told\n'.repeat(ended.starts - 1));
  });

  it('goes on after preemption, and after its node went down', async () => {
    const both = ['#SBATCH --exclusive', '#SBATCH --nodes=2'];
    const [handle] = await client.submit(job('low', TRAINER, { lines: both }, ['20']));
    await until(handle, { phase: 'running', starts: 1 });
    const [high] = await client.submit(job('high', 'sleep 2', { partition: 'high', lines: both }));
    await until(handle, { phase: 'pending' });
    expect(existsSync(join(handle.folder, 'told'))).toBe(true);
    await until(high, { outcome: 'completed' });
    // Slurm may preempt it more than once.
    const ended = await untilEnded(handle);
    expect(ended).toMatchObject({ outcome: 'completed', exitCode: 0 });
    expect(ended.starts).toBeGreaterThan(1);

    const [lost] = await client.submit(job('lost', 'sleep 8', { lines: ['#SBATCH --nodelist=n2'] }));
    await until(lost, { phase: 'running', starts: 1 });
    await slurm.run('scontrol', 'update', 'NodeName=n2', 'State=DOWN', 'Reason=test');
    await until(lost, { phase: 'pending' });
    // It may have come back by itself.
    await slurm.run('scontrol', 'update', 'NodeName=n2', 'State=RESUME').catch(() => {});
    expect(await untilEnded(lost)).toMatchObject({ outcome: 'completed', starts: 2 });
  });
});
