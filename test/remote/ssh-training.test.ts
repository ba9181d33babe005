/** Runs that are trained on a machine that is reached by ssh alone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { smallTraining } from './small-training.ts';
import { describeTraining, EPOCHS } from './training-elsewhere.ts';

const PLAN = `plan: paper
tables:
  - data: sample
models:
  - sasrec: { settings: { dim: 16, maxLength: 20, batchSize: 16, epochs: ${EPOCHS}, epochSteps: 100, patience: 0 } }
seeds: 1-2
baseline: none
`;

const SSH = {
  name: 'ssh',
  programs: [],
  startCluster: async () => null,
  withoutGpu: 'it has no GPU of NVIDIA',
} as const;

// A cluster is asked too seldom for so short a training.
describeTraining(SSH, ({ tessera, show, begin, start, server, folder }) => {
  it('stops where it is asked to, and goes on from the step reached', async () => {
    await (await begin('stopped')).kill('SIGINT', 'SIGINT');
    const stopped = await show('stopped');
    expect(stopped.status).toBe('cancelled');
    expect(stopped.checkpoints.length).toBeGreaterThan(0);
    expect(await tessera('train', '--resume', 'stopped')).toMatchObject({ code: 0 });
    await tessera(...smallTraining('whole', EPOCHS));
    expect((await show('stopped')).metrics).toEqual((await show('whole')).metrics);
  });

  it('trains the runs of a plan here and there, killed and with the host away for a while, each of them once', async () => {
    const file = join(folder(), 'paper.yaml');
    writeFileSync(file, PLAN);
    const run = ['plan', 'run', file, '--hosts', 'here,box', '--device', 'cpu', '--threads', '1'];
    const trained = async () => {
      const all: { id: string; name: string }[] = JSON.parse((await tessera('runs', 'list')).stdout);
      const own = all.filter(({ name }) => name.startsWith('sasrec-sample'));
      return Promise.all(own.map(({ id }) => show(id)));
    };
    const first = await start('to train.', ...run);
    await vi.waitUntil(
      async () => (await trained()).some(({ place, parameters }) => place !== null && parameters !== null),
      { timeout: 60_000, interval: 300 },
    );
    await first.kill('SIGKILL');
    await server().cut();
    const second = await start('box does not answer', ...run);
    await server().start();
    expect(await second.ended).toBe(0);
    const runs = await trained();
    expect(runs.map(({ place }) => place).toSorted()).toEqual(['box', null]);
    for (const { status, place, attempts } of runs) {
      expect(status).toBe('completed');
      // What trained there was not begun again.
      if (place !== null) expect(attempts).toHaveLength(1);
    }
    const refused = await tessera('plan', 'run', file, '--hosts', 'here,moon');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('moon') });
  });
});
