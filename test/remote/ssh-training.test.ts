/** Runs that are trained on a machine that is reached by ssh alone. */
import { expect, it, vi } from 'vitest';
import { Hub } from '../../src/main/hub/hub.ts';
import { forkLauncher } from '../../src/main/workers/launch.ts';
import { settings } from './small-training.ts';
import { describeTraining, EPOCHS } from './training-elsewhere.ts';

const SSH = {
  name: 'ssh',
  programs: [],
  startCluster: async () => null,
  withoutGpu: 'it has no GPU of NVIDIA',
} as const;

// A cluster is asked too seldom for so short a training.
describeTraining(SSH, (place) => {
  const { tessera, show, begin } = place;
  it('stops where it is asked to, and goes on from the step reached', async () => {
    await (await begin('stopped')).kill('SIGINT', 'SIGINT');
    const stopped = await show('stopped');
    expect(stopped.status).toBe('cancelled');
    expect(stopped.checkpoints.length).toBeGreaterThan(0);
    expect(await tessera('train', '--resume', 'stopped')).toMatchObject({ code: 0 });
    expect((await show('stopped')).metrics).toEqual((await show('whole')).metrics);
  });

  it('comes home where it is asked to, and goes on there from what it has reached', async () => {
    vi.stubEnv('TESSERA_SSH_CONFIG', place.server.config);
    const hub = new Hub({ home: place.home, shell: 'browser', launch: forkLauncher() });
    hub.start();
    try {
      const given = settings(EPOCHS).filter((word) => word !== '--set');
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
});
