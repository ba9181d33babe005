import { expect, it } from 'vitest';
import { addRun, temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import { tessera } from '../../../test/store/tessera.ts';

it('submits the next job of a run that is resumed as it is told', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const { id } = addRun(store, { place: 'box', slurm: { time: '1:00:00' } });
  store.lifecycle.endWaiting(id, 'cancelled', null);
  const resumed = await tessera(home, 'train', '--resume', id, '--memory', '64G');
  // Where it would begin, if there were such a host.
  expect(resumed).toMatchObject({ code: 1, error: expect.stringContaining('no host "box" has been added') });
  expect(store.runs.own(id).slurm).toEqual({ time: '1:00:00', memory: '64G' });
  const wrong = await tessera(home, 'train', '--resume', id, '--memory', 'lots');
  expect(wrong).toMatchObject({ code: 1, error: expect.stringContaining('memory such as 32G') });
});
