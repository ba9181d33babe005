import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completeRun, temporaryHome, temporaryStore } from '../../../../../test/store/home.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun } from '../../../../core/store/types.ts';
import { importInto } from '../../datasets.ts';
import { AdvancingPlan } from './advance-plan.ts';
import { openPlan } from './open-plan.ts';
import { planOfRuns } from './plan-of-runs.ts';
import { planList, planProgress } from './plan-progress.ts';
import type { PlanPlace } from './plan-rows.ts';
import { matching, planState } from './plan-state.ts';
import { missingOf, planTakes } from './plan-takes.ts';

const PLACE = { device: 'cpu', threads: 1, places: [null] } as const;

/** A data set whose items have titles, or nothing but their ids. */
async function home({ titles = true } = {}): Promise<{ store: Store; folder: string }> {
  const [store, folder] = [temporaryStore(), temporaryHome()];
  const ratings = [1, 2, 3, 4].flatMap((user) =>
    [1, 2, 3, 4].map((item) => `u${user},i${item},${10 * user + item}`),
  );
  writeFileSync(join(folder, 'ratings.csv'), ['user,item,timestamp', ...ratings].join('\n'));
  writeFileSync(join(folder, 'items.csv'), 'item,title\ni1,One film\ni2,Two films\ni3,Three\ni4,Four');
  const files = titles ? ['ratings.csv', 'items.csv'] : ['ratings.csv'];
  await importInto(store, { paths: files.map((file) => join(folder, file)), name: 'films' });
  return { store, folder };
}

interface Rest {
  split?: string;
  models: string;
  places?: PlanPlace['places'];
}

async function opened(
  { store, folder }: { store: Store; folder: string },
  { split, models, places = PLACE.places }: Rest,
) {
  const place = { ...PLACE, places };
  const file = join(folder, 'paper.yaml');
  const split_ = split ?? 'leave-last-out';
  writeFileSync(
    file,
    `plan: p\ntables: [{ data: films, split: ${split_} }]\nmodels:\n${models}\nseeds: 2-3\n`,
  );
  const { blocks } = await openPlan(store, file, place);
  const how = matching(false);
  return {
    blocks,
    plan: new AdvancingPlan(store, 'p', blocks, how, place),
    state: () => planState(store, blocks, how),
  };
}

const made = (store: Store): string[] =>
  store.runs
    .newest(100)
    .filter((run): run is OwnRun => run.kind === 'own')
    .map(({ model, seed, config }) =>
      [model, seed, config.split ?? '', config.tokeniser ?? config.vectorsFrom ?? ''].join(' ').trim(),
    )
    .sort();

const idOf = (store: Store, model: string) =>
  store.runs.newest(100).find((run) => run.model === model)?.id as string;

/** Completes a tokeniser in name alone. */
function completeIds(store: Store, run: string): void {
  const folder = join(store.runs.folder(run), 'semantic-ids');
  mkdirSync(folder, { recursive: true });
  const snapshots = [{ step: 1, epoch: 1, file: 'snapshot-1.safetensors' }];
  const sizes = { format: 1, levels: 1, codebookSizes: [4], items: 4, snapshots, selected: 1 };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(sizes));
  completeRun(store, run);
}

const TWO = `  - tiger: { tokeniser: &ids { residual-kmeans: { settings: { levels: 2 } } } }
  - liger: { tokeniser: *ids, space: { learningRate: [0.001, 0.002] }, trials: 2 }
  - popularity`;

test('a tokeniser is trained once, before the rows of all splits that build on it, and their searches', async () => {
  const { store, folder } = await home();
  const { plan, state } = await opened({ store, folder }, { models: TWO, split: '[leave-last-out, time]' });
  const takes = planTakes(store, state(), PLACE);
  expect(
    takes.blocks.map(({ sources }) => sources.map(({ name, of, runs }) => [name, of, runs.missing])),
  ).toEqual([[['tokeniser Residual k-means', ['TIGER', 'LIGER'], 1]], []]);
  expect([takes.missing, takes.trials]).toEqual([1 + 2 * (2 + 1 + 1), 4]);

  expect([plan.advance(), plan.advance()]).toEqual([true, true]);
  const first = ['popularity 2 leave-last-out', 'popularity 2 time', 'residual-kmeans 2'];
  expect(made(store)).toEqual(first);
  const ids = idOf(store, 'residual-kmeans');
  expect(plan.runs().has(ids)).toBe(true);
  completeIds(store, ids);

  plan.advance();
  const splits = ['leave-last-out', 'time'];
  const rows = splits.flatMap((split) => [2, 3].map((seed) => `tiger ${seed} ${split} ${ids}`));
  // Both trials of a search have its seed.
  const trials = splits.flatMap((split) => [2, 2].map((seed) => `liger ${seed} ${split} ${ids}`));
  expect(made(store)).toEqual([...trials, ...first, ...rows].sort());
  const later = planTakes(store, state(), PLACE);
  expect([later.done, later.blocks[0].sources[0].runs.done]).toEqual([1, 1]);

  // Compared, it is a plan of the same runs, which names none of them.
  const tigers = store.runs.newest(100).filter(({ model }) => model === 'tiger');
  for (const { id } of tigers) completeRun(store, id);
  const again = planOfRuns(
    store,
    tigers.map(({ id }) => store.runs.get(id)),
    { name: 'again' },
  );
  expect(again).not.toContain(ids);
  writeFileSync(join(folder, 'again.yaml'), again);
  const { blocks } = await openPlan(store, join(folder, 'again.yaml'), PLACE);
  expect(planTakes(store, planState(store, blocks, matching(false)), PLACE)).toMatchObject({
    done: 1 + 4,
    missing: 0,
  });
});

test('rows whose tokeniser fails say so, and the plan ends', async () => {
  const { store, folder } = await home();
  const { plan, state } = await opened({ store, folder }, { models: TWO });
  plan.advance();
  completeRun(store, idOf(store, 'popularity'));
  const ids = idOf(store, 'residual-kmeans');
  store.lifecycle.begin(ids, null);
  store.lifecycle.end(ids, 'failed', 'no space left');
  expect(plan.advance()).toBe(false);
  expect(missingOf(store, state())).toEqual(
    ['TIGER', 'LIGER'].map(
      (name) => `${name} on films, leave-last-out: its tokeniser Residual k-means: failed (no space left)`,
    ),
  );
  const { id } = store.plans.remember(join(folder, 'paper.yaml'), 'p');
  expect(await planProgress(store, { plan: id })).toMatchObject({
    ...{ done: 1, total: 1 + 1 + 2 + 2 },
    wrong: [{ title: 'Tokeniser Residual k-means on films', holds: ['TIGER', 'LIGER'] }],
  });
  const [{ seeds }] = await planList(store);
  expect(seeds).toEqual(['failed', 'open', 'open', 'open', 'open', 'done']);
  // The next command tries again.
  const again = await opened({ store, folder }, { models: TWO });
  expect([again.plan.advance(), store.runs.get(ids).status]).toEqual([true, 'queued']);
});

test('what a tokeniser builds on holds out what the row does, so that each split has its own', async () => {
  const { store, folder } = await home({ titles: false });
  const models = '  - tiger: { tokeniser: { model: rq-vae, vectorsFrom: sasrec, seed: 7 } }';
  const { plan } = await opened({ store, folder }, { models, split: '[leave-last-out, time]' });
  plan.advance();
  expect(made(store)).toEqual(['sasrec 2 leave-last-out', 'sasrec 2 time']);
});

const REFUSED: [models: string, said: string, titles?: boolean][] = [
  ['  - tiger', 'paper.yaml:4: tiger needs a tokeniser: write { tiger: { tokeniser: rq-vae } }'],
  ['  - tiger: { tokeniser: sasrec }', 'paper.yaml:4: sasrec makes no Semantic IDs: name a tokeniser'],
  ['  - sasrec: { tokeniser: rq-vae }', 'paper.yaml:4: sasrec has no config key "tokeniser"'],
  ['  - tiger:\n      tokeniser: { model: rq-vae, preset: x }', 'paper.yaml:5: rq-vae has no preset "x"'],
  ['  - tiger: { tokeniser: rq-vae }', 'needs item vectors', false],
  ['  - tiger: { tokeniser: rq-va }', 'paper.yaml:4: unknown model "rq-va"; choose one of'],
  [
    '  - tiger:\n      tokeniser: { rq-vae: { presett: x } }',
    'paper.yaml:5: models 1, tokeniser: there is no "presett"',
  ],
  [
    '  - tiger: { tokeniser: rq-vae, settings: { tokeniser: a } }',
    '"tiger" names a run as its tokeniser, and has one',
  ],
];

test('tells what cannot be built on with its line', async () => {
  const [described, bare] = [await home(), await home({ titles: false })];
  for (const [models, said, titles = true] of REFUSED)
    await expect(opened(titles ? described : bare, { models }), models).rejects.toThrow(said);
});

test('which run is newest decides nothing: vectors of a run are asked for by their model', async () => {
  const { store, folder } = await home({ titles: false });
  const models = '  - content-knn: { vectorsFrom: sasrec }\n  - sasrec: { name: s }';
  const { plan } = await opened({ store, folder }, { models });
  plan.advance();
  // The row of equal config is what is built on.
  expect(made(store)).toEqual(['sasrec 2 leave-last-out', 'sasrec 3 leave-last-out']);
  const sasrec = idOf(store, 'sasrec');
  completeRun(store, sasrec);
  const path = join(store.runs.folder(sasrec), 'last.safetensors');
  mkdirSync(store.runs.folder(sasrec), { recursive: true });
  writeFileSync(path, '');
  store.checkpoints.add(sasrec, { kind: 'last', path, epoch: 1, step: 1 });
  await expect(opened({ store, folder }, { models: '  - content-knn' })).rejects.toThrow(
    'paper.yaml:4: the data set has no columns that describe items: say which model their vectors are of',
  );
});

test('two tables of one data set and split share their rows and searches', async () => {
  const { store, folder } = await home();
  const models = '  - sasrec: { space: { dropout: [0.2, 0.5] }, trials: 2 }\n  - popularity';
  const file = join(folder, 'two.yaml');
  const tables = '[{ data: films }, { data: films, slices: [popularity] }]';
  writeFileSync(file, `plan: p\ntables: ${tables}\nmodels:\n${models}\n`);
  const { blocks } = await openPlan(store, file, PLACE);
  const plan = new AdvancingPlan(store, 'p', blocks, matching(false), PLACE);
  for (let look = 0; look < 2; look++) plan.advance();
  expect(store.studies.list('sweep')).toHaveLength(1);
  expect(made(store)).toEqual(['popularity 1', 'sasrec 1', 'sasrec 1'].map((run) => `${run} leave-last-out`));
});

test('a search continues where the next command trains', async () => {
  const { store, folder } = await home();
  store.hosts.put({ name: 'box', folder: null, job: {} });
  const models = '  - sasrec: { space: { dropout: [0.2, 0.5] }, trials: 2 }';
  const where = () => [
    store.studies.list('sweep').map(({ spec }) => spec.on ?? 'here'),
    store.runs.newest(9).map((run) => (run.kind === 'own' ? (run.place ?? 'here') : '')),
  ];
  const there = await opened({ store, folder }, { models, places: ['box'] });
  there.plan.advance();
  expect(where()).toEqual([['box'], ['box', 'box']]);
  const here = await opened({ store, folder }, { models });
  here.plan.advance();
  expect(where()).toEqual([['here'], ['here', 'here']]);
});

test('names the files of its models and tokenisers from its own folder on', async () => {
  const at = await home();
  const models = `  - content-knn: { settings: { content: vectors, vectorsFile: vectors.npy } }
  - tiger: { tokeniser: { residual-kmeans: { settings: { content: vectors, vectorsFile: more/vectors.npy } } } }`;
  const { blocks } = await opened(at, { models });
  const rows = blocks.flatMap((block) => block.rows);
  expect(rows.map(({ config }) => config?.vectorsFile)).toEqual([join(at.folder, 'vectors.npy'), undefined]);
  expect(rows[1].sources.map(({ config }) => config.vectorsFile)).toEqual([
    join(at.folder, 'more/vectors.npy'),
  ]);
});
