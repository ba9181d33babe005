import { expect, it } from 'vitest';
import { protocol } from '../../../../test/reports/runs.ts';
import { completeRun, temporaryHome } from '../../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../../test/store/records.ts';
import type { NextItemProtocol } from '../../../core/evaluation/types.ts';
import { openStore } from '../../../core/store/open-store.ts';
import { cellOverrides, cellsOf, studySpecSchema } from '../../../core/studies/study.ts';
import { compareToBaseline } from '../../analyst/compare-to-baseline.ts';
import { leaderboard, leaderboards } from './leaderboard.ts';

const dataset = datasetSummary('beauty');

interface Sketch {
  model: string;
  dim?: number;
  seed?: number;
  valid?: number;
  test: number;
  mrr?: number;
  stated?: Partial<NextItemProtocol>;
}

function filled() {
  const store = openStore(temporaryHome());
  store.datasets.add(dataset);
  const add = ({ model, dim = 8, seed = 1, valid, mrr, test, stated }: Sketch) => {
    const name = `${model}-${dim}-${seed}`;
    const { id } = store.runs.create(newRun(dataset, { name, model, seed, config: { dim } }));
    const metrics = {
      'test/ndcg@10': test,
      ...(valid === undefined ? {} : { 'valid/ndcg@10': valid }),
      ...(mrr ? { 'valid/mrr': mrr } : {}),
    };
    completeRun(store, id, { metrics, protocol: { ...protocol, dataset: dataset.fingerprint, ...stated } });
    return id;
  };
  return { store, add };
}

const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);

it('answers for several data sets at once', async () => {
  const { store, add } = filled();
  store.datasets.add(datasetSummary('other'));
  add({ model: 'sasrec', valid: 0.2, test: 0.1 });
  const boards = await leaderboards(store, { datasets: ['other', 'beauty'] });
  expect(Object.keys(boards)).toEqual(['other', 'beauty']);
  expect(names(boards.beauty.best)).toEqual(['sasrec-8-1']);
  expect(boards.beauty).toEqual(leaderboard(store, { dataset: 'beauty' }));
  expect(boards.other).toMatchObject({ best: [], runs: 0 });
});

it('chooses by validation, several seeds before single runs, and shows what it may not choose', () => {
  const { store, add } = filled();
  add({ model: 'sasrec', dim: 8, seed: 1, valid: 0.2, test: 0.1 });
  add({ model: 'sasrec', dim: 8, seed: 2, valid: 0.22, test: 0.1 });
  add({ model: 'sasrec', dim: 16, valid: 0.4, test: 0.3 });
  add({ model: 'hstu', valid: 0.1, test: 0.9 });
  add({ model: 'narm', test: 0.95 });
  add({ model: 'tiger', valid: 0.9, test: 0.9, stated: { unknownSources: ['tokeniser: imported'] } });
  const paper = { split: 'leave-last-out-without-validation', selection: 'test' } as const;
  for (let dim = 1; dim < 9; dim++) add({ model: 'hstu', dim, test: 0.99, stated: paper });
  const { best, others, elsewhere, trials, runs } = leaderboard(store, { dataset: 'beauty' });
  expect(names(best)).toEqual(['sasrec-8-2', 'hstu-8-1']);
  expect(best[0]).toMatchObject({ seeds: 2, valid: expect.closeTo(0.21) as number });
  expect(names(others)[0]).toBe('sasrec-16-1');
  expect(names(others).slice(1).sort()).toEqual(['narm-8-1', 'tiger-8-1']);
  expect(others.slice(1).map(({ valid }) => valid)).toEqual([null, null]);
  expect([elsewhere, trials, runs]).toEqual([8, 0, 14]);
});

it('has of a sweep the trial alone that it chose, and so has the choice of a baseline', async () => {
  const { store, add } = filled();
  const spec = studySpecSchema.parse({
    kind: 'sweep',
    model: 'itemknn',
    overrides: {},
    sizes: [8, 16, 32].map((dim, at) => ({ label: `trial${at + 1}`, config: { dim } })),
    shares: [1],
    seeds: [1],
    dataset: { id: dataset.id, name: dataset.name, fingerprint: dataset.fingerprint },
    device: 'cpu',
    threads: 1,
    sweep: {
      ...{ search: 'grid', vary: [{ key: 'dim', values: '8,16,32' }], trials: 20, draw: 1 },
      metric: 'valid/mrr',
    },
  });
  const sweep = store.studies.create('widths', spec);
  for (const cell of cellsOf(spec)) {
    const { dim } = cellOverrides(spec, cell) as { dim: number };
    store.studies.setRun(
      sweep.id,
      cell,
      add({ model: 'itemknn', dim, mrr: dim === 16 ? 0.3 : 0.2, valid: 1 / dim, test: 1 / dim }),
    );
  }
  const { best, others, trials } = leaderboard(store, { dataset: 'beauty' });
  expect([names(best), names(others), trials]).toEqual([['itemknn-16-1'], [], 2]);
  const run = add({ model: 'sasrec', valid: 0.5, test: 0.5 });
  const { against } = await compareToBaseline(store, { run, metric: 'test/ndcg@10' });
  expect(against?.name).toBe('itemknn-16-1');
});

it('has nothing of a scaling study, whose runs are short or small for its law', () => {
  const { store, add } = filled();
  const spec = studySpecSchema.parse({
    ...{ model: 'sasrec', overrides: {}, shares: [1], seeds: [1], device: 'cpu', threads: 1 },
    sizes: [{ label: 'dim 64', config: { dim: 64 } }],
    dataset: { id: dataset.id, name: dataset.name, fingerprint: dataset.fingerprint },
  });
  const study = store.studies.create('sizes', spec);
  store.studies.setRun(study.id, cellsOf(spec)[0], add({ model: 'sasrec', dim: 64, valid: 0.9, test: 0.9 }));
  add({ model: 'sasrec', valid: 0.2, test: 0.1 });
  const { best, others, trials } = leaderboard(store, { dataset: 'beauty' });
  expect([names(best), names(others), trials]).toEqual([['sasrec-8-1'], [], 1]);
});

it('ranks click logs by AUC', () => {
  const store = openStore(temporaryHome());
  const clicks = { ...datasetSummary('frappe'), clicks: {} as NonNullable<typeof dataset.clicks> };
  store.datasets.add(clicks);
  for (const [at, auc] of [0.7, 0.8].entries()) {
    const run = newRun(clicks, { name: `dlrm-${at}`, model: 'dlrm', config: { dim: at } });
    const metrics = { 'valid/auc': auc, 'test/auc': auc - 0.01, 'test/logloss': 0.4 };
    completeRun(store, store.runs.create(run).id, { metrics, protocol: { ...protocol, dataset: 'f' } });
  }
  const { best, metrics } = leaderboard(store, { dataset: 'frappe' });
  expect(metrics).toEqual(['test/auc', 'test/logloss']);
  expect(best[0]).toMatchObject({ name: 'dlrm-1', valid: 0.8 });
});
