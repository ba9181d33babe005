/** Runs that are trained by the jobs of a real Grid Engine: added, checked, sent and fetched as on any cluster. */
import { expect, it } from 'vitest';
import { GRID_ENGINE_PROGRAMS, startGridEngine } from './grid-engine.ts';
import { smallTraining } from './small-training.ts';
import { describeTraining } from './training-elsewhere.ts';

const GRID_ENGINE = {
  name: 'grid engine',
  programs: GRID_ENGINE_PROGRAMS,
  startCluster: startGridEngine,
  withoutGpu: 'its jobs ask for no GPU',
} as const;

describeTraining(GRID_ENGINE, ({ tessera, show }, cluster) => {
  it('says which scheduler it is, and what it is asked for', async () => {
    const [host] = JSON.parse((await tessera('host', 'list')).stdout);
    const said = Object.fromEntries(
      host.report.lines.map(({ key, state, text }: Record<string, string>) => [key, `${state}: ${text}`]),
    );
    expect(said).toMatchObject({
      scheduler: expect.stringMatching(/^ok: Grid Engine 8.*; all\.q$/),
      time: 'ok: 1 h 0 min on all.q; longer runs continue by themselves',
      gpu: expect.stringMatching(/^ok: none; runs train on its CPU/),
    });
    expect(await tessera(...smallTraining('gpus', 3), '--on', 'box', '--gpus', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Grid Engine does not take gpus'),
    });
  });

  it('is given no more memory than it asks for, and cancelled by qdel', async () => {
    const training = [...smallTraining('cancelled', 200), '--on', 'box', '--memory', '16G'];
    const cancelled = tessera(...training);
    const job = await runningJob();
    expect(await cluster()?.run('qstat', '-j', job)).toContain('h_vmem=16G');
    await cluster()?.run('qdel', job);
    expect(await cancelled).toMatchObject({ code: 130 });
    expect(await show('cancelled')).toMatchObject({ status: 'cancelled' });
  });

  /** The number of the job that runs, once one does. */
  async function runningJob(): Promise<string> {
    for (;;) {
      const said = await cluster()?.run('qstat', '-s', 'r');
      const job = /^ *(\d+) .* r /m.exec(said ?? '')?.[1];
      if (job) return job;
      await new Promise((later) => setTimeout(later, 300));
    }
  }
});
