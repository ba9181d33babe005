import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { writePretrained } from '../test/language/pretrained.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { tokeniser } from './fixtures/homes.ts';
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

/** Trainings of a second. */
const tiny = {
  Epochs: '1',
  'Steps per epoch': '2',
  'Batch size': '4',
  'Validation users': '10',
  'Validation beams': '10',
  Beams: '10',
};

const withIds = test.extend({ filled: tokeniser });

withIds(
  'a pretrained model gets IDs as words and a reward, and its stages end in a report',
  async ({ app, home, tessera }) => {
    const { page, newRun, run } = app;
    const data = ['--dataset', 'film-club'];
    await tessera('train', ...data, '--model', 'popularity', '--name', 'popular');
    await app.open();
    await app.drop(writePretrained(join(home, 'small-llama')));
    // What it is asked, in its own template.
    const question = page.getByRole('region', { name: 'A question in its template' });
    await expect(question).toContainText('<|im_start|>user');
    await expect(question).toContainText('Will the member like this one?');
    await expect(page.getByRole('table', { name: 'Uses' })).toContainText('needs a run with IDs');
    await page.keyboard.press('a');
    await expect(question.getByRole('list', { name: 'Its answer' })).toContainText(/yes.*no.*anything else/);
    await expect(question).toContainText(/The member said “(yes|no)”/);
    await expectAccessible(app);

    await page.getByRole('button', { name: 'Zero-shot run' }).click();
    await newRun.set({ 'Test users': '40', 'Held out users': '8', Context: '256', Shots: '3' });
    await newRun.start();
    await page.getByRole('button', { name: 'Choose a tokeniser' }).click();
    await expect(newRun.dialog.getByLabel('Lora rank', { exact: true })).toHaveValue('8');
    await newRun.set(tiny);
    await newRun.start();
    const runs = page.getByRole('table', { name: 'Runs from it' });
    const words = runs.getByRole('row', { name: /Semantic IDs as words, LoRA/ });
    await expect(words).toContainText(/NDCG@10\s*0\.\d{4} \[/);
    await expect(runs.getByRole('row', { name: /Pretrained, as it is/ })).toContainText(/AUC\s*0\.\d{4}/);

    await words.getByRole('link', { name: 'Semantic IDs as words, LoRA' }).click();
    await run.show('Curves');
    await expect(page.getByRole('main')).toContainText(/48 new rows \(3 × 16\)/);
    await expect(page.getByRole('main')).toContainText(/Next items of a history\s*80 %/);
    await expectAccessible(app);
    // How it decodes, a code at a time.
    await page.getByRole('link', { name: 'Decode along the trie' }).click();
    await expect(page.getByRole('region', { name: 'The list' }).getByRole('listitem')).not.toHaveCount(0);
    await page.keyboard.press('Space');
    await expect(page.getByText('of the probability at code 1')).toBeVisible();
    await expectAccessible(app);
    await page.goBack();
    await page.getByRole('main').getByRole('link', { name: 'small-llama' }).click();

    await page.getByRole('button', { name: 'Choose a reward' }).click();
    // So little training makes no list better.
    await newRun.set({ ...tiny, Epochs: '6', Group: '4', 'Kl limit': '0.5', Patience: '1' });
    await newRun.start();
    const rewarded = runs.getByRole('row', { name: /Rewarded, GRPO/ });
    await expect(rewarded).toContainText(/NDCG@10\s*0\.\d{4} \[/);
    await rewarded.getByRole('link', { name: 'Rewarded, GRPO' }).click();
    await run.show('Curves');
    await expect(run.chart('Divergence from the start')).toBeVisible();
    const group = page.getByRole('region', { name: 'A group of IDs' });
    await expect(group.getByRole('list', { name: 'IDs' }).getByRole('listitem')).toHaveCount(4);
    await expect(group).toContainText(/step \d+/);
    await expect(group).toContainText(/Kept are \d of the \d+ groups of that step/);
    await expect(page.getByRole('main')).toContainText(/Stopped by\s*No better validation in 1/);
    await expect(page.getByRole('main').getByRole('link', { name: /LC-Rec/ })).toBeVisible();
    await expectAccessible(app);

    await page.getByRole('link', { name: 'Stages to it' }).click();
    const next = page.getByRole('region', { name: 'What comes next?' });
    const table = next.getByRole('table', { name: 'NDCG@10 by stage' });
    // As it is, with IDs, rewarded; the first has none, and Popularity stands beside.
    await expect(table.getByRole('row', { name: /^3 Rewarded, GRPO/ })).toContainText(
      'Semantic IDs as words',
    );
    await expect(table.getByRole('row', { name: /^Popularity/ })).toBeVisible();
    await expect(next).toContainText('Not among them: 1 Pretrained, as it is (has no IDs).');
    await expect(next).toContainText('Over the same 300 users.');
    const steps = next.getByRole('table', { name: 'Steps of NDCG@10' });
    await expect(steps.getByRole('row', { name: /^2 → 3/ })).toContainText(
      /slices?\b|targets|histories|seen/,
    );
    await expectAccessible(app);
    // A reward is the last one.
    await expect(page.getByRole('button', { name: 'Add a stage' })).toBeDisabled();
    await page.getByRole('button', { name: 'Compare all' }).click();
    await expect(app.compare.table).toBeVisible();
    await app.compare.openReport();
    const preview = app.compare.report.getByTitle('Preview of the report').contentFrame();
    await expect(preview.getByText('Rewarded').first()).toBeVisible();
    expect(app.problems).toEqual([]);
  },
);
