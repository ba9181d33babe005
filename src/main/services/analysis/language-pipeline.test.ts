import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { EVALUATION_FORMAT } from '../../../core/evaluation/language-evaluation.ts';
import type { ClickProtocol } from '../../../core/evaluation/types.ts';
import { baselineChoices, evaluationPath, languagePipeline, storedEvaluations } from './language-pipeline.ts';

it('lists language runs in the order in which they fed each other, whatever is in their evaluations', () => {
  const store = temporaryStore();
  const add = (stage: string, startFrom?: string) =>
    addRun(store, { model: 'brew', name: stage, config: { stage, startFrom } }).id;
  const first = add('pretraining');
  addRun(store, { model: 'sasrec' });
  const other = add('alone');
  const second = add('tuning', first);
  const third = add('ranking', second);
  const evaluations = {
    [first]: '{"format": 1, "answ',
    [second]: JSON.stringify({ format: EVALUATION_FORMAT, measuredAt: 1 }),
    [third]: JSON.stringify({ format: 1 }),
  };
  for (const [run, text] of Object.entries(evaluations)) {
    const path = evaluationPath(store, run, 1);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const later = { format: EVALUATION_FORMAT, measuredAt: 20 };
  writeFileSync(evaluationPath(store, second, 20), JSON.stringify(later));
  expect(languagePipeline(store).map(({ id, depth, evaluated }) => [id, depth, evaluated])).toEqual([
    [first, 0, false],
    [second, 1, true],
    [third, 2, false],
    [other, 0, false],
  ]);
  const former = join(dirname(evaluationPath(store, other, 1)), '../evaluation.json');
  mkdirSync(dirname(former), { recursive: true });
  writeFileSync(former, JSON.stringify({ format: 2, measuredAt: 5 }));
  expect(storedEvaluations(store, other)).toMatchObject([{ measuredAt: 5, asked: null, controls: [] }]);
  expect(storedEvaluations(store, first)).toEqual([]);
  expect(storedEvaluations(store, second).map(({ measuredAt }) => measuredAt)).toEqual([20, 1]);
});

it('hands on what a stage was asked and shown, and neither its sizes nor its rates', () => {
  const store = temporaryStore();
  const asked = { context: 384, shots: 30, likeFrom: 3.5, template: 'film', testUsers: 100 };
  const own = { stage: 'pretraining', epochs: 9, learningRate: 0.1, dim: 64, weights: '/elsewhere' };
  addRun(store, { model: 'brew', config: { ...asked, ...own } });
  expect(languagePipeline(store)[0].carried).toEqual(asked);
});

it('says of a run that its training made it no better, and what pretrained model it began with', () => {
  const store = temporaryStore();
  const run = (config: object, selectedEpoch: number, epochs: number) => {
    const { id } = addRun(store, { model: 'brew', config: { stage: 'fine-tuning', ...config } });
    completeRun(store, id, { selectedEpoch, epochs });
    const found = languagePipeline(store).find((one) => one.id === id);
    return [found?.asItStarted, found?.pretrained];
  };
  expect(run({}, 0, 2)).toEqual([true, []]);
  expect(run({ weights: '/llama' }, 1, 2)).toEqual([false, ['llama']]);
  // Nothing was trained: what it started from is what was asked for.
  expect(run({ weights: '' }, 0, 0)).toEqual([false, []]);
});

it('pairs the predictions of a run with the questions of another under the rule by which they are compared', () => {
  const store = temporaryStore();
  const asked: ClickProtocol = {
    ...{ version: 2, task: 'ranking', dataset: 'd', labels: 'rating', tasks: ['rating>=4'], split: 'last' },
    ...{ target: 'test', selection: 'validation', ratings: 'r' },
  };
  const made = (model: string, protocol: ClickProtocol, config: Record<string, unknown> = {}) => {
    const { id } = addRun(store, { model, config });
    completeRun(store, id, { protocol });
    return id;
  };
  const brew = made('brew', { ...asked, samples: ['test: 300 of 600 users'] }, { likeFrom: 4 });
  const problemOf = (changes: Partial<ClickProtocol>, config = {}) => {
    const id = made('dlrm', { ...asked, ...changes }, config);
    return baselineChoices(store, brew).find((run) => run.id === id)?.problem;
  };
  // Whom they asked is no matter: the questions are looked up among the rows. Nor is what an earlier version did not state.
  expect(problemOf({})).toBeNull();
  expect(problemOf({ version: undefined, ratings: undefined }, { minRating: 4 })).toBeNull();
  expect(problemOf({ tasks: ['rating>=3'] }, { minRating: 4 })).toMatch(
    /^was measured otherwise \(.*rating>=3/,
  );
  expect(problemOf({ selection: 'final-epoch' }, { minRating: 4 })).toMatch(
    /checkpoint selection: final-epoch/,
  );
  expect(problemOf({ ratings: 'others' }, { minRating: 4 })).toMatch(/ratings/);
});
