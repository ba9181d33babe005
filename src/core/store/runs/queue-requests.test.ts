import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { asProcess } from '../../../../test/store/as-process.ts';
import { ENDED } from '../../../../test/store/foreign-writer.ts';
import { addRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { requestIn } from '../../training/journal.ts';
import { openConnection } from '../db/open.ts';
import { Store } from '../store.ts';
import { cancelRuns, holdRun } from './queue-requests.ts';

it('asks no trainer to stop where one of several runs cannot be cancelled', () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const [trains, ended] = [addRun(store), addRun(store)];
  const host = new Store(home, openConnection(home), asProcess(ENDED));
  const attempt = host.lifecycle.begin(trains.id, null);
  host.close();
  store.lifecycle.endWaiting(ended.id, 'cancelled', null);
  const folder = store.runs.folder(trains.id);
  mkdirSync(folder, { recursive: true });
  const journal = join(folder, store.lifecycle.journal(trains.id, attempt) ?? '');
  expect(() => cancelRuns(store, [trains.id, ended.id])).toThrow('neither waits nor trains');
  expect([requestIn(journal), store.lifecycle.wish(trains.id)]).toEqual([null, null]);
  cancelRuns(store, [trains.id]);
  expect([requestIn(journal), store.lifecycle.wish(trains.id)]).toEqual(['stop', 'stop']);
});

it('brings no run back that is cancelled and stops, where it is to be held', () => {
  const store = temporaryStore();
  const { id } = addRun(store);
  store.lifecycle.begin(id, null);
  cancelRuns(store, [id]);
  expect(() => holdRun(store, id)).toThrow('is stopping already');
  store.lifecycle.end(id, 'cancelled', null);
  expect(store.runs.get(id).status).toBe('cancelled');
});

it('keeps the place of a run that another process trains taken until it has stopped', () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const { id } = addRun(store);
  store.queue.put(id, 'end');
  const host = new Store(home, openConnection(home), asProcess(ENDED));
  host.lifecycle.begin(id, null, { keepsPlace: true });
  mkdirSync(store.runs.folder(id), { recursive: true });
  cancelRuns(store, [id]);
  expect(store.lifecycle.trainedElsewhere()).toMatchObject([{ run: id }]);
  host.lifecycle.end(id, 'cancelled', null);
  host.close();
  expect(store.lifecycle.trainedElsewhere()).toEqual([]);
});

it('cancels a run whose host was killed before it had made the folder of its trainer', () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const { id } = addRun(store);
  const host = new Store(home, openConnection(home), asProcess(ENDED));
  host.lifecycle.begin(id, null);
  host.close();
  cancelRuns(store, [id]);
  expect(store.lifecycle.wish(id)).toBe('stop');
});
