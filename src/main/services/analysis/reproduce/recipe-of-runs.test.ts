import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../../test/store/home.ts';
import { datasetSummary } from '../../../../../test/store/records.ts';
import type { Store } from '../../../../core/store/store.ts';
import { reproductionOf } from './made-again.ts';
import { recipeOf } from './recipe-of-runs.ts';

const fileOf = (digit: string) => ({ name: 'items.csv', bytes: 3, sha256: digit.repeat(64) });

/** Two data sets of the same sequences and other titles, with a run on each. */
function twins(): { store: Store; runs: string[] } {
  const store = temporaryStore();
  const runs = ['films', 'retitled'].map((name, at) => {
    const summary = { ...datasetSummary(name), fingerprint: 'f', sourceFiles: [fileOf(String(at))] };
    store.datasets.add(summary);
    const { id } = addRun(store, { dataset: { id: summary.id, name, fingerprint: 'f' } });
    completeRun(store, id);
    return id;
  });
  return { store, runs };
}

it('states the files that a run was trained on, and no others of the same sequences', async () => {
  const { store, runs } = twins();
  const stated = () => recipeOf(store, [store.runs.find(runs[0])]).datasets;
  expect(stated()).toMatchObject([{ name: 'films', files: [fileOf('0')] }]);
  const { id } = store.datasets.find('films');
  store.trash.put('dataset', [id]);
  expect(stated()).toMatchObject([{ name: 'films', files: [fileOf('0')] }]);
  await store.trash.purge([{ kind: 'dataset', id }]);
  expect(stated()).toMatchObject([{ name: 'films', files: null, options: null }]);
});

it('makes runs of one data set again, and says why others of the same sequences are left out', () => {
  const { store, runs } = twins();
  const { rows, datasets, others } = recipeOf(store, store.runs.named(runs));
  expect([rows, datasets.map(({ name }) => name)]).toEqual([[runs[0]], ['films']]);
  expect(others).toMatchObject([{ id: runs[1], reason: expect.stringContaining('sequences of films') }]);
});

it('names the data of every row of a report, however alike their sequences are', () => {
  const { store, runs } = twins();
  const { datasets } = reproductionOf(store, store.runs.named(runs));
  expect(datasets.map(({ name, files }) => [name, files])).toEqual([
    ['films', [fileOf('0')]],
    ['retitled', [fileOf('1')]],
  ]);
});
