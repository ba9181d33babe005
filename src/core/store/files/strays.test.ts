import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addRun, temporaryStore } from '../../../../test/store/home.ts';
import { describeStray } from './strays.ts';
import { writeFiles } from './write-files.ts';

test('a stray run says what it is, and how much of it can be read', async () => {
  const store = temporaryStore();
  const { id } = addRun(store, { name: 'hstu-club', place: 'lab' });
  const journal = store.lifecycle.journal(id, store.lifecycle.begin(id, null)) ?? '';
  store.lifecycle.end(id, 'cancelled', null);
  await writeFiles(store);
  const folder = store.runs.folder(id);
  const describe = () => describeStray(store.home, `runs/${id}`);
  expect(readdirSync(folder)).toContain('run.json');
  expect(describe()).toMatchObject({
    ...{ title: 'hstu-club', from: 'lab', state: 'cancelled', isWhole: true },
    readable: 'settings whole; 1 of 1 journal missing',
  });
  writeFileSync(join(folder, journal), '');
  expect(describe().readable).toBe('settings and journals whole');
  rmSync(join(folder, 'run.json'));
  expect(describe()).toMatchObject({
    ...{ title: `runs/${id}`, isWhole: true, state: '1 journal there', from: 'Unknown' },
    readable: 'no run.json, which says what it is',
  });
  writeFileSync(join(folder, 'run.json'), '{"cut');
  expect(describe()).toMatchObject({ isWhole: false, readable: expect.stringMatching(/^run\.json: /) });
  rmSync(join(folder, 'run.json'));
  rmSync(join(folder, journal));
  expect(describe()).toMatchObject({ isWhole: false, state: 'Unknown' });
});

test('a stray folder of a data set that is not whole is named by its path', () => {
  const store = temporaryStore();
  mkdirSync(join(store.home, 'datasets/half'), { recursive: true });
  expect(describeStray(store.home, 'datasets/half')).toMatchObject({
    ...{ title: 'datasets/half', isWhole: false, state: 'Unknown' },
  });
});

test('of a folder that went, or that cannot be listed, it says so and throws nothing', () => {
  const store = temporaryStore();
  expect(describeStray(store.home, 'runs/gone')).toMatchObject({ at: null, isWhole: false });
  mkdirSync(join(store.home, 'runs'), { recursive: true });
  // As where the user may not list it, or it goes while it is read.
  writeFileSync(join(store.home, 'runs/file'), '');
  expect(describeStray(store.home, 'runs/file')).toMatchObject({ isWhole: false, state: 'Unknown' });
});
