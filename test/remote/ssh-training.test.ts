/** Runs that are trained on a machine that is reached by ssh alone. */
import { expect, it } from 'vitest';
import { smallTraining } from './small-training.ts';
import { describeTraining, EPOCHS } from './training-elsewhere.ts';

const SSH = {
  name: 'ssh',
  programs: [],
  startCluster: async () => null,
  withoutGpu: 'it has no GPU of NVIDIA',
} as const;

// A cluster is asked too seldom for so short a training.
describeTraining(SSH, ({ tessera, show, begin }) => {
  it('stops where it is asked to, and goes on from the step reached', async () => {
    await (await begin('stopped')).kill('SIGINT', 'SIGINT');
    const stopped = await show('stopped');
    expect(stopped.status).toBe('cancelled');
    expect(stopped.checkpoints.length).toBeGreaterThan(0);
    expect(await tessera('train', '--resume', 'stopped')).toMatchObject({ code: 0 });
    await tessera(...smallTraining('whole', EPOCHS));
    expect((await show('stopped')).metrics).toEqual((await show('whole')).metrics);
  });
});
