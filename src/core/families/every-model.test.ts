/** Every model of the registry on real files, from the import to the result: it learns, or says in one line why not. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { some } from '../../../test/form.ts';
import { importDataset } from '../data/import/import.ts';
import type { ImportRequestInput } from '../data/import/request.ts';
import { writeSample } from '../data/sample/sample.ts';
import { UserError } from '../errors.ts';
import { checkMetricNames } from '../evaluation/metrics-table.ts';
import type { RunResult, TrainerEvent } from '../training/events.ts';
import type { Model } from './model.ts';
import { models } from './registry.ts';
import { runTraining } from './trainer.ts';

const DATA = process.env.TESSERA_DATA ?? join(import.meta.dirname, '../../../../shared/data');
const MOVIELENS = join(DATA, 'ml-latest-small');

const home = mkdtempSync(join(tmpdir(), 'tessera-every-model-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Folder of the imported data set. */
async function imported(path: string, options: Partial<ImportRequestInput> = {}): Promise<string> {
  const { id } = await importDataset({ paths: [path], ...options }, { home });
  return join(home, 'datasets', id);
}

const idsOf = (wanted: readonly Model[]) => wanted.map(({ id }) => id);
const readsContent = ({ configSchema }: Model) => 'content' in configSchema.shape;
const ranking = models.filter(({ kind }) => kind === 'trained' || kind === 'fitted');
const names = idsOf(ranking.filter((model) => !readsContent(model)));
/** They need a data set that says something of its items. Imported IDs need a file besides. */
const ofContent = idsOf([
  ...ranking.filter(readsContent),
  ...models.filter((model) => model.kind === 'tokeniser' && model.id !== 'imported-ids'),
]);
const readingSide = idsOf(ranking.filter(({ configSchema }) => 'sideFeatures' in configSchema.shape));
const learning = idsOf(models.filter(({ id, kind }) => kind === 'trained' || id === 'rq-vae'));

/** Sizes that make every model small and its epochs a step or two; each model takes those that it has. */
const small: Record<string, unknown> = {
  dim: 8,
  hidden: 8,
  blocks: 1,
  heads: 1,
  dqk: 8,
  dv: 8,
  periods: 4,
  maxLength: 20,
  negatives: 16,
  epochs: 3,
  evaluateEvery: 3,
  learningRate: 0.02,
  levels: 2,
  codes: 8,
  latentDim: 4,
  contentDim: 16,
};

interface Trained {
  result: RunResult;
  /** Of every step. */
  losses: number[];
}

/** The trainer as the worker runs it. */
async function train(
  id: string,
  datasetDir: string,
  overrides: Record<string, unknown> = {},
): Promise<Trained> {
  const model = models.find((candidate) => candidate.id === id);
  const keys = Object.keys(model?.configSchema.shape ?? {});
  const wanted = Object.entries({ ...small, ...overrides }).filter(([key]) => keys.includes(key));
  const losses: number[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.type !== 'series') return;
    checkMetricNames(event.points.map(({ metric }) => metric));
    losses.push(
      ...event.points.filter(({ metric }) => metric === 'train/loss').flatMap(({ values }) => values),
    );
  };
  const run = { runId: 'run', seed: 3, device: 'cpu', threads: 1, resumeFrom: null } as const;
  const spec = {
    ...run,
    model: id,
    config: Object.fromEntries(wanted),
    datasetDir,
    runDir: join(home, 'run'),
  };
  return { result: await runTraining(spec, emit), losses };
}

function expectNumbers({ result, losses }: Trained): void {
  expect(losses.every(Number.isFinite)).toBe(true);
  checkMetricNames(Object.keys(result.metrics));
  const values = Object.values(result.metrics);
  expect(values.length).toBeGreaterThan(4);
  expect(values.every(Number.isFinite)).toBe(true);
  for (const { ranks } of result.ranks) expect(ranks.every((rank) => rank >= 1)).toBe(true);
}

function expectLearned(trained: Trained, id: string): void {
  expectNumbers(trained);
  const { losses } = trained;
  if (!learning.includes(id)) return;
  const third = losses.length / 3;
  const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  expect(losses.length).toBeGreaterThan(2);
  expect(mean(losses.slice(-third))).toBeLessThan(mean(losses.slice(0, third)));
}

describe('the sample set', () => {
  const folder = join(home, 'sample');
  writeSample(folder, { users: 150, items: 120, seed: 1 });
  const dataset = imported(folder);

  test.each(some([...names, ...ofContent], 4))('teaches %s', async (id) => {
    const batchSize = id === 'bprmf' ? 2000 : 150;
    expectLearned(await train(id, await dataset, { batchSize }), id);
  });

  test.each(some(readingSide, 2))('teaches %s with side features', async (id) => {
    const side = { batchSize: 150, sideFeatures: 'genres,rating' };
    expectLearned(await train(id, await dataset, side), id);
  });

  test('teaches GRU4Rec session-parallel', async () => {
    const original = {
      ...{ training: 'session-parallel', loss: 'sampled-softmax', optimiser: 'adagrad' },
      sideFeatures: 'genres,rating',
    };
    expectLearned(await train('gru4rec', await dataset, { ...original, batchSize: 100 }), 'gru4rec');
  });
});

describe.skipIf(!existsSync(MOVIELENS))('ml-latest-small (set TESSERA_DATA where it is not found)', () => {
  // Items with twenty ratings: the closed form of EASE inverts a matrix as wide as the catalogue.
  const dataset = existsSync(MOVIELENS) ? imported(MOVIELENS, { minItem: 20 }) : Promise.resolve('');

  test.each(some([...names, ...ofContent], 2))('teaches %s', async (id) => {
    const batchSize = id === 'bprmf' ? 20000 : 610;
    expectLearned(await train(id, await dataset, { batchSize, microBatchTokens: 4096 }), id);
  });
});

type Row = (string | number)[];

let files = 0;

/** Imports lines of user, item and, where given, time. */
function importRows(rows: Row[]): Promise<string> {
  const path = join(home, `rows-${files++}.csv`);
  const header = rows[0].length === 3 ? 'user,item,timestamp' : 'user,item';
  writeFileSync(path, `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`);
  return imported(path);
}

/** Eight users with 4 to 11 interactions each; `time` of the i-th of all. */
function histories(time?: (i: number) => number): Row[] {
  const rows = Array.from({ length: 8 }, (_, user) =>
    Array.from({ length: 4 + user }, (_, i) => [`u${user}`, `i${(user + 2 * i) % 13}`]),
  ).flat();
  return time ? rows.map((row, i) => [...row, time(i)]) : rows;
}

const repeated = Array.from({ length: 10000 }, (_, i) => ['collector', 'i0', 1e9 + i]);

test('users with one interaction each, or one item alone, are refused before any training', async () => {
  const single = Array.from({ length: 30 }, (_, user) => [`u${user}`, `i${user % 7}`, 1e9 + user]);
  await expect(importRows(single)).rejects.toThrow(
    /rows-\d+\.csv: too few interactions: no user has 3, so nothing could be held out for tests$/,
  );
  const another = ['another', 'i0', 1e9];
  await expect(importRows([...repeated, another])).rejects.toThrow(/: only one item; at least two are/);
});

const timed = models.filter(({ configSchema }) => 'targetTime' in configSchema.shape).map(({ id }) => id);

const extremes: { name: string; rows: Row[]; ids: string[] }[] = [
  {
    name: 'one item that a user repeats 10,000 times',
    rows: [...repeated, ...histories((i) => 1e9 + i)],
    ids: names,
  },
  {
    name: 'two items, of which one is repeated 10,000 times',
    rows: [...repeated, ...[0, 1, 1, 0, 1].map((item, i) => ['another', `i${item}`, 1e9 + i])],
    ids: names,
  },
  { name: 'equal times', rows: histories(() => 1e9), ids: timed },
  { name: 'times before 1970', rows: histories((i) => -1e9 + 1000 * i), ids: timed },
  { name: 'no times', rows: histories(), ids: timed },
];

describe.each(extremes)('$name', ({ rows, ids }) => {
  const dataset = importRows(rows);

  test.each(some(ids, 2))('%s gives a result', async (id) => {
    expectNumbers(await train(id, await dataset, { epochs: 1, batchSize: 4 }));
  });
});

test('models that need two interactions of a user to train on say so where there are none', async () => {
  const dataset = await importRows(
    ['a', 'b', 'c'].flatMap((user) => [0, 1, 2].map((i) => [user, `i${i}`, i])),
  );
  for (const id of names.filter((id) => learning.includes(id) && id !== 'bprmf')) {
    const training = train(id, dataset);
    await expect(training, id).rejects.toThrow(UserError);
    await expect(training, id).rejects.toThrow(/^there is nothing to train on: no user has two interactions/);
  }
});

test('BPR-MF says so where every user has had every item', async () => {
  const rows = ['a', 'b', 'c'].flatMap((user) =>
    [0, 1, 0, 1, 0].map((item, i) => [user, `i${item}`, 1e9 + i]),
  );
  const training = train('bprmf', await importRows(rows), { batchSize: 4 });
  await expect(training).rejects.toThrow(/^there is nothing to train on: every user has had every item/);
});
