import { expect, it } from 'vitest';
import { protocol } from '../../../test/reports/runs.ts';
import { completeRun, temporaryStore } from '../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../test/store/records.ts';
import { resolveConfig } from '../../core/families/registry.ts';
import { estimate, modelList, modelTimes } from './model-info.ts';

const dataset = datasetSummary('beauty');

function filled() {
  const store = temporaryStore();
  store.datasets.add(dataset);
  const add = (model: string, seconds: number, overrides = {}, metrics: Record<string, number> = {}) => {
    const config = { ...resolveConfig(model), ...overrides };
    const { id } = store.runs.create(newRun(dataset, { name: `${model}-${seconds}`, model, config }));
    completeRun(store, id, { seconds, metrics, protocol: { ...protocol, dataset: dataset.fingerprint } });
    return id;
  };
  return { store, add };
}

const request = { dataset: 'beauty', device: 'auto' as const, overrides: {} };

it('estimates a fit in one go from the size of the data before there is a run, and from that once there is', () => {
  const { store, add } = filled();
  const { items } = dataset.statistics;
  const guess = estimate(store, { ...request, model: 'ease' });
  expect(guess).toMatchObject({ fromRun: false, basis: expect.stringContaining(`${items} items`) });
  expect(guess.seconds).toBeCloseTo((2 * items ** 3) / 1.2e10);
  add('ease', 30);
  expect(estimate(store, { ...request, model: 'ease' })).toMatchObject({ seconds: 30, fromRun: true });
});

it('counts the runs that were measured alike, and the others of the same task', () => {
  const { store, add } = filled();
  add('ease', 1);
  add('itemknn', 1, { historyFilter: 'none' });
  add('residual-kmeans', 1);
  expect(estimate(store, { ...request, model: 'popularity' })).toMatchObject({
    measuredAlike: 1,
    measuredOtherwise: 1,
  });
});

it('tells how long every model takes on a data set, as far as it is known', () => {
  const { store, add } = filled();
  add('itemknn', 12);
  const times = modelTimes(store, { dataset: 'beauty' });
  expect(Object.keys(times)).toEqual(modelList().map(({ id }) => id));
  expect(times).toMatchObject({ itemknn: 12, sasrec: null, tiger: null });
});
