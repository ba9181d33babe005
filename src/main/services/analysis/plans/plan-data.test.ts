import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryHome, temporaryStore } from '../../../../../test/store/home.ts';
import { areFiles } from '../../../../core/plans/plan-schema.ts';
import { readPlan } from '../../../../core/plans/read-plan.ts';
import { importInto } from '../../datasets.ts';
import { datasetOf, importTable } from './plan-data.ts';

const ROWS = [1, 2, 3, 4].flatMap((user) => [1, 2, 3].map((item) => `u${user},i${item},${user}${item}`));
const PLAN = 'plan: p\ntables: [{ data: { files: [ratings.csv], name: films } }]\nmodels: [popularity]\n';
const TEXT = ['user,item,timestamp', ...ROWS, ''].join('\n');

async function imported() {
  const [store, folder] = [temporaryStore(), temporaryHome()];
  const path = join(folder, 'ratings.csv');
  writeFileSync(path, TEXT);
  const { plan } = readPlan(PLAN, 'paper.yaml');
  const [{ data }] = plan.tables;
  if (!areFiles(data)) throw new Error('the plan names no files');
  await importTable(store, data, folder);
  const found = (from = folder) => datasetOf(store, { data }, from);
  return { store, folder, path, found };
}

test('tells of a source that has changed since it was imported, whatever its size and time', async () => {
  const { path, found } = await imported();
  expect(await found()).toMatchObject({ name: 'films' });
  appendFileSync(path, 'u1,i4,99\n');
  const said =
    'the data set films of this home is of ratings.csv as it was before it changed; give the files another name';
  await expect(found()).rejects.toThrow(said);
  writeFileSync(path, TEXT.replace('u1,i1', 'u1,i4'));
  await expect(found()).rejects.toThrow(said);
  // The same text again, in a file of another time.
  writeFileSync(path, TEXT);
  utimesSync(path, new Date(), new Date(Date.now() + 60_000));
  expect(await found()).toMatchObject({ name: 'films' });
});

test('does not believe a clock that was ahead when the source was imported', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { path, found } = await imported();
  vi.useRealTimers();
  expect(await found()).toMatchObject({ name: 'films' });
  writeFileSync(path, TEXT.replace('u1,i1', 'u1,i4'));
  await expect(found()).rejects.toThrow('as it was before it changed');
});

test('finds data by their sequences, and asks where data sets that have them hold other things besides', async () => {
  const { store, folder } = await imported();
  const { fingerprint } = store.datasets.find('films');
  const known = (name: string) => datasetOf(store, { data: { name, fingerprint } }, folder);
  expect(await known('gone')).toMatchObject({ name: 'films' });
  writeFileSync(join(folder, 'titled.csv'), TEXT.replaceAll('\n', ',x\n').replace(',x', ',genre'));
  await importInto(store, { paths: [join(folder, 'titled.csv')], name: 'titled' });
  expect(store.datasets.find('titled').fingerprint).toBe(fingerprint);
  await expect(known('gone')).rejects.toThrow(
    /^2 data sets of this home have the fingerprint .*\(titled, films\)/,
  );
  expect(await known('films')).toMatchObject({ name: 'films' });
});

test('needs no source once it is imported', async () => {
  const { folder, path, found } = await imported();
  rmSync(path);
  expect(await found()).toMatchObject({ name: 'films' });
  mkdirSync(path);
  expect(await found()).toMatchObject({ name: 'films' });
  expect(await found(join(folder, 'elsewhere'))).toMatchObject({ name: 'films' });
});
