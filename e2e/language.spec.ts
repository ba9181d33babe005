import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { expect, test } from './fixtures/test.ts';
import { choose } from './pages/select.ts';

/** Sizes that train in seconds. */
const small = [
  'stage=pretraining',
  'vocabulary=400',
  'dim=16',
  'blocks=1',
  'heads=2',
  'context=256',
  'shots=5',
];
const short = ['epochs=1', 'stepsPerEpoch=4', 'batchSize=2', 'heldOutUsers=8', 'testUsers=8'];

test('a template is edited beside the prompt of a real user, and a run is asked for its answers', async ({
  app,
  home,
  tessera,
}) => {
  test.slow();
  const paths = writeSample(`${home}/sample`, { users: 40, items: 60, seed: 1 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  const settings = [...small, ...short].flatMap((setting) => ['--set', setting]);
  await tessera('train', '--dataset', 'club', '--model', 'brew', '--name', 'first', ...settings);
  await tessera('train', '--dataset', 'club', '--model', 'popularity', '--name', 'popular');

  await app.open();
  await app.sidebar.getByRole('link', { name: 'Language' }).click();
  const prompt = app.page.getByRole('list', { name: 'Prompt' });
  await expect(prompt).toContainText('Will the member like this one?');
  await expect(app.page.getByText(/\d+ of 512 tokens, \d+ past interactions?/)).toBeVisible();
  await expectAccessible(app);

  await app.page.getByLabel('Heading of past interactions').fill('What the member chose');
  await expect(prompt).toContainText('What the member chose');
  await app.page.getByLabel('Maximum past interactions').fill('1');
  await expect(app.page.getByText(/, 1 past interaction,/)).toBeVisible();
  await app.page.getByLabel('One past interaction').fill('{item.colour}');
  await expect(app.page.getByRole('alert')).toContainText('{item.colour} cannot stand in');

  await app.page.getByRole('tab', { name: 'Pipeline' }).click();
  const runs = app.page.getByRole('table', { name: 'Language runs' });
  await expect(runs.getByRole('row', { name: /first/ })).toContainText('pretraining');
  await runs.getByRole('button', { name: 'Measure' }).click();
  const answers = app.page.getByRole('region', { name: 'Answers of first' });
  await choose(answers.getByLabel('Re-rank the best 100 of'), 'popular');
  await answers.getByRole('button', { name: 'Compare with 0 of 1 runs' }).click();
  await app.page.getByRole('menuitemcheckbox', { name: 'popular (popularity)' }).click();
  await app.page.keyboard.press('Escape');
  await answers.getByRole('button', { name: 'Measure' }).click();
  // It is the program's work: leaving the page ends nothing.
  await app.command('Go to Runs');
  const tray = app.sidebar.getByRole('button', { name: /^(1 going on|Ended work)$/ });
  await tray.click();
  await expect(app.page.getByRole('dialog', { name: 'Long work' })).toContainText(/Evaluat(ing|ed) first/);
  await expectAccessible(app);
  await app.page.keyboard.press('Escape');
  await expect(tray).toHaveText('Ended work');
  await tray.click();
  await app.page.getByRole('link', { name: 'Evaluated first' }).click();
  const byShots = answers.getByRole('table', { name: 'By past interactions shown' });
  await expect(byShots).toContainText('Up to 50 past interactions');
  await expect(answers.getByRole('table', { name: 'Other answers to the same questions' })).toContainText(
    'popular',
  );
  await expect(answers.getByText('never to be compared with full ranking')).toHaveCount(2);
  await expect(answers.getByText(/held-out items are in the list \(recall 1\.0000\)/)).toBeVisible();
  await expectAccessible(app);
  expect(app.problems).toEqual([]);
});

test('a pretrained model that is dropped says what it is, and a run begins from it', async ({
  app,
  home,
  tessera,
}) => {
  const paths = writeSample(`${home}/sample`, { users: 40, items: 60, seed: 1 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await app.open();
  await app.drop(join(import.meta.dirname, '../test/language/checkpoints/qwen2'));
  await expect(app.page.getByText('Qwen2 without its tokenizer')).toBeVisible();
  await expectAccessible(app);
  await app.page.getByRole('button', { name: 'Fine-tune' }).click();
  const form = app.page.getByRole('dialog', { name: 'New run' });
  await expect(form.getByRole('textbox', { name: 'Weights' })).toHaveValue(/(models|checkpoints)\/qwen2$/);
});
