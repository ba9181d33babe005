import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryStore } from '../../../../../test/store/home.ts';
import { datasetSummary } from '../../../../../test/store/records.ts';
import type { Recipe, RecipeDataset } from '../../../../core/reproduce/recipe.ts';
import { findData, missingData } from './find-data.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

const dataset = (name: string, files: Record<string, string> | null): RecipeDataset => ({
  ...{ name, fingerprint: hash(name), options: {}, counts: null },
  files:
    files &&
    Object.entries(files).map(([file, text]) => ({ name: file, bytes: text.length, sha256: hash(text) })),
});

async function found(datasets: RecipeDataset[], given: Record<string, string>, home: string[] = []) {
  const store = temporaryStore();
  for (const name of home)
    store.datasets.add({ ...datasetSummary(name), fingerprint: hash(name), sourceFiles: undefined });
  const folder = join(store.home, 'given');
  for (const [name, text] of Object.entries(given)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const recipe = { datasets } as Recipe;
  const places = await findData(store, recipe, Object.keys(given).length > 0 ? [folder] : []);
  return places.map((one) =>
    one.place === 'files' ? one.files.map((file) => file && basename(file.path)) : one.place,
  );
}

const [a, b] = [
  dataset('a', { 'ratings.csv': 'one' }),
  dataset('b', { 'x/ratings.csv': 'two', 'items.csv': 'i' }),
];

it('knows files by what they hold, whatever they are called, and each for one data set', async () => {
  expect(await found([a], { 'deep/er/renamed.txt': 'one', 'other.txt': 'ono' })).toEqual([['renamed.txt']]);
  expect(await found([a, b], { '1/ratings.csv': 'one', '2/ratings.csv': 'two' })).toEqual([
    ['ratings.csv'],
    ['ratings.csv', null],
  ]);
  // The file of another data set is no changed one of this.
  expect(await found([a, b], { 'ratings.csv': 'one' })).toEqual([['ratings.csv'], 'nowhere']);
});

it('takes a file of its name, or the only one, for a changed one', async () => {
  expect(await found([a], { 'ratings.csv': 'three' })).toEqual([['ratings.csv']]);
  expect(await found([a], { 'anything.csv': 'three' })).toEqual([['anything.csv']]);
  expect(await found([a, b], { 'anything.csv': 'three' })).toEqual(['nowhere', 'nowhere']);
});

it('takes what the home has, unless another content is named', async () => {
  expect(await found([a, b], {}, ['a'])).toEqual(['home', 'nowhere']);
  expect(await found([a], { 'ratings.csv': 'one' }, ['a'])).toEqual(['home']);
  expect(await found([a], { 'ratings.csv': 'not' }, ['a'])).toEqual([['ratings.csv']]);
  expect(await found([dataset('old', null)], {}, ['old'])).toEqual(['home']);
  expect(await found([dataset('old', null)], { 'ratings.csv': 'one' })).toEqual(['nowhere']);
});

it('takes of the same sequences those of the same files and options, whatever they are called', async () => {
  const store = temporaryStore();
  const add = (name: string, items: string, options: object) =>
    store.datasets.add({
      ...{ ...datasetSummary(name), fingerprint: hash('b'), options: { timeUnit: null, ...options } },
      sourceFiles: ['two', items].map((text) => ({ name: 'x', bytes: text.length, sha256: hash(text) })),
    });
  const where = async () => (await findData(store, { datasets: [b] } as Recipe, []))[0];
  add('b', 'j', {});
  expect(await where()).toMatchObject({ name: 'b', isImportedAlike: true });
  add('later', 'i', { ties: 'shuffle' });
  expect(await where()).toMatchObject({ name: 'later', isImportedAlike: false });
  add('a', 'i', {});
  expect(await where()).toMatchObject({ name: 'a', isImportedAlike: true });
});

it('asks for what is missing by its hash, or says that nobody noted it', () => {
  expect(missingData(a)).toBe(
    `the data set a is missing: name its file with --data (ratings.csv, 3 bytes, sha256 ${hash('one')})`,
  );
  expect(missingData(dataset('old', null))).toContain(`import it (fingerprint ${hash('old')})`);
});
