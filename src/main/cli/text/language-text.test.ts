import { expect, test } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { EVALUATION_FORMAT, type LanguageEvaluation } from '../../../core/evaluation/language-evaluation.ts';
import { runDetails } from '../../../core/store/runs/run-details.ts';
import { unknownReads } from '../../services/runs/source-runs.ts';
import { evaluationText } from './language-text.ts';
import { runDocument } from './run-text.ts';

const figures = {
  questions: 60,
  auc: 0.6123,
  interval: [0.5, 0.7] as [number, number],
  logloss: 0.7,
  ece: 0.1,
};
const list = { hr1: 0.1, hr5: 0.2, hr10: 0.3, ndcg10: 0.25 };
const evaluation: LanguageEvaluation = {
  ...{
    format: EVALUATION_FORMAT,
    measuredAt: Date.UTC(2026, 0, 2, 3, 4),
    answers: figures,
    coldItems: figures,
  },
  asked: { users: 60, ofUsers: 610, fewerUsers: 20, candidates: 99, retriever: null, against: ['pop'] },
  controls: [{ name: 'titles masked', figures }],
  rivals: [
    {
      ...{ name: 'item popularity = pop', auc: 0.65, interval: [0.6, 0.7], logloss: null, ece: null },
      difference: { value: 0.0377, interval: [0.01, 0.06], p: 0.04 },
    },
  ],
  ...{ calibration: [], shots: [], histories: [], unseenWording: null, tasks: [] },
  reranks: [
    {
      ...{ kind: 'drawn', candidates: 'the held-out item and 99 drawn', users: 20, covered: 20 },
      ...{ figures: [{ name: 'this run', all: list, covered: list }], millisecondsPerCandidate: 1 },
    },
  ],
};
const ASKED = 'Asked 60 of 610 users, for the other tests 20; ranked 99 drawn candidates again; beside pop.';

test('an evaluation is told in a terminal, table by table, with whom it asked', () => {
  const text = evaluationText(evaluation);
  expect(text).toContain('Does the member like it?\n');
  expect(text).toContain(`\n${ASKED}\n\nOther answers to the same questions\n`);
  expect(text).toMatch(/^titles masked +60 +0\.6123 +0\.5000 to 0\.7000/m);
  expect(text).toMatch(/^item popularity = pop +0\.6500 +\+0\.0377/m);
});

test('the report of a run has its evaluations, when they were measured and of whom', () => {
  const store = temporaryStore();
  const { id } = addRun(store, { model: 'brew', config: { weights: '/models/SmolLM2-135M' } });
  completeRun(store, id);
  const notKnown = unknownReads(store, store.runs.own(id));
  const details = { notKnown, ...runDetails(store, store.runs.own(id)), logs: [], slices: [] };
  const { sections } = runDocument(details, [evaluation, { ...evaluation, measuredAt: 0 }]);
  const told = sections.filter(({ title }) => title.includes('measured'));
  expect(told.map(({ title }) => title)).toEqual([
    'Does the member like it? (measured 2026-01-02 03:04 UTC)',
    'Other answers to the same questions (measured 2026-01-02 03:04 UTC)',
    expect.stringMatching(/^Re-ranking the held-out item .* \(measured 2026-01-02 03:04 UTC\)$/),
    expect.stringMatching(/^Does .* \(measured 1970-01-01 00:00 UTC\)$/),
    ...[expect.any(String), expect.any(String)],
  ]);
  expect(sections.find(({ title }) => title === 'Results')?.notes).toEqual([
    'What SmolLM2-135M read before is not known: the data set may be in it.',
  ]);
  expect(told[0].notes).toEqual([ASKED]);
  expect(told[1].table?.lines[0].slice(0, 3)).toEqual(['item popularity = pop', '0.6500', '+0.0377']);
  expect(runDocument(details).sections.some(({ title }) => title.includes('measured'))).toBe(false);
});
