import { expect, it } from 'vitest';
import { temporaryStore } from '../../../test/store/home.ts';
import { datasetSummary } from '../../../test/store/records.ts';
import { datasetOf } from '../../main/services/analysis/plans/plan-data.ts';
import { baselineOf, blocksOf } from './expand-plan.ts';
import { type KnownRun, matchRuns, type WantedRun } from './match-runs.ts';
import { type ComparedModel, planOfComparison } from './plan-of-comparison.ts';
import { readPlan } from './read-plan.ts';

const TEXT = `plan: Two small tables
tables:
  - data: films          # of the home
    split: [leave-last-out, { split: time, testShare: 0.2, title: by time }]
    slices: [popularity]
  - data: { files: [ratings.csv], name: club, minUser: 5 }
    models: [SASRec wide, popularity]
    settings: { epochs: 2 }
models:
  - popularity
  - sasrec:
      preset: beauty
      space: &space { learningRate: { log: [0.0003, 0.01] }, dropout: [0.2, 0.5] }
      trials: 4
  - sasrec: { name: SASRec wide, settings: { dim: 128 }, space: *space }
  - itemknn: { trials: 12 }
seeds: 1-3
`;

it('reads a plan and makes it blocks of rows', () => {
  const { plan } = readPlan(TEXT, 'paper.yaml');
  const blocks = blocksOf(plan);
  expect(blocks.map(({ table, title, rows }) => [table, title, rows.map(({ name }) => name)])).toEqual([
    [0, 'leave-last-out', ['Popularity', 'SASRec, beauty', 'SASRec wide', 'ItemKNN']],
    [0, 'by time', ['Popularity', 'SASRec, beauty', 'SASRec wide', 'ItemKNN']],
    [1, 'leave-last-out', ['Popularity', 'SASRec wide']],
  ]);
  expect(blocks[1].rows[1]).toEqual({
    ...{ entry: 1, name: 'SASRec, beauty', model: 'sasrec', preset: 'beauty' },
    overrides: { split: 'time', testShare: 0.2 },
    seeds: [1, 2, 3],
    sources: [],
    tuned: {
      trials: 4,
      vary: [
        { key: 'learningRate', values: 'log:0.0003..0.01' },
        { key: 'dropout', values: '[0.2,0.5]' },
      ],
    },
  });
  expect(blocks[2].rows[1].overrides).toEqual({ dim: 128, epochs: 2, split: 'leave-last-out' });
  // What has no randomness has one seed.
  expect([blocks[0].rows[0].seeds, blocks[0].rows[3].tuned]).toEqual([[1], { vary: [], trials: 12 }]);
  expect(baselineOf(plan)).toBe(1);
  expect(baselineOf({ ...plan, baseline: 'none' })).toBeNull();
});

const MISTAKES: [change: [from: string, to: string], line: number, said: string][] = [
  [['preset: beauty', 'presett: beauty'], 12, 'models 2: there is no "presett" here; there are model, name'],
  [['seeds: 1-3', 'seeds: [1, 1]'], 17, 'seeds: the seed 1 is named twice'],
  [['seeds: 1-3', 'seeds: 3-1'], 17, 'seeds: "3-1" runs backwards'],
  [['seeds: 1-3', 'seed: 1'], 17, 'there is no "seed" here; there are plan, tables'],
  [['seeds: 1-3', 'seeds: [9007199254740993]'], 17, 'seeds 1: must be at most 9007199254740991'],
  [['seeds: 1-3', 'baseline: ease'], 17, 'there is no model "ease" in this plan; there are popularity'],
  [['slices: [popularity]', 'slices: [age]'], 5, 'tables 1, slices 1'],
  [['models: [SASRec wide', 'models: [SASRec'], 7, 'there is no model "SASRec" in this plan'],
  [['name: SASRec wide', 'name: popularity'], 15, 'two models are called "popularity"'],
  [
    ['itemknn: { trials: 12 }', 'popularity: { name: again }'],
    16,
    '"again" has the settings of "popularity"',
  ],
  [['testShare: 0.2', 'testShares: 0.2'], 4, 'a split has no "testShares"'],
  [['{ log: [0.0003, 0.01] }', '{ log: 3 }'], 13, 'or a range as'],
  [['name: club', 'nam: club'], 6, 'tables 2, data'],
  [['seeds: 1-3', 'rope: -1'], 17, 'rope: write a size from 0 on such as 0.002, or a share such as 1%'],
  [['seeds: 1-3', 'power: 80'], 17, 'power: must be less than 1'],
  [['trials: 4', 'trials: 0'], 14, 'models 2, trials: must be more than 0'],
  [['plan: Two small tables', 'plan: 2024'], 1, 'plan: must be text, not a number: put it in quotes'],
  [
    ['seeds: 1-3', 'results: [{ file: a.csv, data: clubs }]'],
    17,
    'no table is of "clubs"; there are films, club',
  ],
  [['  - popularity\n', '  - \tpopularity: [\n'], 10, 'is no YAML'],
  [['plan: Two small tables', 'plan: a\nplan: b'], 2, 'is no YAML'],
  [['seeds: 1-3', '---\nplan: b'], 17, 'is no YAML: Source contains multiple documents'],
  [['name: SASRec wide', 'name: none'], 15, 'a model cannot be called "none"'],
  [['seeds: 1-3', 'metrics: [mrr, test/mrr]'], 17, 'the metric mrr is there twice: leave it out once'],
  [
    ['seeds: 1-3', 'metrics: [ndcg@10, test/NDCG@10]'],
    17,
    'the metric ndcg@10 is there twice: leave it out once',
  ],
  [
    ['seeds: 1-3', 'paper: { caption: "a\\ud800b" }'],
    17,
    'paper, caption: leave the half of a character out',
  ],
  [['plan: Two small tables', 'plan: "a\\ud800b"'], 1, 'plan: Use one line, without control characters'],
  [['seeds: 1-3', 'paper: { caption: "a\\u0007b" }'], 17, 'paper, caption: leave its control characters out'],
  [
    ['seeds: 1-3', 'results: [{ file: a.csv, program: "a\\u001b[31m" }]'],
    17,
    'results 1, program: Use one line, without control characters',
  ],
  [['slices: [popularity]', 'slices: [seen, seen]'], 5, 'the slice seen is there twice'],
  [['models: [SASRec wide,', 'models: [popularity,'], 7, 'the model popularity is there twice'],
  [['leave-last-out, {', '{ split: time, testShare: 0.2 }, {'], 4, 'the split is there twice'],
  [
    [
      '  - data: { files',
      '  - data: films\n    split: time\n  - data: films\n    split: [time]\n  - data: { files',
    ],
    8,
    'the table is there twice',
  ],
];

it('tells every mistake with its line and what there is instead', () => {
  const told = MISTAKES.map(([[from, to], line, said]) => {
    try {
      readPlan(TEXT.replace(from, to), 'paper.yaml');
    } catch (error) {
      const message = (error as Error).message;
      return message.includes(`paper.yaml:${line}: `) && message.includes(said) ? 'as expected' : message;
    }
    return `${to}: not refused`;
  });
  expect(told.filter((one) => one !== 'as expected')).toEqual([]);
  for (const empty of ['', '[]', 'plan: x', '7', 'plan: x\ntables: []\nmodels: []'])
    expect(() => readPlan(empty, 'p.yaml')).toThrow(/^p\.yaml:1: |^p\.yaml:2: /);
});

it('refuses aliases that multiply each other, or stand inside of what they are of', () => {
  const within = TEXT.replace('itemknn: { trials: 12 }', 'tiger: &t { tokeniser: *t }');
  expect(() => readPlan(within, 'p.yaml')).toThrow('p.yaml:1: an alias refers to the part that it stands in');
  const lines = Array.from({ length: 9 }, (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`)}]`);
  expect(() => readPlan(`l0: &l0 [1]\n${lines.join('\n')}\n`, 'p.yaml')).toThrow('is no YAML');
});

const wanted: WantedRun = { model: 'sasrec', config: { dim: 8, seed: 1 }, data: 'f', seed: 1 };
const run = (id: string, rest: Partial<KnownRun> = {}): KnownRun => ({
  ...{ id, ...wanted, config: { dim: 8, seed: 1 }, status: 'completed', evaluates: null, message: null },
  versions: ['1'],
  ...rest,
});

it('uses runs of equal config, data, seed and version, and others only where it is asked to', () => {
  const match = (known: KnownRun[], usesOthers = false) =>
    matchRuns([wanted], known, { version: '1', usesOthers })[0];
  expect(match([run('b'), run('a')])).toEqual({ state: 'done', run: 'a', versions: ['1'] });
  const unlike: Partial<KnownRun>[] = [
    { config: { dim: 16, seed: 1 } },
    { seed: 2 },
    { data: 'g' },
    { data: null },
    { model: 'hstu' },
    { evaluates: { run: null, name: 'x', kind: 'best', splits: ['test'], path: '', epoch: 1 } as never },
  ];
  for (const other of unlike) expect(match([run('a', other)]).state).toBe('missing');
  const old = run('c', { versions: ['0'] });
  expect(match([old])).toEqual({ state: 'missing', otherVersions: ['0'] });
  expect(match([old], true)).toEqual({ state: 'done', run: 'c', versions: ['0'] });
  expect(match([old, run('d')], true)).toMatchObject({ run: 'd' });
  expect(match([run('a', { versions: ['1', '0'] })]).state).toBe('missing');
  expect(match([run('a', { status: 'failed' }), run('b', { status: 'running' })])).toMatchObject({
    state: 'active',
    run: 'b',
  });
  expect(match([run('a', { status: 'failed', message: 'no room' })])).toEqual({
    ...{ state: 'ended', run: 'a', message: 'no room' },
  });
  // Whoever has trained one again and stopped it knows no more than before.
  const diverged = run('a', { status: 'diverged', message: 'NaN' });
  const known = { state: 'diverged', run: 'a', message: 'NaN' };
  expect(match([diverged, run('b', { status: 'cancelled' })])).toEqual(known);
  expect(match([diverged, run('b', { status: 'queued' })])).toMatchObject({ state: 'active', run: 'b' });
  expect(match([diverged, run('b')])).toMatchObject({ state: 'done', run: 'b' });
  const elsewhere = run('a', { status: 'diverged', message: 'NaN', versions: ['0'] });
  expect([match([elsewhere]).state, match([elsewhere], true)]).toEqual(['missing', known]);
});

it('saves a comparison as a plan that reads as it was', () => {
  const row = (model: string, rest: Partial<ComparedModel> = {}): ComparedModel => ({
    ...{ name: null, model, dataset: 'films', seeds: [1, 2], isBaseline: false },
    config: { dim: 8, split: 'leave-last-out', testShare: 0.1 },
    ...rest,
  });
  const byTime = { dim: 16, split: 'time', testShare: 0.2 };
  const text = planOfComparison(
    [
      row('popularity', { seeds: [1], config: { split: 'leave-last-out' } }),
      row('sasrec', { isBaseline: true, config: { ...byTime, split: 'leave-last-out', testShare: 0.1 } }),
      row('sasrec', { config: byTime, seeds: [2, 3] }),
      row('sasrec', { name: 'constructor' }),
      row('sasrec', { name: 'none', config: { dim: 32, split: 'leave-last-out', testShare: 0.1 } }),
      row('hstu', { dataset: 'club', seeds: [3] }),
      row('ALS', {
        ...{ config: null, seeds: [1, 2, 3] },
        result: {
          ...{ file: 'als.csv', program: 'implicit', model: 'ALS', split: 'time' },
          asked: { ascending: true, held: { split: 'time', testShare: 0.2, historyFilter: 'none' } },
        },
      }),
    ],
    {
      name: 'again',
      metrics: ['ndcg@10'],
      practical: { rope: { size: 0.07, isShare: true }, power: 0.8 },
      defaultsOf: () => ({ dim: 8, split: 'leave-last-out', testShare: 0.1 }),
    },
  );
  const { plan } = readPlan(text, 'again.yaml');
  expect(plan.models.map(({ model, name, settings, seeds }) => [model, name, settings, seeds])).toEqual([
    ['popularity', undefined, {}, undefined],
    ['sasrec', 'sasrec-2', { dim: 16 }, undefined],
    ['sasrec', 'constructor', {}, [1, 2]],
    ['sasrec', 'none-4', { dim: 32 }, [1, 2]],
    ['hstu', undefined, {}, [3]],
  ]);
  expect(plan.tables).toMatchObject([
    {
      data: 'films',
      split: [{ settings: { split: 'leave-last-out' } }, { settings: { split: 'time', testShare: 0.2 } }],
      models: ['popularity', 'sasrec-2', 'constructor', 'none-4'],
    },
    { data: 'club', models: ['hstu'] },
  ]);
  expect([plan.baseline, plan.seeds, plan.metrics]).toEqual(['sasrec-2', [1, 2, 3], ['ndcg@10']]);
  expect([plan.rope, plan.power]).toEqual([{ size: 0.07, isShare: true }, 0.8]);
  expect(plan.results).toMatchObject([
    {
      ...{ file: 'als.csv', program: 'implicit', model: 'ALS', data: 'films', ascending: true },
      seed: null,
      split: { settings: { split: 'time', testShare: 0.2 } },
      set: { historyFilter: 'none' },
    },
  ]);
});

it('knows data sets by their content in a plan for other homes, and finds them there whatever they are called', async () => {
  const [here, twin] = [datasetSummary('films'), datasetSummary('movies')];
  const row = { name: null, model: 'popularity', dataset: 'films', seeds: [1], config: {}, isBaseline: true };
  const fingerprints = new Map([['films', 'ab'.repeat(32)]]);
  const text = planOfComparison([row], { name: 'p', defaultsOf: () => ({}), fingerprints });
  const [table] = readPlan(text, 'p.yaml').plan.tables;
  expect(table.data).toEqual({ name: 'films', fingerprint: 'ab'.repeat(8) });
  const store = temporaryStore();
  await expect(datasetOf(store, table, '.')).rejects.toThrow(
    'no data set of this home has the fingerprint abababababababab',
  );
  store.datasets.add({ ...here, fingerprint: 'cd'.repeat(32) });
  store.datasets.add({ ...twin, fingerprint: 'ab'.repeat(32) });
  expect(await datasetOf(store, table, '.')).toMatchObject({ name: 'movies' });
});
