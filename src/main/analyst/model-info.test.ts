import { expect, it } from 'vitest';
import { protocol } from '../../../test/reports/runs.ts';
import { completeRun, temporaryStore } from '../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../test/store/records.ts';
import { resolveConfig } from '../../core/families/registry.ts';
import { estimate, modelList, modelTimes, runSeconds } from './model-info.ts';

const dataset = datasetSummary('beauty');

function filled() {
  const store = temporaryStore();
  store.datasets.add(dataset);
  const add = (
    model: string,
    seconds: number,
    overrides = {},
    metrics: Record<string, number> = {},
    place: string | null = null,
  ) => {
    const config = { ...resolveConfig(model), ...overrides };
    const { id } = store.runs.create(
      newRun(dataset, { name: `${model}-${seconds}`, model, config, place, requestedDevice: 'auto' }),
    );
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

it('takes the time of a run on a host from runs on that host, and of no other machine', () => {
  const { store, add } = filled();
  store.hosts.put({ name: 'lab-2', folder: null, job: {} });
  const there = { ...request, model: 'ease', on: 'lab-2' };
  add('ease', 30);
  const none = { seconds: null, basis: null, memoryBytes: null, exceedsMemory: false };
  expect(estimate(store, there)).toMatchObject(none);
  const id = add('ease', 4, {}, {}, 'lab-2');
  expect(estimate(store, there)).toMatchObject({ seconds: 4, basis: 'run ease-4 on lab-2' });
  expect(estimate(store, { ...request, model: 'ease' })).toMatchObject({ seconds: 30 });
  expect(runSeconds(store, { runs: [id] })).toEqual({ [id]: 4 });
});

it('counts a language run by its steps, rows and context, and as alike only those that answer the same', () => {
  const { store, add } = filled();
  const sizes = { stage: 'pretraining', epochs: 2, stepsPerEpoch: 40, batchSize: 8, context: 256 };
  add('brew', 30, sizes);
  const asked = (overrides: object) =>
    estimate(store, { ...request, model: 'brew', overrides: { ...sizes, ...overrides } });
  expect(asked({}).seconds).toBeCloseTo(30);
  expect(asked({ stepsPerEpoch: 80, context: 512 }).seconds).toBeCloseTo(120);
  expect(asked({}).parameters).toBeGreaterThan(1000);
  expect(asked({})).toMatchObject({ measuredAlike: 1, measuredOtherwise: 0 });
  expect(asked({ stage: 'instruction' })).toMatchObject({ measuredAlike: 0, measuredOtherwise: 1 });
});
