import { describe, expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../test/store/home.ts';
import type { PlaceState } from '../../core/training/place.ts';
import { PLACE } from '../executors/remote/status.ts';
import { addHost, findHost, listHosts, removeHost } from './hosts.ts';

const BOX = { name: 'box', folder: '/scratch/ada', job: { gpus: '1' } };

describe('a host', () => {
  it('is read as it was kept, with what the cluster decides left out', () => {
    const store = temporaryStore();
    store.hosts.put(BOX);
    const { job, ...host } = findHost(store, 'box');
    expect(host).toEqual({ name: 'box', folder: '/scratch/ada', report: null });
    expect(job).toMatchObject({ gpus: '1', partition: null, atOnce: 4, lines: [] });
    expect(() => findHost(store, 'lab')).toThrow(
      'no host "lab" has been added; add it with "tessera host add lab"',
    );
  });

  it('stays, in its folder, while runs are there or wait for it', async () => {
    const store = temporaryStore();
    store.hosts.put(BOX);
    const [there, waits] = ['sasrec', 'tiger'].map((name) => addRun(store, { name, place: 'box' }).id);
    const remove = () => removeHost(store, 'box', false);
    store.queue.put(waits, 'end');
    expect(remove).toThrow('box cannot be removed while runs wait for it (tiger); cancel them');
    store.lifecycle.begin(there, null);
    // Before it is connected to.
    await expect(addHost(store, { name: 'box', folder: '/data/ada' })).rejects.toThrow(
      'box cannot get another folder while runs train or are still to be ended there (sasrec); cancel them',
    );
    store.lifecycle.end(there, 'cancelled', null);
    store.lifecycle.endWaiting(waits, 'cancelled', null);
    remove();
    expect(listHosts(store)).toEqual([]);
  });

  it('that is gone for good is removed once what is still to be ended there is given up', () => {
    const store = temporaryStore();
    store.hosts.put(BOX);
    const left = store.hosts.endings({ host: 'box', folder: BOX.folder });
    left.add('run-events-1-1');
    expect(() => removeHost(store, 'box', false)).toThrow(
      'box cannot be removed while runs train or are still to be ended there (run-events-1-1)',
    );
    removeHost(store, 'box', true);
    expect([listHosts(store), left.list()]).toEqual([[], []]);
  });

  it('on which a run trains is removed by no means', () => {
    const store = temporaryStore();
    store.hosts.put(BOX);
    store.lifecycle.begin(addRun(store, { name: 'sasrec', place: 'box' }).id, null);
    expect(() => removeHost(store, 'box', true)).toThrow('still to be ended there (sasrec)');
  });

  it('has had trainings of late, silences, refusals and completed runs, each by what its attempts tell', () => {
    const store = temporaryStore();
    store.hosts.put(BOX);
    const [trains, refused, here] = ['box', 'box', null].map((place) => addRun(store, { place }).id);
    const attempt = store.lifecycle.begin(trains, null);
    const silent = { ...PLACE, phase: 'unreachable', heardAt: 700, gaps: [[100, 200]] } as PlaceState;
    store.lifecycle.setLastPlace(trains, attempt, silent);
    store.lifecycle.setLastPlace(refused, store.lifecycle.begin(refused, null), { ...PLACE, starts: 0 });
    store.lifecycle.end(refused, 'failed', 'no library');
    store.lifecycle.begin(here, null);
    store.hosts.endings({ host: 'box', folder: null }).add('left');
    const { box, '': thisMachine } = store.hosts.activity(0);
    expect(box).toEqual({
      trained: [{ from: expect.any(Number), to: null }],
      silent: [
        { from: 100, to: 200 },
        { from: 700, to: null },
      ],
      ...{ refused: [refused], completed: 0, toEnd: 1 },
    });
    expect([thisMachine.trained.length, thisMachine.toEnd]).toEqual([1, 0]);
    expect(store.hosts.activity(Date.now() + 1_000).box.refused).toEqual([]);
  });
});
