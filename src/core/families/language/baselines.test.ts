import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importDataset } from '../../data/import/import.ts';
import { writeSample } from '../../data/sample/sample.ts';
import { compareRuns } from '../../documents/comparison/comparison.ts';
import type { ComparedRun } from '../../documents/types.ts';
import { openDevice } from '../../engine/index.ts';
import { auc } from '../../evaluation/classification.ts';
import { aucInterval, placements } from '../../evaluation/delong.ts';
import type { AnswerFigures } from '../../evaluation/language-evaluation.ts';
import type { ClickPredictions } from '../../evaluation/predictions.ts';
import { readPredictions } from '../../evaluation/predictions-file.ts';
import type { RunResult, TrainSpec } from '../../training/events.ts';
import { scoreUsers } from '../score-users.ts';
import { runTraining } from '../trainer.ts';
import { distinct } from './baselines.ts';
import { evaluateLanguage } from './evaluate-language.ts';
import type { LanguageEvaluationOptions } from './evaluation-options.ts';
import { openLanguageRun } from './open-language.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-baselines-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('a ranking run answers the same questions with what it predicted of the last rows', async () => {
  writeSample(join(home, 'sample'), { users: 50, items: 60, seed: 2 });
  const { id } = await importDataset({ paths: [join(home, 'sample')] }, { home });
  const datasetDir = join(home, 'datasets', id);
  const trained = async (model: string, config: Record<string, unknown>) => {
    const runDir = join(home, 'runs', `${model}-${config.split ?? 'text'}`);
    mkdirSync(runDir, { recursive: true });
    const spec: TrainSpec = {
      runId: model,
      model,
      config,
      datasetDir,
      seed: 1,
      device: 'cpu',
      threads: 1,
      runDir,
      resumeFrom: null,
      sources: {},
    };
    let best = '';
    const result = await runTraining(spec, (event) => {
      if (event.type === 'checkpoint' && event.checkpoint.path.includes('best')) best = event.checkpoint.path;
    });
    return { result, runDir, best };
  };
  const sizes = { vocabulary: 400, dim: 16, blocks: 1, heads: 2, context: 256, shots: 4 };
  const brew = await trained('brew', { ...sizes, epochs: 0, heldOutUsers: 5, testUsers: 0 });
  const ranking = { features: 'user,item', dim: 4, bottom: '', top: '8', epochs: 2, batchSize: 64 };
  const predictionsOf = async (split: string) => {
    const { result, runDir } = await trained('dlrm', { ...ranking, split });
    const predictions = readPredictions(runDir, 'test', ['rating>=4']);
    if (!predictions) throw new Error('no predictions');
    return { result, predictions };
  };
  const [last, random] = [await predictionsOf('last'), await predictionsOf('random')];

  const opened = await openLanguageRun({
    model: 'brew',
    datasetDir,
    runDir: brew.runDir,
    checkpoint: brew.best,
  });
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const options: LanguageEvaluationOptions = {
    ...opened,
    trainedTasks: [],
    device,
    users: 0,
    fewerUsers: 12,
    candidates: 0,
    retriever: null,
    scoreUsers,
    baselines: [{ kind: 'predictions', name: 'clicks', predictions: last.predictions }],
  };
  const { answers, rivals } = await evaluateLanguage(options);
  expectComparable(brew, last, answers);
  const { metrics } = last.result;
  const clicks = rivals[2];
  expect(answers.questions).toBe(last.predictions.rows.length);
  expect(clicks.name).toBe('clicks');
  expect(clicks.auc).toBeCloseTo(metrics['test/auc'], 10);
  expect(clicks.logloss).toBeCloseTo(metrics['test/logloss'], 6);
  expect(clicks.ece).toBeCloseTo(metrics['test/ece'], 6);
  const own = placements(last.predictions.labels[0], last.predictions.logits[0]);
  expect(clicks.interval[0]).toBeCloseTo(aucInterval(own).interval[0], 10);
  expect(clicks.difference.value).toBeCloseTo(clicks.auc - answers.auc, 10);
  expect(clicks.difference.interval[0]).toBeLessThan(clicks.difference.value);
  // Popularity is no probability; the share of likes is.
  expect(rivals.map(({ logloss }) => logloss === null)).toEqual([true, false, false]);

  const others = { kind: 'predictions', name: 'others', predictions: random.predictions } as const;
  await expect(evaluateLanguage({ ...options, baselines: [others] })).rejects.toThrow(
    /run others was tested on other rows/,
  );
  await device.dispose();
});

test('answers that are the same are one predictor by all of its names, and those of equal order are not', () => {
  const given = [
    { name: 'counts', scores: [3, 1, 2] },
    { name: 'order', scores: [30, 10, 20] },
    { name: 'run', scores: [3, 1, 2] },
    { name: 'other', scores: [3, 1, 1] },
    { name: 'run', scores: [3, 1, 2] },
    { name: 'again', scores: [3, 1, 1] },
  ];
  expect(distinct(given, ({ scores }) => [scores])).toEqual([
    { name: 'counts = run', scores: [3, 1, 2] },
    { name: 'order', scores: [30, 10, 20] },
    { name: 'other = again', scores: [3, 1, 1] },
  ]);
});

type Kept = { result: RunResult; predictions: ClickPredictions };

/** Of a language run the predictions are kept as a click model's are: both stand in one table, tested row by row. */
function expectComparable(
  brew: { result: RunResult; runDir: string },
  clicks: Kept,
  asked: AnswerFigures,
): void {
  const own = readPredictions(brew.runDir, 'test', ['rating>=4']);
  if (!own) throw new Error('no predictions');
  expect(own.rows).toEqual(clicks.predictions.rows);
  expect(own.labels).toEqual(clicks.predictions.labels);
  expect(auc(own.labels[0], own.logits[0])).toBeCloseTo(asked.auc, 6);
  expect(brew.result.metrics['test/auc']).toBeCloseTo(asked.auc, 6);
  const compared = (model: string, { result, predictions }: Kept): ComparedRun => ({
    ...{ id: model, name: model, model, config: {}, seed: 1, seconds: 1, parameters: 1 },
    ...{ metrics: result.metrics, protocol: result.protocol, predictions: [predictions] },
  });
  const { columns, protocols, rows } = compareRuns([
    compared('dlrm', clicks),
    compared('brew', { result: brew.result, predictions: own }),
  ]);
  expect(protocols).toHaveLength(1);
  const at = columns.findIndex(({ name }) => name === 'test/auc');
  const { significance } = rows[1].cells[at];
  expect(significance?.count).toBe(own.rows.length);
  expect(significance?.difference).toBeCloseTo(
    brew.result.metrics['test/auc'] - clicks.result.metrics['test/auc'],
    6,
  );
}
