import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { completeRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { newRun } from '../../../../test/store/records.ts';
import { composeMessage } from '../../../core/errors.ts';
import { writeLanguageRun } from '../../../core/families/language/run-files.ts';
import { templates } from '../../../core/families/language/text/template.ts';
import { resolveConfig } from '../../../core/families/registry.ts';
import type { Store } from '../../../core/store/store.ts';
import { estimate, resolveRequest } from '../../analyst/model-info.ts';
import { importInto } from '../datasets.ts';
import { pretrainedOf, provenanceOf, resolveSources } from '../runs/source-runs.ts';
import {
  configColumns,
  settledConfig,
  suitableSources,
  trainingObstacles,
  withSizes,
} from './training-data.ts';

const RATINGS = [1, 2, 3, 4].flatMap((user) => [1, 2, 3].map((item) => `u${user},i${item}`));

/** Data sets of every kind: rated, with what items are; bare sequences; a click log, with labels and without. */
async function datasets(): Promise<Store> {
  const store = temporaryStore();
  const folder = temporaryHome();
  const write = (name: string, header: string, rows: readonly string[]) => {
    const path = join(folder, `${name}.csv`);
    writeFileSync(path, `${header}\n${rows.join('\n')}\n`);
    return path;
  };
  const add = (name: string, header: string, rows: readonly string[], kind?: 'clicks') =>
    importInto(store, { paths: [write(name, header, rows)], name, kind });
  const ratings = write(
    'ratings',
    'user,item,rating',
    RATINGS.map((row, at) => `${row},${1 + (at % 5)}`),
  );
  const items = write('items', 'item,title', ['i1,A film of one', 'i2,A film of two', 'i3,A film of three']);
  await importInto(store, { paths: [ratings, items], name: 'rated' });
  await add('bare', 'user,item', RATINGS);
  await add('others', 'user,item', [...RATINGS, 'u5,i1', 'u5,i2', 'u5,i3']);
  await add('clicks', 'label,site,price', ['1,a,0.5', '0,b,1.5', '1,b,2.5', '0,a,0.1']);
  await add(
    'unlabelled',
    'user,item,place',
    RATINGS.map((row, at) => `${row},${at % 2}`),
    'clicks',
  );
  return store;
}

/** Completes a run, with an empty checkpoint. */
function addCheckpoint(store: Store, id: string): void {
  completeRun(store, id);
  const path = join(store.runs.folder(id), 'last.safetensors');
  store.checkpoints.add(id, { kind: 'last', path, epoch: 1, step: 1 });
  mkdirSync(store.runs.folder(id), { recursive: true });
  writeFileSync(path, '');
}

const SEQUENCES = [
  'popularity',
  'itemknn',
  'content-knn',
  'ease',
  'bprmf',
  'gru4rec',
  'narm',
  'sasrec',
  'bert4rec',
  'esasrec',
  'llama',
  'hstu',
  'fuxi-alpha',
  'fuxi-beta',
  'fuxi-linear',
];
const TOKENISERS = ['residual-kmeans', 'rq-vae', 'opq', 'imported-ids'];

it('says which models can be trained on which data, with these configs, and why not', async () => {
  const store = await datasets();
  const trained = async (dataset: string) =>
    Object.entries(await trainingObstacles(store, { dataset })).flatMap(([id, why]) =>
      why === null ? [id] : [],
    );
  const onSequences = [
    ...SEQUENCES,
    ...TOKENISERS,
    'click-rates',
    'logistic',
    'dlrm',
    'hstu-ranking',
    'brew',
  ];
  expect(await trained('rated')).toEqual(onSequences);
  expect(await trained('bare')).toEqual(onSequences);
  expect(await trained('clicks')).toEqual(['click-rates', 'logistic', 'dlrm']);
  expect(await trained('unlabelled')).toEqual(['click-rates', 'logistic', 'dlrm', 'hstu-ranking']);

  const problem = async (dataset: string, model: string, overrides: Record<string, unknown> = {}) => {
    const { problem: parts } = await resolveRequest(store, { dataset, model, overrides });
    return parts && composeMessage(parts, 'cli');
  };
  expect(await problem('rated', 'rq-vae')).toBeNull();
  expect(await problem('bare', 'rq-vae')).toBe(
    'rq-vae cannot be trained on bare: it needs item vectors, and the data set has no columns that describe items; train a SASRec first, whose item embeddings are then taken: tessera train --dataset bare --model sasrec',
  );
  expect(await problem('bare', 'rq-vae', { content: 'text' })).toContain(
    'import it with an items file, or set content=auto, vectors or run',
  );
  expect(await problem('bare', 'content-knn')).toContain('it needs item vectors');
  expect(await problem('bare', 'rq-vae', { content: 'run' })).toBeNull();
  expect(await problem('bare', 'imported-ids', { content: 'none' })).toBeNull();
  expect(await problem('bare', 'dlrm')).toBeNull();
  expect(await problem('bare', 'dlrm', { labels: 'rating' })).toContain('has no ratings; set labels=sampled');
  expect(await problem('rated', 'dlrm', { labels: 'rating' })).toBeNull();
  expect(await problem('rated', 'dlrm', { labels: 'given' })).toContain('has no label column');
  expect(await problem('clicks', 'dlrm', { labels: 'sampled' })).toContain('has labels of its own');
  expect(await problem('unlabelled', 'dlrm')).toBeNull();
  expect(await problem('clicks', 'hstu-ranking')).toContain('has no user and item columns; train dlrm');
  expect(await problem('clicks', 'tiger')).toContain("needs users' histories");
  expect(await problem('rated', 'tiger')).toContain(
    'no tokeniser has been trained on this data set; train one first: tessera train --dataset rated --model residual-kmeans',
  );
});

it('takes the vectors of a validated SASRec run where the items say nothing', async () => {
  const store = await datasets();
  const resolved = (dataset: string, model = 'rq-vae') =>
    resolveRequest(store, { dataset, model, overrides: {} });
  expect((await resolved('rated')).config).toMatchObject({ content: 'text', vectorsFrom: '' });
  expect((await resolved('bare')).problem?.fix).toMatchObject({
    window: expect.stringContaining('train SASRec'),
  });

  const bare = store.datasets.find('bare');
  const cold = { coldItems: 0, coldSeed: 1 };
  const sasrecs = {
    older: { selection: 'valid/mrr', protocol: 'validated', ...cold },
    validated: { selection: 'valid/mrr', protocol: 'validated', ...cold },
    paper: { selection: 'test/mrr', protocol: 'paper', ...cold },
    hiding: { selection: 'valid/mrr', protocol: 'validated', ...cold, coldItems: 0.2 },
  };
  for (const [name, config] of Object.entries(sasrecs)) {
    addCheckpoint(store, store.runs.create(newRun(bare, { config, name })).id);
  }
  const { id } = store.runs.find('validated');
  expect((await resolved('bare')).config).toMatchObject({ content: 'run', vectorsFrom: id });
  expect((await resolved('bare', 'content-knn')).config).toMatchObject({ vectorsFrom: id });
  const settled = (config: object) =>
    settledConfig(store, { model: 'rq-vae', dataset: 'bare', config: { ...config, content: 'auto' } });
  const { config } = await settled(sasrecs.hiding);
  expect(config).toMatchObject({ vectorsFrom: store.runs.find('hiding').id });
  const { notes } = await settled({});
  expect(notes).toEqual([expect.stringContaining(`item embeddings of run validated (${id})`)]);

  // The newest, on the same sequences with ratings and titles: whoever names it has it, and is told what it is of.
  const rated = store.datasets.find('rated');
  expect(rated.fingerprint).toBe(bare.fingerprint);
  const like = store.runs.create(newRun(rated, { config: sasrecs.validated, name: 'of rated' }));
  addCheckpoint(store, like.id);
  expect((await settled({})).config).toMatchObject({ vectorsFrom: id });
  const offered = suitableSources(store, { key: 'vectorsFrom', model: 'rq-vae', dataset: 'bare' });
  expect(offered[0]).toMatchObject({ id: like.id, about: 'on rated' });
  expect(offered.find((one) => one.id === id)?.about).toBe('');
  const named = { content: 'run', vectorsFrom: 'of rated' };
  const { vectorsFrom } = resolveSources(store, named, { model: 'rq-vae', dataset: bare });
  expect(vectorsFrom).toBe(like.id);
  const { sources, unknown } = provenanceOf(store, { vectorsFrom }, bare);
  expect(sources[0]).toMatch(/ of the data set rated, which has the same sequences$/);
  expect(unknown).toEqual(provenanceOf(store, { vectorsFrom: id }, bare).unknown);
});

it('names the pretrained model that a run began with, however far', async () => {
  const store = await datasets();
  const rated = store.datasets.find('rated');
  const add = (model: string, name: string, config: Record<string, unknown>) => {
    const { id } = store.runs.create(newRun(rated, { model, name, config }));
    return id;
  };
  const brew = add('brew', 'asked', { weights: '/models/SmolLM2-135M-Instruct.Q4_1.gguf' });
  const words = add('lc-rec', 'words', { languageFrom: brew });
  const policy = add('rewarded', 'better', { policy: words });
  const scratch = add('brew', 'scratch', { weights: '' });
  const named = (config: Record<string, unknown>) => pretrainedOf(store, config);
  for (const config of [store.runs.own(brew).config, { startFrom: brew }, { policy: words }])
    expect(named(config)).toEqual(['SmolLM2-135M-Instruct.Q4_1']);
  expect(named({ startFrom: policy, weights: 'C:\\models\\Qwen3-0.6B\\' })).toEqual([
    'Qwen3-0.6B',
    'SmolLM2-135M-Instruct.Q4_1',
  ]);
  expect(named({ startFrom: scratch })).toEqual([]);
  expect(named({})).toEqual([]);
});

it('records the sizes of what a language run starts from, and refuses others', async () => {
  const store = await datasets();
  const rated = store.datasets.find('rated');
  const { id } = store.runs.create(newRun(rated, { model: 'brew', name: 'stage-1', config: {} }));
  addCheckpoint(store, id);
  const sizes = {
    ...{ vocabulary: 600, dim: 64, blocks: 2, heads: 2, kvHeads: 2, headDim: 32, ffnDim: 171 },
    ...{ tiedHead: true, ropeTheta: 500, normEpsilon: 1e-5 },
  };
  writeLanguageRun(
    store.runs.folder(id),
    {
      ...{ stage: 'pretraining', decoder: { ...sizes, context: 256 }, template: templates.movielens },
      ...{ shots: 20, likeFrom: 4, trainedTasks: [] },
    },
    {},
  );
  const resolved = (overrides: object) =>
    resolveRequest(store, {
      dataset: 'rated',
      model: 'brew',
      overrides: { startFrom: 'stage-1', ...overrides },
    });
  expect((await resolved({ context: 384 })).config).toMatchObject({ ...sizes, context: 384 });
  expect((await resolved({ dim: 64 })).problem).toBeNull();
  expect((await resolved({ dim: 32 })).problem).toMatchObject({
    field: 'dim',
    problem: 'it is 64 in run stage-1, which training starts from, and cannot be 32',
  });
  expect((await resolved({ startFrom: '', vocabulary: 200 })).problem).toMatchObject({ field: 'vocabulary' });
});

it('takes a run by any of its names for the one that training starts from has', async () => {
  const store = await datasets();
  const rated = store.datasets.find('rated');
  const ids = store.runs.create(newRun(rated, { model: 'residual-kmeans', name: 'ids', config: {} }));
  const config = { tokeniser: ids.id };
  const { id: policy } = store.runs.create(newRun(rated, { model: 'tiger', name: 'lists', config }));
  const settled = (tokeniser: string) =>
    withSizes(store, {
      model: 'rewarded',
      config: resolveConfig('rewarded', { overrides: { policy, tokeniser } }),
    });
  for (const name of ['ids', ids.id, '']) expect(settled(name)).toMatchObject({ policy, tokeniser: ids.id });
  expect(() => settled('lists')).toThrow(
    `rewarded config "tokeniser": it is ${ids.id} in run ${policy}, which training starts from, and cannot be lists`,
  );
});

it('offers columns, labels and runs that a config can name', async () => {
  const store = await datasets();
  expect(await configColumns(store, { dataset: 'clicks' })).toMatchObject({
    features: ['site', 'price'],
    items: [],
    actions: [],
  });
  const { features, items, side, labels } = await configColumns(store, { dataset: 'rated' });
  expect(side).toEqual(['rating', 'title']);
  const asked = (sideFeatures: string) =>
    settledConfig(store, { model: 'sasrec', dataset: 'rated', config: { sideFeatures } });
  expect((await asked('rating')).config).toEqual({ sideFeatures: 'rating' });
  // It is trained from another folder, or by another program.
  const { config } = await settledConfig(store, {
    ...{ model: 'residual-kmeans', dataset: 'rated', config: { content: 'vectors', vectorsFile: 'v.npy' } },
  });
  expect(config.vectorsFile).toBe(resolve('v.npy'));
  await expect(asked('rating,genre')).rejects.toThrow(
    'config "sideFeatures": data set "rated" has no column "genre" of items or events; it has rating, title',
  );
  expect(features).toEqual(['user', 'item', 'history', 'history-labels']);
  expect(items).toEqual(['title']);
  expect(labels.flatMap(({ value, obstacle }) => (obstacle === null ? [value] : []))).toEqual([
    'auto',
    'rating',
    'sampled',
  ]);

  const dataset = store.datasets.find('rated');
  for (const model of ['sasrec', 'ease', 'brew']) {
    addCheckpoint(store, store.runs.create(newRun(dataset, { model, name: model })).id);
  }
  const named = (key: 'vectorsFrom' | 'startFrom', model: string) =>
    suitableSources(store, { key, model, dataset: 'rated' }).map(({ name }) => name);
  expect(named('vectorsFrom', 'rq-vae')).toEqual(['sasrec']);
  expect(named('startFrom', 'brew')).toEqual(['brew']);

  // A ranking model starts from a run of its own on any data set, a language model on its own.
  const other = store.datasets.find('others');
  for (const model of ['sasrec', 'brew'])
    addCheckpoint(store, store.runs.create(newRun(other, { model, name: `${model}-others` })).id);
  const offered = suitableSources(store, { key: 'startFrom', model: 'sasrec', dataset: 'rated' });
  expect(offered.map(({ name, about }) => [name, about])).toEqual([
    ['sasrec-others', 'on others'],
    ['sasrec', ''],
  ]);
  expect(named('startFrom', 'brew')).toEqual(['brew']);
});

it('tells before it is trained that a language model would read the ids of items, where they have no titles', async () => {
  const store = await datasets();
  const notes = async (dataset: string, overrides: Record<string, unknown> = {}) => {
    const config = resolveConfig('brew', { overrides });
    return (await settledConfig(store, { model: 'brew', dataset, config })).notes;
  };
  const told =
    'bare has no item titles: prompts name its items by their ids; import it with a file of titles to train on words';
  expect(await notes('bare')).toEqual([`${told}.`]);
  expect(await notes('rated')).toEqual([]);
  const own = (interaction: string) => ({ template: JSON.stringify({ ...templates.plain, interaction }) });
  expect(await notes('bare', own('{item.title} | {answer}'))).toEqual([`${told}.`]);
  const others = JSON.stringify(templates.plain).replaceAll('{item.title}', '{item.kind}');
  expect(await notes('bare', { template: others })).toEqual([]);
  const cautionOf = (dataset: string, model: string) =>
    estimate(store, { dataset, model, overrides: {}, device: 'cpu' }).caution;
  expect(cautionOf('bare', 'brew')).toBe(told);
  expect(cautionOf('rated', 'brew')).toBeNull();
  expect(cautionOf('bare', 'sasrec')).toBeNull();
});
