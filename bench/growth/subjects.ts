/** What is measured as a data set, a model or a home grows: one work each, along one size. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SequenceBatches } from '../../src/core/data/batches/sequence-batches.ts';
import { importDataset } from '../../src/core/data/import/import.ts';
import { openInteractions } from '../../src/core/data/read.ts';
import { leaveLastOut } from '../../src/core/data/splits/leave-last-out.ts';
import { openDevice } from '../../src/core/engine/index.ts';
import { Tiger, type TigerConfig } from '../../src/core/families/generative/models/tiger.ts';
import { UserLister } from '../../src/core/families/generative/search/generative-ranker.ts';
import { type SasRecConfig, sasRecModel } from '../../src/core/families/next-item/models/sasrec.ts';
import { DeviceRanker } from '../../src/core/families/next-item/ranking/device-ranker.ts';
import { resolveConfig } from '../../src/core/families/registry.ts';
import { fitLevels } from '../../src/core/families/tokenisers/models/residual-kmeans.ts';
import { Random } from '../../src/core/math/random.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { runTableQuery } from '../../src/core/store/table/run-table-types.ts';
import { evaluationSet } from '../../src/core/training/ranking/evaluation-set.ts';
import { StepRunner } from '../../src/core/training/step-runner.ts';
import { codeData } from '../code-data.ts';
import { generate } from '../generated.ts';
import { generateRatings } from '../import/generate.ts';
import { addRuns } from '../ui/store.ts';

export interface Measured {
  /** Of process CPU. */
  seconds: number;
  /** Most memory above what stood before. */
  memory: number;
  /** Bytes of files, where there are any. */
  disk?: number;
}

export type Axis = 'interactions' | 'users' | 'items' | 'length' | 'width' | 'beams' | 'runs';

export interface Subject {
  /** In tables and legends. */
  title: string;
  axis: Axis;
  /** Ascending. */
  sizes: readonly number[];
  /** What the work is besides its size. */
  setting: string;
  /** Size that it is carried on to. */
  target: number;
  measure(size: number): Promise<Measured>;
}

/** Of the vectors that get IDs. */
const DIM = 16;

/** Half decades: 10, 32, 100, 316, … */
const halves = (from: number, to: number) =>
  Array.from({ length: Math.round(2 * Math.log10(to / from)) + 1 }, (_, at) =>
    Math.round(from * 10 ** (at / 2)),
  );

/** CPU time of the work, and the process's peak above what stands now. Each point has a process of its own. */
async function measured(work: () => unknown): Promise<Measured> {
  return timed(process.memoryUsage.rss(), work);
}

async function timed(before: number, work: () => unknown): Promise<Measured> {
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const memory = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
  return { seconds: (user + system) / 1e6, memory };
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-growth-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A generated ratings file of so many rows, and where a data set is made of it. */
function imported(rows: number, use: (source: string, home: string) => Promise<Measured>): Promise<Measured> {
  return inFolder((folder) => {
    const source = join(folder, 'ratings.csv');
    const items = Math.min(26_744, rows);
    generateRatings(source, { rows, users: Math.ceil(rows / 144), items, order: 'by-time', seed: 1 });
    return use(source, join(folder, 'home'));
  });
}

interface Step {
  rows: number;
  length: number;
  items: number;
  [key: string]: string | number;
}

/** A training step of SASRec after its first; memory is that of parameters, optimiser and steps. */
async function step({ rows, length, items, ...others }: Step): Promise<Measured> {
  const tokens = rows * length;
  const overrides = { batchSize: rows, maxLength: length, microBatchTokens: tokens, ...others };
  const config = resolveConfig('sasrec', { overrides }) as SasRecConfig;
  const data = generate(Array<number>(rows).fill(length), items);
  const batches = new SequenceBatches(data, data.offsets.subarray(1), {
    ...{ batchSize: rows, microBatchTokens: tokens, maxLength: length, columns: {}, seed: 1 },
  });
  const before = process.memoryUsage.rss();
  const { context } = await openDevice('cpu', { threads: 1 });
  const runner = new StepRunner(sasRecModel(config, data), config, context, 1);
  await runner.initialise();
  const next = (number: number) => runner.step(number, config.learningRate, batches.step(number - 1, 0));
  await next(1);
  const STEPS = 2;
  const { seconds, memory } = await timed(before, async () => {
    for (let number = 2; number < 2 + STEPS; number++) await next(number);
  });
  await context.dispose();
  return { seconds: seconds / STEPS, memory };
}

/** Ranks of all users with lists of ten: SASRec, histories of ten. */
async function ranking(users: number, items: number): Promise<Measured> {
  const data = generate(Array<number>(users).fill(10), items);
  const config = resolveConfig('sasrec') as SasRecConfig;
  const before = process.memoryUsage.rss();
  const { context } = await openDevice('cpu', { threads: 1 });
  const model = sasRecModel(config, data);
  await new StepRunner(model, config, context, 1).initialise();
  const ranker = new DeviceRanker({
    ...{ model, data, device: context, microBatchTokens: config.microBatchTokens, topK: 10 },
    set: evaluationSet(leaveLastOut(data), 'test'),
    rule: { historyFilter: 'all', historyWindow: 200, rankLimit: null },
  });
  const result = await timed(before, () => ranker.rank(() => {}));
  await context.dispose();
  return result;
}

function ids(items: number): Promise<Measured> {
  const data = new Float32Array(items * DIM);
  const random = new Random(1);
  for (let at = 0; at < data.length; at++) data[at] = random.normal();
  const content = { items, dim: DIM, data };
  const overrides = { levels: 3, codes: 32, iterations: 10 };
  const config = resolveConfig('residual-kmeans', { overrides }) as Parameters<typeof fitLevels>[0];
  return measured(() =>
    fitLevels(config, { content, seed: 1, onProgress: () => {} } as Parameters<typeof fitLevels>[1]),
  );
}

/** Lists of ten of TIGER for 64 users; memory is also that of the tree of all IDs. */
async function lists(items: number, beams: number): Promise<Measured> {
  const before = process.memoryUsage.rss();
  const overrides = { tokeniser: 'none', encoding: 'causal', collisionToken: true, beams };
  const config = resolveConfig('tiger', { overrides }) as TigerConfig;
  const { data, catalogue } = codeData({ users: 64, items, levels: 4, codes: 256 }, config);
  const { context } = await openDevice('cpu', { threads: 1 });
  const model = new Tiger(config, catalogue.tokens.levels);
  await new StepRunner(model, config, context, 1).initialise();
  const users = Int32Array.from({ length: data.users }, (_, user) => user);
  const lister = new UserLister(
    { ...{ model, catalogue, data, device: context, seed: 1, users }, historyEnds: data.offsets.subarray(1) },
    { length: 10, minBeams: 1, purpose: 'result', levelAccuracy: false },
  );
  const result = await timed(before, () =>
    lister.list(
      () => ({ targets: [], filtered: new Set<number>() }),
      () => {},
    ),
  );
  await context.dispose();
  return result;
}

/** First rows of the table of runs, sorted by a metric. */
function tableOfRuns(runs: number): Promise<Measured> {
  return inFolder(async (home) => {
    const store = openStore(home);
    store.transaction(() => addRuns(store, runs));
    const query = runTableQuery.parse({ metrics: ['test/ndcg@10'], limit: 200 });
    store.table.page(query);
    const [changed] = store.runs.ids();
    const TIMES = 3;
    const { seconds, memory } = await measured(() => {
      for (let at = 0; at < TIMES; at++) {
        // What has been read is kept until something changes.
        store.table.annotate(changed, { tags: [`${at}`] });
        store.table.page(query);
      }
    });
    store.close();
    return { seconds: seconds / TIMES, memory, disk: statSync(join(home, 'tessera.db')).size };
  });
}

/** By name. The first size of each is the smallest, which is what it takes beside its size. */
export const subjects: Record<string, Subject> = {
  import: {
    title: 'import of ratings',
    ...{ axis: 'interactions', sizes: halves(1e4, 1e7), target: 1e9 },
    setting: 'CSV in the order of time, 144 interactions a user',
    measure: (rows) =>
      imported(rows, (source, home) => measured(() => importDataset({ paths: [source] }, { home }))),
  },
  read: {
    title: 'reading them for training',
    ...{ axis: 'interactions', sizes: halves(1e4, 1e7), target: 1e9 },
    setting: 'the same data sets',
    measure: (rows) =>
      imported(rows, async (source, home) => {
        const { id } = await importDataset({ paths: [source] }, { home });
        // The import was here too: what is held counts, not the peak.
        let held = 0;
        const { seconds } = await measured(async () => {
          const { offsets, itemIds, times, ratings } = await openInteractions(join(home, 'datasets', id));
          const arrays = [offsets, itemIds, times, ratings].filter((array) => array !== null);
          held = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
        });
        return { seconds, memory: held };
      }),
  },
  'ranking-users': {
    title: 'ranks of a test',
    ...{ axis: 'users', sizes: halves(32, 32_000), target: 1e8 },
    setting: 'SASRec, width 64, 12,101 items, lists of 10',
    measure: (users) => ranking(users, 12_101),
  },
  'ranking-items': {
    title: 'ranks of 32 users',
    ...{ axis: 'items', sizes: halves(1e3, 1e6), target: 1e8 },
    setting: 'SASRec, width 64, lists of 10',
    measure: (items) => ranking(32, items),
  },
  'step-items': {
    title: 'step, items on the device',
    ...{ axis: 'items', sizes: halves(1e3, 1e6), target: 1e8 },
    setting: 'SASRec, 32 × 50, width 64, 128 shared negatives, AdamW',
    measure: (items) => step({ rows: 32, length: 50, items, negativeSharing: 'batch' }),
  },
  'step-items-host': {
    title: 'step, items on the host',
    ...{ axis: 'items', sizes: halves(1e4, 1e7), target: 1e8 },
    setting: 'the same, itemTable=host, row-wise Adagrad',
    measure: (items) =>
      step({
        ...{ rows: 32, length: 50, items, negativeSharing: 'batch' },
        ...{ itemTable: 'host', optimiser: 'rowwise-adagrad' },
      }),
  },
  ids: {
    title: 'Semantic IDs',
    ...{ axis: 'items', sizes: halves(1e3, 1e6), target: 1e8 },
    setting:
      'residual k-means of vectors of 16, 3 levels of 32 codes, 10 iterations, fitted to at most 100,000 items',
    measure: ids,
  },
  'lists-items': {
    title: 'lists of TIGER for 64 users',
    ...{ axis: 'items', sizes: halves(1e3, 1e6), target: 1e8 },
    setting: '20 beams, 4 codes of 256 and a token for equal ones',
    measure: (items) => lists(items, 20),
  },
  'step-length': {
    title: 'step by length',
    ...{ axis: 'length', sizes: halves(8, 8_000), target: 1e5 },
    setting: 'SASRec, one history, width 64, 1,000 items, 128 shared negatives',
    measure: (length) => step({ rows: 1, length, items: 1000, negativeSharing: 'batch' }),
  },
  'step-width': {
    title: 'step by width',
    ...{ axis: 'width', sizes: [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096], target: 1e5 },
    setting: 'SASRec, 16 × 50, 1,000 items, 128 shared negatives',
    measure: (dim) => step({ rows: 16, length: 50, items: 1000, dim, negativeSharing: 'batch' }),
  },
  'lists-beams': {
    title: 'lists of TIGER by beams',
    ...{ axis: 'beams', sizes: halves(1, 1000), target: 1e4 },
    setting: '64 users, 12,000 items, 4 codes of 256',
    measure: (beams) => lists(12_000, beams),
  },
  runs: {
    title: 'first rows of the table of runs after a change',
    ...{ axis: 'runs', sizes: halves(10, 10_000), target: 1e6 },
    setting: '50 metrics each, sorted by a metric',
    measure: tableOfRuns,
  },
};
