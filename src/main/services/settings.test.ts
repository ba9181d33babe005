import os from 'node:os';
import { expect, it } from 'vitest';
import { temporaryStore } from '../../../test/store/home.ts';
import { readSettings, threadsOf, writeSettings } from './settings.ts';

it('the threads of a run are those asked for, else those of Settings, else all', () => {
  const store = temporaryStore();
  expect(threadsOf(store)).toBe(os.availableParallelism());
  writeSettings(store, { threads: 3 });
  expect([threadsOf(store), threadsOf(store, 1)]).toEqual([3, 1]);
});

it('what is changed leaves the other settings as they are, and a value that is not allowed changes nothing', () => {
  const store = temporaryStore();
  writeSettings(store, { theme: 'dark' });
  expect(writeSettings(store, { slots: { cpu: 2 } })).toMatchObject({ theme: 'dark', slots: { cpu: 2 } });
  expect(() => writeSettings(store, { threads: 0 })).toThrow();
  expect(readSettings(store)).toMatchObject({ threads: null, theme: 'dark' });
});
