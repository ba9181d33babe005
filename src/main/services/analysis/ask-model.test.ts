import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePretrained } from '../../../../test/language/pretrained.ts';
import { temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { importDataset } from '../../../core/data/import/import.ts';
import { writeSample } from '../../../core/data/sample/sample.ts';
import { onDevice } from '../../../core/engine/index.ts';
import { answerQuestions, likeQuestions } from '../../../core/families/language/answers.ts';
import { languageSchema } from '../../../core/families/language/language-config.ts';
import { findLanguageModel } from '../../../core/families/language/language-models.ts';
import { prepareLanguage } from '../../../core/families/language/prepare-language.ts';
import { LanguageScorer } from '../../../core/families/language/sequence-scorer.ts';
import { namedTensors } from '../../../core/files/safetensors.ts';
import { askModel } from './ask-model.ts';
import { previewPrompt } from './language.ts';

test('a model answers as it does in a run without training, and the likeliest others come in their order', async () => {
  const home = temporaryHome();
  writeSample(join(home, 'sample'), { users: 30, items: 50, seed: 1 });
  const store = temporaryStore(home);
  const club = await importDataset({ paths: [join(home, 'sample')], name: 'club' }, { home });
  store.datasets.add(club);
  const { id } = club;
  const weights = writePretrained(join(home, 'model'));
  const request = { dataset: id, template: '', user: '', shots: 1, context: 1024, weights };
  const { user, template } = await previewPrompt(store, { ...request, task: 'like' });
  const answer = await askModel(store, { ...request, user, threads: 1 });

  const config = languageSchema.parse({ weights, shots: 1, context: 1024 });
  const datasetDir = store.datasets.folder(id);
  const now = await prepareLanguage(config, { datasetDir, seed: 1 });
  const { verbaliser, split, run } = now;
  expect(verbaliser.template).toEqual(template);
  const [first] = split.usersWithTargets();
  const questions = likeQuestions(verbaliser, split, { users: [first], which: 'test' });
  const decoder = findLanguageModel('brew').build(run.decoder);
  const { margins } = await onDevice('cpu', { threads: 1 }, async (device) => {
    await device.load(namedTensors(decoder.parameters, now.parameters(decoder.parameters)));
    await using scorer = new LanguageScorer(decoder, device, 2);
    return await answerQuestions(scorer, verbaliser, questions);
  });
  expect(Math.log(answer.yes / answer.no)).toBeCloseTo(margins[0], 4);
  const others = answer.others.map(({ probability }) => probability);
  expect(others).toEqual(others.toSorted((a, b) => b - a));
  expect(others).toHaveLength(3);
  const named = answer.yes + answer.no + others.reduce((a, b) => a + b);
  expect(named).toBeGreaterThan(0.01);
  expect(named).toBeLessThan(1);
});
