import { expect, it } from 'vitest';
import { protocol } from '../../../../test/reports/runs.ts';
import { completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../../test/store/records.ts';
import { resolveConfig } from '../../../core/families/registry.ts';
import { estimate, modelList } from '../../analyst/model-info.ts';
import { expectedTimes, modelTimes } from './expected-times.ts';

const dataset = datasetSummary('beauty');

function filled(statistics: Partial<typeof dataset.statistics> = {}) {
  const store = temporaryStore();
  store.datasets.add({ ...dataset, statistics: { ...dataset.statistics, ...statistics } });
  const add = (model: string, seconds: number, overrides = {}, place: string | null = null) => {
    const config = resolveConfig(model, { overrides });
    const { id } = store.runs.create(
      newRun(dataset, { name: `${model}-${seconds}`, model, config, place, requestedDevice: 'auto' }),
    );
    completeRun(store, id, { seconds, protocol: { ...protocol, dataset: dataset.fingerprint } });
    return id;
  };
  return { store, add };
}

const request = { dataset: 'beauty', device: 'auto' as const, overrides: {} };

it('takes the time of a run on a host from runs on that host, and of no other machine', () => {
  const { store, add } = filled();
  store.hosts.put({ name: 'lab-2', folder: null, job: {} });
  const there = { ...request, model: 'ease', on: 'lab-2' };
  add('ease', 30);
  const none = { time: null, basis: null, memoryBytes: null, exceedsMemory: false };
  expect(estimate(store, there)).toMatchObject(none);
  const id = add('ease', 4, {}, 'lab-2');
  const time = { low: 4, high: 4, epochs: null };
  expect(estimate(store, there)).toMatchObject({ time, basis: 'run ease-4 on lab-2' });
  expect(estimate(store, { ...request, model: 'ease' }).time).toMatchObject({ low: 30, high: 30 });
  expect(expectedTimes(store, { runs: [id] })).toEqual({ [id]: time });
});

it('tells how long every model takes on a data set', () => {
  const { store, add } = filled();
  add('itemknn', 12);
  const times = modelTimes(store, { dataset: 'beauty' });
  expect(Object.keys(times)).toEqual(modelList().map(({ id }) => id));
  expect(times.itemknn).toMatchObject({ low: 12, high: 12 });
  const { time } = estimate(store, { ...request, model: 'tiger', overrides: { tokeniser: 'ids' } });
  expect(time?.high).toBeGreaterThan(0);
  // IDs that are read from a file take as long as it is large.
  const without = Object.keys(times).filter((id) => times[id] === null);
  expect(without).toEqual(['imported-ids']);
  expect(Object.values(times).filter((time) => time && !(time.low > 0 && time.high >= time.low))).toEqual([]);
});

it('is rough where no run is alike: a range that narrows with every run that is more like it', () => {
  const { store, add } = filled();
  const time = (overrides = {}) => estimate(store, { ...request, model: 'ease', overrides }).time;
  const spread = (span: ReturnType<typeof time>) => (span ? span.high / span.low : Number.NaN);
  const first = spread(time());
  add('itemknn', 12);
  expect(spread(time())).toBeCloseTo(first, 12);
  add('ease', 30);
  expect(first).toBeGreaterThan(2);
  expect(spread(time())).toBe(1);
});

it('tells the speed of a machine from models that are fitted in one go, too', () => {
  const [slow, quick] = [200, 2].map((seconds) => {
    const { store, add } = filled();
    add('itemknn', seconds);
    return estimate(store, { ...request, model: 'hstu' }).time?.low ?? Number.NaN;
  });
  expect(slow / quick).toBeGreaterThan(20);
});

it('grows with the model whose IDs are learnt, be it one that others are rewarded from', () => {
  const sequenceLength = { min: 3, median: 16, mean: 16, max: 50 };
  const { store, add } = filled({ users: 3000, items: 1000, interactions: 48_000, sequenceLength });
  const middle = (model: string, overrides: Record<string, unknown>) => {
    const { low = 0, high = 0 } = estimate(store, { ...request, model, overrides }).time ?? {};
    return Math.sqrt(low * high);
  };
  const large = { dim: 576, blocks: 30, heads: 9, vocabulary: 49_152 };
  const lcRec = { tokeniser: 'ids', epochs: 1 };
  expect(middle('lc-rec', { ...lcRec, ...large }) / middle('lc-rec', lcRec)).toBeGreaterThan(50);
  const paper = { tokeniser: 'ids', dim: 384, heads: 6, headDim: 64, ffnDim: 1024, epochs: 1 };
  expect(middle('tiger', paper)).toBeGreaterThan(4 * middle('tiger', { tokeniser: 'ids', epochs: 1 }));
  const [small, whole] = [{}, large].map((sizes, at) => add('lc-rec', 100 + at, { ...lcRec, ...sizes }));
  expect(middle('rewarded', { policy: whole }) / middle('rewarded', { policy: small })).toBeGreaterThan(50);
  // From a run of the same model with other sizes, too.
  const one = add('rewarded', 60, { policy: small });
  expect(middle('rewarded', { policy: whole }) / middle('rewarded', { policy: small })).toBeGreaterThan(50);
  expect(expectedTimes(store, { runs: [one] })[one]).toMatchObject({ low: 60, high: 60 });
});
