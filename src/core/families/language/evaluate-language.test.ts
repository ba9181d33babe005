import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importDataset } from '../../data/import/import.ts';
import { openDevice } from '../../engine/index.ts';
import { sigmoid } from '../../evaluation/predictions.ts';
import { drawnUsers } from '../../evaluation/samples.ts';
import { scoreUsers } from '../score-users.ts';
import { runTraining } from '../trainer.ts';
import { answerMetrics, answerQuestions, type LikeQuestion, likeQuestions, TEST_SEED } from './answers.ts';
import { evaluateLanguage } from './evaluate-language.ts';
import { openLanguageRun } from './open-language.ts';
import { LanguageScorer } from './sequence-scorer.ts';
import type { PromptChanges } from './text/prompt-parts.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-evaluate-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const USERS = 30;
/** Every other user ends with an item that nobody else has; ratings turn with the user. */
const lastOf = (user: number) => (user % 2 === 0 ? `rare-${user}` : 'item-1');

async function openUntrained() {
  const [ratings, items] = ['ratings.csv', 'items.csv'].map((name) => join(home, name));
  const known = Array.from({ length: 6 }, (_, item) => `item-${1 + item}`);
  const rows = Array.from({ length: USERS }, (_, user) =>
    [1, 2, 3, 4, 5]
      .map((step) => `u${user},item-${1 + ((user + step) % 6)},${1 + ((user * step) % 5)},${step}`)
      .concat(`u${user},${lastOf(user)},${user % 3 === 0 ? 5 : 2},9`),
  ).flat();
  const ids = [...known, ...Array.from({ length: USERS }, (_, user) => lastOf(user))];
  const titles = [...new Set(ids)].map((id, at) => `${id},The ${['red', 'slow', 'old'][at % 3]} road ${at}`);
  writeFileSync(ratings, `user,item,rating,time\n${rows.join('\n')}\n`);
  writeFileSync(items, `item,title\n${titles.join('\n')}\n`);
  const { id } = await importDataset({ paths: [ratings, items] }, { home });
  const [datasetDir, runDir] = [join(home, 'datasets', id), join(home, 'run')];
  mkdirSync(runDir);
  const sizes = { vocabulary: 300, dim: 16, blocks: 1, heads: 2, context: 256, shots: 5 };
  let checkpoint = '';
  await runTraining(
    {
      ...{ runId: 'r', model: 'brew', datasetDir, runDir, seed: 1, device: 'cpu', threads: 1 },
      ...{ config: { ...sizes, epochs: 0, heldOutUsers: 5, testUsers: 5 }, resumeFrom: null, sources: {} },
    },
    (event) => {
      if (event.type === 'checkpoint' && event.checkpoint.path.includes('best'))
        checkpoint = event.checkpoint.path;
    },
  );
  return openLanguageRun({ model: 'brew', datasetDir, runDir, checkpoint });
}

test('controls ask the same questions otherwise, and items unseen in training stand alone', async () => {
  const opened = await openUntrained();
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const found = await evaluateLanguage({
    ...{ ...opened, trainedTasks: [], device, scoreUsers },
    ...{ users: 0, fewerUsers: 20, candidates: 0, retriever: null, baselines: [] },
  });
  expect(found.asked).toEqual({
    ...{ users: USERS, ofUsers: USERS, fewerUsers: 20, candidates: 0, retriever: null, against: [] },
  });

  const { verbaliser, split, decoder, parameters } = opened;
  await device.load(parameters);
  await using scorer = new LanguageScorer(decoder, device, 4);
  const ask = (questions: readonly LikeQuestion[], changes: PromptChanges = {}) =>
    answerQuestions(scorer, verbaliser, questions, changes).then(({ margins }) => margins);
  const expectFigures = (
    figures: { questions: number; auc: number; logloss: number } | undefined,
    questions: readonly LikeQuestion[],
    margins: Float64Array,
  ) => {
    const labels = questions.map(({ label }) => label);
    const { auc, logloss } = answerMetrics(labels, margins, margins.map(sigmoid));
    expect(figures?.questions).toBe(questions.length);
    expect(figures?.auc).toBeCloseTo(auc, 6);
    expect(figures?.logloss).toBeCloseTo(logloss, 5);
  };
  const all = likeQuestions(verbaliser, split, { users: split.usersWithTargets(), which: 'test' });
  const cold = all.filter(({ item }) => verbaliser.data.itemIds.filter((one) => one === item).length === 1);
  expect(cold).toHaveLength(USERS / 2);
  expectFigures(found.coldItems ?? undefined, cold, await ask(cold));

  const fewer = likeQuestions(verbaliser, split, {
    users: drawnUsers(split.usersWithTargets(), 20),
    which: 'test',
  });
  const plain = await ask(fewer);
  const empty = await ask(fewer, { shots: 0, masked: true });
  const asked = {
    'as asked': plain,
    'adjusted for the prior of yes': plain.map((margin, at) => margin - empty[at]),
    'history in random order': await ask(fewer, { shuffled: TEST_SEED }),
    'titles masked': await ask(fewer, { masked: true }),
  };
  await device.dispose();
  expect(found.controls.map(({ name }) => name)).toEqual(Object.keys(asked));
  for (const [at, margins] of Object.values(asked).entries()) {
    expectFigures(found.controls[at].figures, fewer, margins);
    // Each of them changes answers, so that none passes for another.
    if (at > 0) expect(margins).not.toEqual(plain);
  }
});
