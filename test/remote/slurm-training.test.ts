/** Runs that are trained by the jobs of a cluster. */
import { expect, it } from 'vitest';
import { SLURM_PROGRAMS, startSlurm } from './slurm.ts';
import { smallTraining } from './small-training.ts';
import { describeTraining, type Shown, type TestCluster } from './training-elsewhere.ts';

const SLURM = {
  name: 'slurm',
  programs: SLURM_PROGRAMS,
  startCluster: () => startSlurm({ accounting: false }),
  withoutGpu: 'its jobs ask for no GPU',
} as const;

describeTraining(SLURM, ({ tessera, show }, cluster) => {
  it('trains a sweep of 12 trials as one array, three at once at most', async () => {
    const shape = ['dim=16', 'maxLength=20', 'batchSize=16', 'epochs=2', 'epochSteps=50', 'patience=0'];
    const sweep = tessera(
      ...['sweep', 'run', '--dataset', 'sample', '--model', 'sasrec', '--device', 'cpu', '--threads', '1'],
      ...['--vary', 'dropout=0,0.1,0.2,0.3,0.4,0.5', '--vary', 'learningRate=0.001,0.002', '--name', 'sweep'],
      ...shape.flatMap((setting) => ['--set', setting]),
      ...['--on', 'box'],
    );
    const ended = sweep.then(() => true);
    const jobs = new Set<string>();
    let most = 0;
    while (!(await Promise.race([ended, new Promise<false>((later) => setTimeout(later, 400, false))]))) {
      const said = (await cluster()?.run('squeue', '-h', '-r', '-t', 'R,CG', '-o', '%F %t'))?.trim() ?? '';
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

  it('is cancelled by scancel', async () => {
    const cancelled = tessera(...smallTraining('cancelled', 200), '--on', 'box');
    await cluster()?.run('scancel', await runningJob(cluster()));
    expect(await cancelled).toMatchObject({ code: 130 });
    expect(await show('cancelled')).toMatchObject({ status: 'cancelled' });
  });
});

/** The number of the job that runs, once one does. */
async function runningJob(cluster: TestCluster | null): Promise<string> {
  for (;;) {
    const said = await cluster?.run('squeue', '-h', '-t', 'R', '-o', '%A');
    const [job] = said?.trim().split('\n') ?? [];
    if (job) return job;
    await new Promise((later) => setTimeout(later, 300));
  }
}
