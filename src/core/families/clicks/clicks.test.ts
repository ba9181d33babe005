import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../data/import/import.ts';
import type { DatasetSummary } from '../../data/types.ts';
import { openDevice } from '../../engine/index.ts';
import { CancelledError } from '../../errors.ts';
import { clickMetrics } from '../../evaluation/predictions.ts';
import { readPredictions } from '../../evaluation/predictions-file.ts';
import type { CheckpointInfo, TrainerEvent } from '../../training/events.ts';
import type { RunContext } from '../../training/run-context.ts';
import type { ClickDefinition } from './click-model.ts';
import { clickRates } from './models/click-rates.ts';
import { logistic } from './models/logistic.ts';
import { trainClicks } from './run-clicks.ts';

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
  options: {
    resumeFrom?: string;
    evaluate?: RunContext['spec']['evaluate'];
    stopAt?: number;
    model?: ClickDefinition;
  } = {},
) {
  const { model = logistic } = options;
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const abort = new AbortController();
  const checkpoints: CheckpointInfo[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.type !== 'checkpoint') return;
    checkpoints.push(event.checkpoint);
    if (event.checkpoint.epoch === options.stopAt && event.checkpoint.kind === 'last') abort.abort();
  };
  const parsed = model.configSchema.parse({
    features: 'group,count',
    split: 'random',
    batchSize: 256,
    ...config,
  });
  try {
    const result = await trainClicks(model, {
      spec: {
        runId: name,
        model: model.id,
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

  it('knows the rates of clicks by a column from the training rows', async () => {
    const split = { split: 'last', prior: 3 };
    const { result } = await run('rates', { ...split, by: 'item' }, { model: clickRates });
    const kept = readPredictions(join(root, 'rates'), 'test', ['label', 'again']);
    if (!kept) throw new Error('no predictions');
    const { logits, items, itemCounts } = kept;
    // Rows of item i are i, i + 60, …: each of the 40 users has 30 rows, of which the last two are held out.
    const rows = Array.from({ length: 1200 - 80 }, (_, row) => row);
    const clicked = (row: number) => {
      const [group, noise] = [(row * 7) % 4, (row * 37) % 10];
      return group < 2 ? noise < 8 : noise < 2;
    };
    const overall = rows.filter(clicked).length / rows.length;
    items.forEach((item, at) => {
      const own = rows.filter((row) => row % 60 === item);
      expect(itemCounts[at]).toBe(own.length);
      const rate = (own.filter(clicked).length + 3 * overall) / (own.length + 3);
      expect(logits[0][at]).toBeCloseTo(Math.log(rate / (1 - rate)), 5);
    });
    expect(result).toMatchObject({ epochs: 0, selectedEpoch: 0 });
    const auc = async (by: string) =>
      Number((await run(by, { split: 'random', by }, { model: clickRates })).result?.metrics['test/auc']);
    expect(await auc('group, user')).toBeGreaterThan((await auc('group')) + 0.1);
    await expect(run('none', { ...split, by: 'place' }, { model: clickRates })).rejects.toThrow(
      /the rows have no column "place"; they have .*group/,
    );
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
