import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserError } from '../../src/core/errors.ts';
import type { NextItemProtocol } from '../../src/core/evaluation/types.ts';
import { models, resolveConfig } from '../../src/core/families/registry.ts';
import { selectSnapshot, writeSnapshot } from '../../src/core/semantic-ids/artefact.ts';
import type { Store } from '../../src/core/store/store.ts';
import { exposureOf, unknownParts } from '../../src/core/training/provenance.ts';
import { resolveRequest } from '../../src/main/analyst/model-info.ts';
import { cannotAnswer } from '../../src/main/services/analysis/language-pipeline.ts';
import { createRun } from '../../src/main/services/runs/create-run.ts';
import {
  countedInteractions,
  deletedSources,
  provenanceOf,
  sourceRuns,
} from '../../src/main/services/runs/source-runs.ts';
import { protocol } from '../reports/runs.ts';
import { madeCatalogue } from '../semantic-ids/catalogue.ts';
import { completeRun, temporaryStore } from './home.ts';
import { datasetSummary } from './records.ts';

type Overrides = Record<string, unknown>;

function create(
  store: Store,
  model: string,
  overrides: Overrides,
  name: string | null = null,
  dataset = 'beauty',
) {
  const config = resolveConfig(model, { overrides });
  const rest = { dataset, seed: 1, device: 'cpu', threads: 1 } as const;
  return createRun(store, { model, config, name, ...rest });
}

/** A run as if it were trained: with a checkpoint, and Semantic IDs where it is a tokeniser's. */
function trained(store: Store, name: string, model: string, overrides: Overrides): string {
  const { id } = create(store, model, overrides, name);
  const folder = store.runs.folder(id);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'last-1.safetensors');
  writeFileSync(path, '');
  store.checkpoints.add(id, { path, epoch: 1, step: 1, kind: 'last' });
  if (model === 'rq-vae' || model === 'imported-ids') {
    const { ids } = madeCatalogue({ items: 3, codes: 4 });
    writeSnapshot(folder, { step: 1, epoch: 1, ids, codebooks: [] });
    selectSnapshot(folder, 1);
  }
  return id;
}

function homeWithSources(): Store {
  const store = temporaryStore();
  const { statistics, ...summary } = datasetSummary('beauty');
  // What describes the items is then not looked for in its files.
  store.datasets.add({ ...summary, statistics: { ...statistics, hasTitles: true } });
  trained(store, 'plain', 'sasrec', {});
  trained(store, 'cold', 'sasrec', { coldItems: 0.2 });
  trained(store, 'paper', 'sasrec', { protocol: 'paper' });
  trained(store, 'last-epoch', 'sasrec', { protocol: 'paper', selection: 'final-epoch' });
  trained(store, 'text-ids', 'rq-vae', {});
  trained(store, 'run-ids', 'rq-vae', { content: 'run', vectorsFrom: 'plain' });
  trained(store, 'paper-ids', 'rq-vae', { content: 'run', vectorsFrom: 'paper' });
  trained(store, 'cold-ids', 'rq-vae', { content: 'run', vectorsFrom: 'cold' });
  trained(store, 'by-time', 'sasrec', { split: 'time' });
  trained(store, 'their-ids', 'imported-ids', { file: 'ids.json' });
  trained(store, 'spoken', 'brew', {});
  trained(store, 'clicks', 'dlrm', {});
  return store;
}

const vectors = (vectorsFrom: string) => ({ content: 'run', vectorsFrom });

const refused: [what: string, model: string, overrides: Overrides, why: RegExp][] = [
  [
    'vectors that know hidden items',
    'content-knn',
    { ...vectors('plain'), coldItems: 0.1 },
    /^config "vectorsFrom": run plain \(\w+\) has learnt from items that coldItems=0.1 hides here: train it with coldItems=0.1, coldSeed=1 and the same protocol$/,
  ],
  [
    'items hidden by another draw',
    'content-knn',
    { ...vectors('cold'), coldItems: 0.1, coldSeed: 2 },
    /coldItems=0.1 hides here/,
  ],
  ['a smaller share', 'content-knn', { ...vectors('cold'), coldItems: 0.3 }, /coldItems=0.3 hides here/],
  [
    'the same by way of RQ-VAE and TIGER',
    'tiger',
    { tokeniser: 'run-ids', coldItems: 0.1 },
    /^config "tokeniser": run run-ids \(\w+\) rests on run plain \(\w+\), which has learnt from items that coldItems=0.1/,
  ],
  [
    'validation items of a paper run',
    'content-knn',
    vectors('paper'),
    /run paper \(\w+\) was trained on validation items \(protocol=paper\)/,
  ],
  [
    'the same by way of a tokeniser',
    'tiger',
    { tokeniser: 'paper-ids' },
    /run paper \(\w+\), which was trained on/,
  ],
  [
    'what happened after a cut in time',
    'content-knn',
    { ...vectors('plain'), split: 'time' },
    /has learnt from interactions that are held out here: name one that was trained with split=time, validShare=0.1, testShare=0.1$/,
  ],
  [
    'other cuts in time',
    'content-knn',
    { ...vectors('by-time'), split: 'time', testShare: 0.2 },
    /trained with split=time, validShare=0.1, testShare=0.2$/,
  ],
  [
    'last interactions that come before a cut',
    'content-knn',
    vectors('by-time'),
    /trained with split=leave-last-out$/,
  ],
  [
    'an epoch that was chosen on the test items',
    'tiger',
    { tokeniser: 'paper-ids', protocol: 'paper', selection: 'final-epoch' },
    /has chosen its epoch on the test items: name one that was trained with selection=final-epoch$/,
  ],
  [
    'interactions that another split tests',
    'dlrm',
    { tokeniser: 'run-ids', itemRepresentation: 'dense', split: 'time' },
    /has learnt from interactions that split=time tests here: set split=last/,
  ],
  [
    'rows that another split trains on',
    'dlrm',
    { startFrom: 'clicks', testShare: 0.2 },
    /has learnt from rows that are held out here \(split=auto\): name one whose split, .* and splitSeed are the same$/,
  ],
];

it.each(refused)('refuses %s, before anything is written', (_, model, overrides, why) => {
  const store = homeWithSources();
  const before = store.runs.ids();
  expect(() => create(store, model, overrides)).toThrow(UserError);
  expect(() => create(store, model, overrides)).toThrow(why);
  expect(store.runs.ids()).toEqual(before);
});

it('lets a run build on what has seen no more than itself, and states what that was', async () => {
  const store = homeWithSources();
  const of = (model: string, overrides: Overrides) => {
    const { config, dataset } = create(store, model, overrides);
    return provenanceOf(store, config, dataset);
  };
  expect(of('content-knn', { ...vectors('cold'), coldItems: 0.1 })).toEqual({
    sources: [
      'vectorsFrom: all but the last two interactions of a user, items hidden: coldItems=0.2, seed 1',
    ],
    unknown: [],
  });
  expect(of('dlrm', { startFrom: 'clicks', dim: 8, historyLength: 0 }).sources).toEqual([
    'startFrom: rows (split=auto)',
  ]);
  expect(of('content-knn', { ...vectors('last-epoch'), protocol: 'paper' }).unknown).toEqual([]);
  expect(of('tiger', { tokeniser: 'text-ids', coldItems: 0.1 }).sources).toEqual([
    'tokeniser: no interactions',
  ]);
  expect(of('tiger', { tokeniser: 'cold-ids', coldItems: 0.2 }).sources).toEqual([
    'tokeniser: no interactions',
    'tokeniser > vectorsFrom: all but the last two interactions of a user, items hidden: coldItems=0.2, seed 1',
  ]);
  expect(of('dlrm', { tokeniser: 'run-ids', itemRepresentation: 'dense', split: 'last' }).unknown).toEqual(
    [],
  );
  expect(of('tiger', { tokeniser: 'their-ids' }).unknown).toEqual(['tokeniser: imported Semantic IDs']);
  const { id, config, dataset } = create(store, 'tiger', { tokeniser: 'run-ids' });
  await store.trash.purgeDirectly('run', store.runs.find('plain').id);
  expect(provenanceOf(store, config, dataset).unknown).toEqual([
    'tokeniser > vectorsFrom: a run that has been deleted',
  ]);
  expect(id).not.toBe('');
});

it('lets a ranking model start from a run of its model on any data set, of which nobody knows what it has seen', async () => {
  const store = homeWithSources();
  store.datasets.add(datasetSummary('films'));
  const startFrom = (name: string, dataset: string, overrides: Overrides = {}, model = 'sasrec') => {
    const run = create(store, model, { startFrom: name, ...overrides }, null, dataset);
    return {
      ...provenanceOf(store, run.config, run.dataset),
      sent: sourceRuns(store, run.config)?.startFrom,
    };
  };
  const elsewhere = startFrom('paper', 'films');
  expect(elsewhere.sources).toEqual([
    'startFrom: all but the last interaction of a user, epoch chosen on the test items of the data set beauty',
  ]);
  expect(elsewhere.unknown).toEqual(['startFrom: a run of the data set beauty']);
  const beauty = store.datasets.find('beauty');
  expect(elsewhere.sent).toMatchObject({ name: 'paper', datasetDir: store.datasets.folder(beauty.id) });
  expect(startFrom('plain', 'beauty').unknown).toEqual([]);
  // On the same data set it may have seen no more than itself.
  expect(() => startFrom('paper', 'beauty')).toThrow(/was trained on validation items/);
  expect(() => startFrom('cold', 'films', {}, 'hstu')).toThrow(
    /^config "startFrom": run cold \(\w+\) is of sasrec: name a run of hstu$/,
  );
  // Content vectors are of the items themselves.
  expect(() => create(store, 'content-knn', vectors('plain'), null, 'films')).toThrow(
    /is of the data set beauty, not of films/,
  );
  // What has begun goes on without it.
  const begun = create(store, 'sasrec', { startFrom: 'plain' }, null, 'films').config;
  const words = create(store, 'lc-rec', { tokeniser: 'text-ids', languageFrom: 'spoken' }).config;
  const spoken = create(store, 'brew', { startFrom: 'spoken' }).config;
  await store.trash.purgeDirectly('run', store.runs.find('plain').id);
  await store.trash.purgeDirectly('run', store.runs.find('spoken').id);
  expect(() => sourceRuns(store, begun)).toThrow(/has been deleted/);
  expect(() => sourceRuns(store, words)).toThrow(/"languageFrom": run \w+ has been deleted, and this/);
  for (const config of [begun, spoken]) expect(sourceRuns(store, config, { begins: false })).toEqual({});
  expect(Object.keys(sourceRuns(store, words, { begins: false }) ?? {})).toEqual(['tokeniser']);
});

it('says of a run that was deleted where it is, at its field before anything starts and for what builds on it', async () => {
  const store = homeWithSources();
  const { id } = store.runs.find('plain');
  const { config } = create(store, 'sasrec', { startFrom: 'plain' });
  const asked = async (startFrom: string) => {
    const request = { model: 'sasrec', dataset: 'beauty', overrides: { startFrom } };
    return (await resolveRequest(store, request)).problem;
  };
  expect([deletedSources(store, config), await asked(id)]).toEqual([[], null]);
  store.trash.put('run', [id]);
  expect(deletedSources(store, config)).toEqual(['Start from: run plain is in the trash']);
  expect(await asked(id)).toMatchObject({
    ...{ field: 'startFrom', problem: 'run plain is in the trash', fix: 'restore it, or name another run' },
  });
  await store.trash.purge([{ kind: 'run', id }]);
  expect(deletedSources(store, config)).toEqual([`Start from: run ${id} has been deleted`]);
  expect(await asked(id)).toMatchObject({ field: 'startFrom', problem: `run ${id} has been deleted` });
  expect(await asked('plain')).toMatchObject({ field: 'startFrom', problem: 'there is no run "plain"' });
  expect(() => create(store, 'sasrec', { startFrom: id })).toThrow(
    /^config "startFrom": run \w+ has been deleted; /,
  );
});

it('asks no run of the paper protocol what a language model is asked', () => {
  const store = homeWithSources();
  const asked = store.runs.findOwn('plain');
  const answers = (name: string, stated: NextItemProtocol) =>
    cannotAnswer({ ...store.runs.findOwn(name), protocol: stated }, asked, 4);
  expect(answers('cold', protocol)).toBeNull();
  const paper = { ...protocol, split: 'leave-last-out-without-validation' } as const;
  expect(answers('paper', paper)).toMatch(/^was trained on validation items \(protocol=paper\)/);
});

it('reads off every model what it learns from and what it takes from elsewhere', () => {
  const expected = {
    'next-item': 'all-but-last-two',
    ranking: 'rows',
    tokeniser: 'none',
    language: 'all-but-last-two',
  };
  for (const { id, task, configSchema } of models) {
    expect(exposureOf(configSchema.parse({})).interactions, id).toBe(expected[task]);
    const files = ['vectorsFile', 'file', 'weights'].filter((key) => key in configSchema.shape);
    const given = Object.fromEntries(files.map((key) => [key, 'a file']));
    const content = files.includes('vectorsFile') ? { content: 'vectors' } : {};
    expect(unknownParts({ ...configSchema.parse({}), ...given, ...content }), id).toHaveLength(
      files.length > 0 ? 1 : 0,
    );
    expect(unknownParts(configSchema.parse({})), id).toHaveLength(id === 'imported-ids' ? 1 : 0);
  }
});

it('measures of IDs count what the runs know that the IDs rest on or that have them', () => {
  const store = homeWithSources();
  const countedOf = (name: string) => countedInteractions(store, store.runs.findOwn(name));
  const user = (split: string, shares = {}) =>
    completeRun(store, create(store, 'tiger', { tokeniser: 'text-ids', split, ...shares }, split).id);
  user('leave-last-out');
  expect(countedOf('text-ids')).toEqual({ splits: [], words: 'all but the last two interactions of a user' });
  user('time', { validShare: 0.2, testShare: 0.3 });
  expect(countedOf('text-ids')).toEqual({
    splits: [{ split: 'time', validShare: 0.2, testShare: 0.3 }],
    words:
      'interactions before the cut for validation (split=time, validShare=0.2, testShare=0.3), as of time',
  });
  expect(countedOf('run-ids').splits).toEqual([]);
  trained(store, 'ids-by-time', 'rq-vae', vectors('by-time'));
  expect(countedOf('ids-by-time').words).toMatch(/before the cut for validation .*, as of by-time$/);
});
