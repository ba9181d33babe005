/** Trainings with float16 products, on the CPU, which rounds to them: gradients, quality, resume. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallConfig } from '../../../test/small-models.ts';
import { importDataset } from '../data/import/import.ts';
import { writeSample } from '../data/sample/sample.ts';
import { CancelledError } from '../errors.ts';
import { readCheckpoint } from '../training/checkpoints.ts';
import type { RunResult, TrainerEvent } from '../training/events.ts';
import { findModel, resolveConfig } from './registry.ts';
import { runTraining } from './trainer.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-half-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let datasetDir: string;
const ids = { run: 'ids', name: 'ids', model: 'residual-kmeans', config: {}, checkpoint: null };
const sources = { tokeniser: { ...ids, dir: join(home, 'ids') } };
let runs = 0;

interface Trained {
  result: RunResult | null;
  events: TrainerEvent[];
  /** Of the newest checkpoint. */
  last: ReturnType<typeof readCheckpoint> & { path: string };
}

async function train(
  model: string,
  config: Record<string, unknown>,
  { resumeFrom = null, stopAt }: { resumeFrom?: string | null; stopAt?: number } = {},
): Promise<Trained> {
  const events: TrainerEvent[] = [];
  const abort = new AbortController();
  const emit = (event: TrainerEvent) => {
    events.push(event);
    if (event.type === 'checkpoint' && event.checkpoint.epoch === stopAt) abort.abort();
  };
  const runDir = resumeFrom ? join(resumeFrom, '../..') : join(home, `run-${runs++}`);
  const spec = {
    runId: 'r',
    seed: 1,
    device: 'cpu',
    threads: 1,
    model,
    config,
    datasetDir,
    sources,
  } as const;
  const result = await runTraining({ ...spec, runDir, resumeFrom }, emit, abort.signal).catch((error) => {
    if (error instanceof CancelledError) return null;
    throw error;
  });
  const saved = events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint.path] : []));
  const path = saved.findLast((file) => basename(file).startsWith('last-')) ?? '';
  return { result, events, last: { ...readCheckpoint(path), path } };
}

beforeAll(async () => {
  const files = writeSample(join(home, 'files'), { users: 200, items: 80, seed: 1 });
  datasetDir = join(home, 'datasets', (await importDataset({ paths: files }, { home })).id);
  const { id: model } = findModel('residual-kmeans');
  const config = resolveConfig(model, { overrides: { levels: 2, codes: 8 } });
  const spec = { runId: 'ids', seed: 1, device: 'cpu', threads: 1, resumeFrom: null, model, config } as const;
  await runTraining({ ...spec, datasetDir, runDir: join(home, 'ids') }, () => {});
});

const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0));

const messagesOf = (events: readonly TrainerEvent[]) =>
  events.flatMap((event) => (event.type === 'log' ? [event.message] : []));

/** The gradients of the last of a few steps that change next to nothing: the first moments of an Adam that keeps none. */
async function gradients(id: string, overrides: Record<string, unknown>) {
  const still = { learningRate: 1e-12, beta1: 0, epochSteps: 8, dim: 16 };
  const model = findModel(id);
  const optimiser = id === 'dlrm' ? 'lazy-adam' : 'adam';
  const { last, events } = await train(id, smallConfig(model, { optimiser, ...still, ...overrides }));
  const told = messagesOf(events).filter((message) => message.includes('are left out'));
  expect(told).toHaveLength(last.state.lossScale?.leftOut ? 1 : 0);
  const moments = Object.entries(last.tensors).filter(([name]) => name.startsWith('m/'));
  return Object.fromEntries(moments.map(([name, { data }]) => [name, data]));
}

test.each([
  ['sasrec', { loss: 'sampled-softmax' }],
  ['sasrec', { loss: 'full-softmax', clipNorm: 1e-3, recomputeBlocks: true }],
  ['hstu', {}],
  ['gru4rec', {}],
  ['tiger', {}],
  ['dlrm', { batchSize: 64, microBatchTokens: 32 }],
])("%s: gradients within float16's error of float32's", async (id, overrides) => {
  const [whole, half] = [
    await gradients(id, overrides),
    await gradients(id, { ...overrides, precision: 'float16' }),
  ];
  const all = norm(Object.values(whole).map(norm));
  expect(all).toBeGreaterThan(0);
  const errors = Object.entries(whole).map(([name, values]) => {
    const error = norm(Array.from(values, (value, at) => half[name][at] - value));
    // What is nearly 0, such as the bias of a key, is rounding noise in both.
    return error / Math.max(norm(values), 1e-3 * all);
  });
  // A rectified number near 0 may fall to the other side: of DLRM's, a few in a hundred of a small gradient.
  expect(Math.max(...errors)).toBeLessThan(id === 'dlrm' ? 4e-2 : 5e-3);
  expect(Math.max(...errors)).toBeGreaterThan(1e-5);
});

test('a training in float16 ranks like one in float32, and goes on exactly, its loss scale too', async () => {
  const overrides = { dim: 16, maxLength: 20, epochs: 4, patience: 0, batchSize: 32, dropout: 0 };
  const configOf = (precision: string) => resolveConfig('sasrec', { overrides: { ...overrides, precision } });
  const whole = await train('sasrec', configOf('float32'));
  const half = await train('sasrec', configOf('float16'));
  const gains = ({ result }: Trained) =>
    Array.from(result?.ranks.at(-1)?.ranks ?? [], (rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0));
  const differences = gains(whole).map((gain, user) => gains(half)[user] - gain);
  const mean = differences.reduce((sum, x) => sum + x) / differences.length;
  const spread = norm(differences.map((x) => x - mean)) / differences.length;
  expect(differences.length).toBeGreaterThan(150);
  expect(Math.abs(mean)).toBeLessThanOrEqual(3 * spread);
  expect(half.last.state.lossScale?.goodSteps).toBeGreaterThan(0);
  const { lossScale } = half.last.state;
  expect((lossScale?.goodSteps ?? 0) + (lossScale?.leftOut ?? 0)).toBeLessThanOrEqual(half.last.state.step);
  const stopped = await train('sasrec', configOf('float16'), { stopAt: 2 });
  expect(stopped.result).toBeNull();
  const resumed = await train('sasrec', configOf('float16'), { resumeFrom: stopped.last.path });
  expect(resumed.last.tensors).toEqual(half.last.tensors);
  expect(resumed.last.state.lossScale).toEqual(lossScale);
  expect(resumed.result?.metrics).toMatchObject({ 'test/ndcg@10': half.result?.metrics['test/ndcg@10'] });
  const told = messagesOf(half.events).filter((message) => message.includes('slower than precision=float32'));
  expect(told).toHaveLength(1);
});
