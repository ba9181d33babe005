import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePretrained } from '../../../../test/language/pretrained.ts';
import { importDataset } from '../../data/import/import.ts';
import { writeSample } from '../../data/sample/sample.ts';
import { countItems } from '../../data/splits/item-counts.ts';
import { adapterParameters } from '../../decoders/decoder.ts';
import { mergeAdapters } from '../../decoders/merge-adapters.ts';
import { baseMetadata } from '../../decoders/pretrained/adapter-base.ts';
import { writePeftAdapter } from '../../decoders/pretrained/peft-adapter.ts';
import { openDevice } from '../../engine/index.ts';
import type { LanguageEvaluation } from '../../evaluation/language-evaluation.ts';
import { readSafetensors, writeSafetensors } from '../../files/safetensors.ts';
import { initialise } from '../../layers/index.ts';
import type { RunResult, TrainerEvent, TrainSpec } from '../../training/events.ts';
import { scoreUsers } from '../score-users.ts';
import { runTraining } from '../trainer.ts';
import { evaluateLanguage } from './evaluate-language.ts';
import { openLanguageRun } from './open-language.ts';
import { readBase, readLanguageRun } from './run-files.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-language-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let dataset = '';
beforeAll(async () => {
  writeSample(join(home, 'sample'), { users: 60, items: 80, seed: 1 });
  const { id } = await importDataset({ paths: [join(home, 'sample')] }, { home });
  dataset = join(home, 'datasets', id);
});

const small = {
  vocabulary: 400,
  dim: 16,
  blocks: 1,
  heads: 2,
  kvHeads: 1,
  context: 128,
  shots: 6,
  batchSize: 2,
  epochs: 3,
  stepsPerEpoch: 8,
  heldOutUsers: 12,
  testUsers: 12,
  warmupSteps: 2,
  learningRate: 0.01,
};

interface Trained {
  result: RunResult;
  dir: string;
  config: Record<string, unknown>;
  checkpoints: string[];
  /** Held-out losses from before the first step on. */
  losses: number[];
  said: string[];
}

/** The trainer as the worker runs it, starting from another run where one is given. */
async function train(
  name: string,
  config: Record<string, unknown>,
  options: { from?: Trained; resumeFrom?: string; signal?: AbortSignal } = {},
): Promise<Trained> {
  const dir = join(home, 'runs', name);
  mkdirSync(dir, { recursive: true });
  const { from, resumeFrom = null, signal } = options;
  const checkpoints: string[] = [];
  const losses: number[] = [];
  const said: string[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.type === 'log') said.push(`${event.level}: ${event.message}`);
    if (event.type === 'checkpoint') checkpoints.push(event.checkpoint.path);
    if (event.type !== 'series') return;
    for (const { metric, values } of event.points) if (metric === 'valid/loss') losses.push(...values);
  };
  const best = from?.checkpoints.filter((path) => path.includes('best')).at(-1) ?? null;
  const source = from && {
    run: 'before',
    name: 'before',
    model: 'brew',
    config: from.config,
    dir: from.dir,
    checkpoint: best,
  };
  const whole = { ...small, ...(from ? { startFrom: 'before' } : {}), ...config };
  const spec: TrainSpec = {
    runId: name,
    model: 'brew',
    config: whole,
    datasetDir: dataset,
    seed: 3,
    device: 'cpu',
    threads: 1,
    runDir: dir,
    resumeFrom,
    sources: source ? { startFrom: source } : {},
  };
  return { result: await runTraining(spec, emit, signal), dir, config: whole, checkpoints, losses, said };
}

function expectFalling({ losses }: Trained): void {
  expect(losses.length).toBe(4);
  expect(losses[3]).toBeLessThan(losses[0] - 0.02);
}

test('the three stages feed each other: each held-out loss falls, and answers can be measured after each', async () => {
  const first = await train('first', { stage: 'pretraining' });
  expectFalling(first);
  const second = await train('second', { stage: 'instruction', unseenTask: 'pick' }, { from: first });
  expectFalling(second);
  const third = await train('third', { stage: 'fine-tuning', epochs: 1 }, { from: second });
  for (const { result } of [first, second, third]) {
    expect(result.protocol).toMatchObject({ task: 'ranking', labels: 'rating', split: 'last' });
    expect(result.metrics['test/auc']).toBeGreaterThanOrEqual(0);
    expect(Object.values(result.metrics).every(Number.isFinite)).toBe(true);
  }
  const run = readLanguageRun(third.dir);
  expect(run.trainedTasks).toContain('like');
  expect(run.trainedTasks).not.toContain('pick');
  expect(run.decoder).toEqual(readLanguageRun(first.dir).decoder);
  expect(run.tokenizerFile).toEqual(readLanguageRun(first.dir).tokenizerFile);
});

test('what is asked of a run later agrees with what its training told', async () => {
  const trained = await train('asked', { stage: 'instruction', unseenTask: 'pick', epochs: 1, context: 256 });
  const { metrics } = trained.result;
  const best = trained.checkpoints.findLast((path) => path.includes('best')) as string;
  const opened = await openLanguageRun({
    model: 'brew',
    datasetDir: dataset,
    runDir: trained.dir,
    checkpoint: best,
  });
  const popularity = {
    kind: 'scores' as const,
    name: 'popular',
    model: 'popularity',
    config: {},
    checkpoint: join(home, 'popular.safetensors'),
  };
  const counts = countItems(opened.verbaliser.data, opened.split.trainEnds());
  writeSafetensors(popularity.checkpoint, {
    counts: { spec: { shape: [counts.length], dtype: 'float32' }, data: counts },
  });
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const common = {
    ...opened,
    trainedTasks: opened.run.trainedTasks,
    device,
    users: 12,
    fewerUsers: 6,
    scoreUsers,
  };
  const found = await evaluateLanguage({
    ...common,
    ...{ candidates: 5, retriever: popularity, baselines: [popularity, popularity] },
  });
  const alone = await evaluateLanguage({ ...common, candidates: 0, retriever: null, baselines: [] });
  await device.dispose();
  const both = 'item popularity = popular';
  expect(found.answers.auc).toBeCloseTo(metrics['test/auc'], 4);
  expect(found.answers.logloss).toBeCloseTo(metrics['test/logloss'], 4);
  expect(found.rivals[0].auc).toBeCloseTo(metrics['test/auc of popularity'], 6);
  // The same counts by way of a run: one predictor, tested once, by both names.
  expect(found.rivals.map(({ name }) => name)).toEqual([both, 'share of likes of the item']);
  const figuresOf = ({ rivals }: LanguageEvaluation) => rivals.map(({ name: _, ...figures }) => figures);
  expect(figuresOf(found)).toEqual(figuresOf(alone));
  expect(found.asked).toEqual({
    ...{ users: 12, ofUsers: 60, fewerUsers: 6, candidates: 5, retriever: 'popular' },
    against: ['popular', 'popular'],
  });
  expect(found.shots.map(({ shots }) => shots)).toEqual([0, 1, 5, 20, 50]);
  expect(found.shots[0].meanShown).toBe(0);
  expect(found.calibration.reduce((sum, { count }) => sum + count, 0)).toBe(found.answers.questions);
  expect(Object.fromEntries(found.tasks.map(({ task, trained: seen }) => [task, seen]))).toMatchObject({
    pick: false,
  });
  const [drawn, retrieved] = found.reranks;
  expect(drawn).toMatchObject({ kind: 'drawn', users: 6, covered: 6 });
  expect(drawn.figures.map(({ name }) => name)).toEqual(['this run', both]);
  for (const { all, covered } of drawn.figures) {
    expect(all.hr10).toBeGreaterThanOrEqual(all.hr1);
    expect(covered).toEqual(all);
  }
  expect(drawn.figures[0].all.hr10).toBe(1);
  // The catalogue is smaller than the list, so all items that the history leaves are in it.
  expect(retrieved).toMatchObject({ kind: 'retrieved', users: 6, covered: 6 });
  expect(retrieved.figures.map(({ name }) => name)).toEqual(['this run', both]);
});

test('a run that goes on from a checkpoint ends where an uninterrupted one does, bit for bit', async () => {
  const config = { stage: 'fine-tuning', dropout: 0.1, epochs: 2 };
  const whole = await train('whole', config);
  const half = await train('half', { ...config, epochs: 1, schedule: 'constant' });
  const last = half.checkpoints.find((path) => path.endsWith('last-8.safetensors')) as string;
  const constant = await train('constant', { ...config, schedule: 'constant' });
  const resumed = await train('half', { ...config, schedule: 'constant' }, { resumeFrom: last });
  const parametersOf = ({ dir }: Trained) => {
    const path = join(dir, 'checkpoints', 'last-16.safetensors');
    return Object.fromEntries(Object.entries(readSafetensors(path)).map(([name, { data }]) => [name, data]));
  };
  expect(parametersOf(resumed)).toEqual(parametersOf(constant));
  expect(parametersOf(whole)).not.toEqual(parametersOf(constant));
});

test('a run that goes on needs neither the pretrained model that it began with nor its tokenizer', async () => {
  const weights = writePretrained(join(home, 'pretrained'));
  const config = { stage: 'fine-tuning', weights, context: 512, schedule: 'constant' };
  const whole = await train('pretrained-whole', { ...config, epochs: 2 });
  const half = await train('pretrained-half', { ...config, epochs: 1 });
  rmSync(weights, { recursive: true });
  const resumeFrom = half.checkpoints.find((path) => path.endsWith('last-8.safetensors'));
  const resumed = await train('pretrained-half', { ...config, epochs: 2 }, { resumeFrom });
  expect(resumed.result.metrics).toEqual(whole.result.metrics);
  expect(readLanguageRun(resumed.dir)).toEqual(readLanguageRun(whole.dir));
});

test('where no epoch beats the start, what is tested is what training began with, wherever that is by then', async () => {
  const from = await train('started', { stage: 'fine-tuning', epochs: 1 });
  const worse = { stage: 'fine-tuning', learningRate: 100, schedule: 'constant' };
  const half = await train('worse', { ...worse, epochs: 1 }, { from });
  expect(half.result.selectedEpoch).toBe(0);
  expect(half.result.metrics['valid/loss']).toBe(half.losses[0]);
  renameSync(from.dir, `${from.dir}-away`);
  const resumeFrom = half.checkpoints.find((path) => path.endsWith('last-8.safetensors'));
  const resumed = await train('worse', { ...worse, epochs: 2, startFrom: 'before' }, { resumeFrom });
  expect(resumed.result.selectedEpoch).toBe(0);
  expect(resumed.result.metrics).toEqual(half.result.metrics);
  // An earlier version kept nothing of the start.
  renameSync(`${from.dir}-away`, from.dir);
  rmSync(join(half.dir, 'checkpoints', 'best-0.safetensors'));
  const begunEarlier = await train('worse', { ...worse, epochs: 2 }, { from, resumeFrom });
  expect(begunEarlier.result.metrics).toEqual(half.result.metrics);
});

test('adapters leave the frozen matrices as they are, and the best checkpoint is whole without them', async () => {
  const base = await train('base', { stage: 'pretraining', epochs: 1 });
  const adapted = await train('adapted', { stage: 'fine-tuning', loraRank: 2 }, { from: base });
  expectFalling(adapted);
  const checkpoints = readdirSync(join(adapted.dir, 'checkpoints'));
  const read = (kind: string, { dir }: Trained) => {
    const names = readdirSync(join(dir, 'checkpoints')).filter(
      (name) => name.startsWith(kind) && name.endsWith('safetensors'),
    );
    return readSafetensors(join(dir, 'checkpoints', names.sort().at(-1) as string));
  };
  expect(checkpoints.length).toBeGreaterThan(0);
  const [last, best, before] = [read('last', adapted), read('best', adapted), read('best', base)];
  expect(last['blocks/0/query/weight'].data).toEqual(before['blocks/0/query/weight'].data);
  const whole = Object.keys(best).filter((name) => !name.includes('adapter'));
  expect(whole.sort()).toEqual(Object.keys(before).sort());
  expect(best['blocks/0/query/weight'].data).not.toEqual(before['blocks/0/query/weight'].data);
  // Worked into the frozen matrices, the adapters beside them are what is tested.
  const values = Object.fromEntries(
    Object.entries({ ...best, ...before }).map(([name, { data }]) => [name, data as Float32Array]),
  );
  const { decoder } = readLanguageRun(adapted.dir);
  const merged = mergeAdapters(decoder, { rank: 2, alpha: 16 }, values);
  expect(merged['blocks/0/query/weight']).toEqual(best['blocks/0/query/weight'].data);
});

test('an adapter says of which model it is, and is refused on other weights of the same sizes', async () => {
  const weights = writePretrained(join(home, 'base-of-adapter'));
  const other = writePretrained(join(home, 'another-base'), 2);
  const tuned = { stage: 'fine-tuning', context: 512, epochs: 0 };
  const { dir } = await train('lora', { ...tuned, weights, loraRank: 2 });
  const { decoder } = readLanguageRun(dir);
  const adapters = { rank: 2, alpha: 16, targets: ['query' as const] };
  const values = initialise(adapterParameters(decoder, adapters), 1) as Record<string, Float32Array>;
  const adapter = join(home, 'adapter');
  writePeftAdapter(adapter, { adapters, values }, decoder, weights, baseMetadata(readBase(dir)));
  const { said } = await train('on-its-own', { ...tuned, weights, adapter });
  expect(said).toContain(`info: the adapter changes "${weights}", as the model is called`);
  await expect(train('on-another', { ...tuned, weights: other, adapter })).rejects.toThrow(
    /adapter: the adapter was trained on other weights than those of .*another-base/,
  );
});
