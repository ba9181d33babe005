import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { importDataset } from '../../data/import/import.ts';
import type { DatasetSummary } from '../../data/types.ts';
import { openDevice } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { CancelledError } from '../../errors.ts';
import { clickMetrics } from '../../evaluation/predictions.ts';
import { readPredictions } from '../../evaluation/predictions-file.ts';
import { parameter, zeros } from '../../layers/index.ts';
import type { CheckpointInfo, TrainerEvent } from '../../training/events.ts';
import type { RunContext } from '../../training/run-context.ts';
import { clickDataFields, clickTrainingFields } from './click-config.ts';
import { type ClickModel, type ClickSizes, clickModel } from './click-model.ts';
import { trainClicks } from './run-clicks.ts';

const schema = z.object({ ...clickDataFields, ...clickTrainingFields });

/** Logistic regression: a weight for every number and every category. */
const logistic = clickModel({
  id: 'logistic',
  title: 'Logistic',
  summary: '',
  group: 'ranking',
  essentials: [],
  paper: { title: '', authors: '', year: 2000, where: '' },
  configSchema: schema,
  build: (_config, { dense, features, tasks }: ClickSizes): ClickModel => ({
    bags: features.map(({ name, width }) => ({ name, feature: name, codes: { kind: 'same' }, width })),
    vectors: [],
    hostTables: {},
    parameters: {
      dense: parameter([dense.length, tasks.length], zeros),
      ...Object.fromEntries(
        features.map(({ name, vocabulary }) => [name, parameter([vocabulary, tasks.length], zeros)]),
      ),
    },
    randomInputs: () => ({}),
    logits: (parameters, inputs) =>
      features.reduce<tf.Tensor>(
        (sum, { name }) => tf.add(sum, tf.gather(parameters[name], tf.reshape(inputs[`bag/${name}`], [-1]))),
        tf.matMul(inputs.dense as tf.Tensor2D, parameters.dense as tf.Tensor2D),
      ),
  }),
});

let root: string;
let clicks: { summary: DatasetSummary; directory: string };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tessera-clicks-'));
  const lines = Array.from({ length: 1200 }, (_, at) => {
    const [group, noise] = [(at * 7) % 4, (at * 37) % 10];
    const click = group < 2 ? noise < 8 : noise < 2;
    return `${click ? 1 : 0},${noise < 5 ? 1 : 0},g${group},${at % 9},u${at % 40},p${at % 60}`;
  });
  writeFileSync(join(root, 'log.csv'), `label,again,group,count,user,item\n${lines.join('\n')}\n`);
  const map = { label: 'label+again', dense: 'count', categorical: 'group' };
  const summary = await importDataset({ paths: [join(root, 'log.csv')], map }, { home: root });
  clicks = { summary, directory: join(root, 'datasets', summary.id) };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(
  name: string,
  config: Record<string, unknown>,
  options: { resumeFrom?: string; evaluate?: RunContext['spec']['evaluate']; stopAt?: number } = {},
) {
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const abort = new AbortController();
  const checkpoints: CheckpointInfo[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.type !== 'checkpoint') return;
    checkpoints.push(event.checkpoint);
    if (event.checkpoint.epoch === options.stopAt && event.checkpoint.kind === 'last') abort.abort();
  };
  const parsed = schema.parse({ features: 'group,count', split: 'random', batchSize: 256, ...config });
  try {
    const result = await trainClicks(logistic, {
      spec: {
        runId: name,
        model: 'logistic',
        config: parsed,
        datasetDir: clicks.directory,
        seed: 3,
        device: 'cpu',
        threads: 1,
        runDir: join(root, name),
        resumeFrom: options.resumeFrom ?? null,
        evaluate: options.evaluate ?? null,
      },
      config: parsed,
      summary: clicks.summary,
      device,
      emit,
      signal: abort.signal,
      started: () => {},
    }).catch((error: unknown) => {
      if (error instanceof CancelledError) return null;
      throw error;
    });
    return { result, checkpoints };
  } finally {
    await device.dispose();
  }
}

const config = { epochs: 6, learningRate: 0.1, microBatchTokens: 100 };

describe('training of click models', () => {
  it('learns what can be learnt, and keeps the predictions that its metrics are of', async () => {
    const { result } = await run('whole', config);
    expect(result?.metrics['test/auc']).toBeGreaterThan(0.75);
    expect(result?.metrics['test/ne']).toBeLessThan(0.85);
    expect(result?.metrics).toHaveProperty('test/again/logloss');
    const kept = readPredictions(join(root, 'whole'), 'test', ['label', 'again']);
    if (!kept) throw new Error('no predictions');
    expect(kept.rows).toHaveLength(120);
    expect(result?.metrics).toMatchObject(clickMetrics(kept));
    expect(result?.protocol).toMatchObject({
      task: 'ranking',
      labels: 'given',
      tasks: ['label', 'again'],
      split: 'random',
      validShare: 0.1,
      testShare: 0.1,
      splitSeed: 1,
      target: 'test',
      selection: 'validation',
    });
  });

  it('goes on from a checkpoint as if it had never stopped, and evaluates one again', async () => {
    const stopped = await run('stopped', config, { stopAt: 2 });
    expect(stopped.result).toBeNull();
    const resumeFrom = stopped.checkpoints.findLast(({ kind }) => kind === 'last')?.path;
    const resumed = await run('stopped', config, { resumeFrom });
    const whole = await run('again', config);
    expect(resumed.result?.metrics).toEqual(whole.result?.metrics);
    const best = whole.checkpoints.findLast(({ kind }) => kind === 'best');
    if (!best) throw new Error('no best checkpoint');
    const evaluate = { ...best, splits: ['valid', 'test'] as ('valid' | 'test')[] };
    const again = await run('evaluation', config, { evaluate });
    expect(again.result?.metrics).toEqual(whole.result?.metrics);
    expect(readdirSync(join(root, 'evaluation'))).toContain('predictions');
  });

  it('equals one batch in micro-batches, and stops early', async () => {
    const losses = async (name: string, microBatchTokens: number) =>
      (await run(name, { ...config, epochs: 1, microBatchTokens })).result?.metrics['test/logloss'] ?? 0;
    expect(await losses('small', 50)).toBeCloseTo(await losses('large', 1000), 6);
    const { result } = await run('early', { ...config, epochs: 200, learningRate: 3, patience: 1 });
    expect(result?.epochs).toBeLessThan(200);
    expect(result?.selectedEpoch).toBe((result?.epochs ?? 0) - 1);
  });
});
