import { expect, it } from 'vitest';
import { protocol } from '../../../test/reports/runs.ts';
import { completeRun, temporaryStore } from '../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../test/store/records.ts';
import { resolveConfig } from '../../core/families/registry.ts';
import { estimate } from './model-info.ts';

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

it('counts a language run by its steps, rows and context, and as alike only those that answer the same', () => {
  const { store, add } = filled();
  const sizes = { stage: 'pretraining', epochs: 2, stepsPerEpoch: 40, batchSize: 8, context: 256 };
  add('brew', 30, sizes);
  const asked = (overrides: object) =>
    estimate(store, { ...request, model: 'brew', overrides: { ...sizes, ...overrides } });
  expect(asked({}).time?.low).toBeCloseTo(30);
  const larger = asked({ stepsPerEpoch: 80, context: 512 }).time;
  expect(Math.sqrt((larger?.low ?? 0) * (larger?.high ?? 0))).toBeCloseTo(120);
  expect(asked({}).parameters).toBeGreaterThan(1000);
  expect(asked({})).toMatchObject({ measuredAlike: 1, measuredOtherwise: 0 });
  expect(asked({ stage: 'instruction' })).toMatchObject({ measuredAlike: 0, measuredOtherwise: 1 });
});
