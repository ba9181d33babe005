import { expect, it } from 'vitest';
import { addRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';

const BOX = { name: 'box', folder: '/scratch/ada', job: { gpus: '1' } };

it('keeps what a check found when its user changes the host', () => {
  const { hosts } = temporaryStore();
  hosts.put({ name: 'lab-2', folder: null, job: {} });
  hosts.put(BOX);
  hosts.setReport('box', { at: 7 });
  hosts.put({ ...BOX, job: { gpus: '2' } });
  expect(hosts.list()).toEqual([
    { ...BOX, job: { gpus: '2' }, report: { at: 7 } },
    { name: 'lab-2', folder: null, job: {}, report: null },
  ]);
  hosts.remove('box');
  expect(hosts.find('box')).toBeNull();
});

it('knows what is to be ended in which folder of a host, whichever process said so', () => {
  const home = temporaryHome();
  const [{ hosts }, other] = [temporaryStore(home), temporaryStore(home)];
  const [usual, own] = [null, '/scratch/ada'].map((folder) => ({ host: 'box', folder }));
  hosts.endings(usual).add('a-events-1-1');
  other.hosts.endings(own).add('b-events-1-1');
  hosts.endings(usual).add('a-events-1-1');
  expect([usual, own].map((place) => hosts.endings(place).list())).toEqual([
    ['a-events-1-1'],
    ['b-events-1-1'],
  ]);
  // Of a host that has been removed nothing can be ended.
  expect(hosts.withEndings()).toEqual([]);
  hosts.put(BOX);
  expect(hosts.withEndings()).toEqual([usual, own]);
  other.hosts.endings(usual).remove('a-events-1-1');
  expect(hosts.withEndings()).toEqual([own]);
});

it('says which runs need a host', () => {
  const store = temporaryStore();
  store.hosts.put(BOX);
  const [trained, waiting, cancelled, here] = ['a', 'b', 'c', 'd'].map((name) =>
    addRun(store, { name, place: name === 'd' ? null : 'box' }),
  );
  for (const { id } of [waiting, here]) store.queue.put(id, 'end');
  for (const { id } of [trained, cancelled]) store.lifecycle.begin(id, null);
  const endings = store.hosts.endings({ host: 'box', folder: null });
  for (const run of [cancelled.id, 'deleted']) endings.add(`${run}-events-1-1`);
  store.lifecycle.end(cancelled.id, 'cancelled', null);
  const there = 'runs train or are still to be ended there (a, c, deleted-events-1-1)';
  const refused =
    (...asked: Parameters<typeof store.hosts.requireUnused>) =>
    () =>
      store.hosts.requireUnused(...asked);
  expect(refused('box', 'is needed')).toThrow(
    `box is needed while ${there} and runs wait for it (b); cancel them, or wait until they have ended`,
  );
  expect(refused('box', 'is needed', ['there'])).toThrow(`${there}; cancel`);
  expect(refused('lab-2', 'is needed')).not.toThrow();
  expect(store.lifecycle.hostFolder(trained.id, 1)).toBe('/scratch/ada');
});
