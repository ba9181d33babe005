import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { expect, LONG, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

test('a new run: what differs from the preset is marked, measured, said as a command and put into the queue', async ({
  app,
  home,
  tessera,
}) => {
  const { page, newRun } = app;
  await app.open();
  await pressShortcut(page, 'n');
  await expect(newRun.dialog).toContainText('There is no data set to train on');
  await page.keyboard.press('Escape');
  const paths = writeSample(join(home, 'files'), { users: 200, items: 120 });
  tessera('datasets', 'import', ...paths, '--name', 'club');
  tessera('train', '--dataset', 'club', '--model', 'bprmf', '--set', 'epochs=2', '--seed', '9');

  await pressShortcut(page, 'n');
  await expect(newRun.dialog.getByRole('radio', { name: /Automatic.*CPU/ })).toBeChecked();
  await newRun.fill({ model: 'BPRMF', dataset: 'club', seeds: '3-4' });
  const epochs = newRun.dialog.getByLabel('Epochs', { exact: true });
  const start = newRun.dialog.getByRole('button', { name: 'Start 2 runs' });
  await expect(epochs).toHaveValue('100');
  await epochs.fill('1.5');
  await expect(newRun.dialog).toContainText('it must be a whole number');
  // What cannot be started leads to what is wrong with it, wherever that is.
  await newRun.find('Selection');
  await start.click();
  await expect(epochs).toBeFocused();
  await epochs.fill('3');
  await newRun.find('');
  const training = newRun.dialog.locator('summary').filter({ hasText: 'Training' });
  await training.click();
  const clip = newRun.dialog.getByLabel('Clip norm', { exact: true });
  await clip.fill('-1');
  await training.click();
  await expect(clip).toBeHidden();
  await newRun.dialog.getByRole('button', { name: /^Start/ }).click();
  await expect(clip).toBeFocused();
  await newRun.dialog.getByRole('button', { name: 'Reset to 0: Clip norm' }).click();
  await newRun.find('Selection');
  const selection = newRun.dialog.getByLabel('Selection', { exact: true });
  await selection.selectOption('test/ndcg@10');
  await expect(selection).toHaveAccessibleDescription(
    /test\/ndcg@10 selects on the test items; set protocol=paper/,
  );
  await newRun.find('');
  await expect(selection).toBeVisible();
  await selection.selectOption('valid/ndcg@10');
  await newRun.dialog.getByLabel('Dim', { exact: true }).fill('16');
  await expect(newRun.dialog).toContainText('2 changed from the defaults');
  await expect(newRun.command).toHaveValue(
    / train --dataset club --model bprmf --set epochs=3 --set dim=16 --seed 3\n.*--seed 4$/,
  );
  await expect(newRun.estimate).toContainText('From run bprmf-club-seed9 on cpu, which differs in dim');
  await expect(newRun.estimate).toContainText(/\d[\d,]* parameters/);
  await newRun.dialog.getByRole('button', { name: 'Reset to 64: Dim' }).click();
  await expect(newRun.command).toHaveValue(/--set epochs=3 --seed 3\n/);
  await newRun.dialog.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(newRun.estimate).toContainText(/Measured on cpu: a whole run/, LONG);
  await expect(newRun.estimate).toContainText(/[MG]B of memory/);
  await expectAccessible(app);

  // What is left is offered where work begins.
  await page.keyboard.press('Escape');
  await app.command('Go to Home');
  await page.getByRole('button', { name: 'New run of BPRMF on club' }).click();
  await expect(newRun.command).toHaveValue(/--set epochs=3 --seed 3\n/);
  await newRun.dialog.getByRole('button', { name: 'Also train' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Popularity' }).click();
  await page.keyboard.press('Escape');
  await expect(newRun.command).toHaveValue(/--seed 4\n.* --model popularity --seed 3\n.*--seed 4$/);
  await newRun.dialog.getByRole('button', { name: 'Start 4 runs' }).click();
  await expect(newRun.dialog).toHaveCount(0);
  await expect(app.messages).toContainText('Added 4 runs of 2 models to the queue');
  await app.command('Go to Runs');
  await app.runs.search.fill('bprmf-club');
  for (const seed of [3, 4]) {
    await app.runs.foldSeeds.uncheck();
    await expect(app.runs.row(`bprmf-club-seed${seed}`)).toContainText('Completed', LONG);
  }

  await app.runs.row('bprmf-club-seed4').dblclick();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'New run with this config' }).click();
  await expect(newRun.dialog).toContainText('1 changed from the defaults');
  await expect(newRun.command).toHaveValue(/ train --dataset club --model bprmf --set epochs=3 --seed 5$/);
  expect(app.problems).toEqual([]);
});

test('settings are kept at once and count for the next run', async ({ app, home, tessera }) => {
  const { page, newRun } = app;
  const paths = writeSample(join(home, 'files'), { users: 50, items: 60 });
  tessera('datasets', 'import', ...paths, '--name', 'club');
  await app.open();
  await pressShortcut(page, 'g', 's');
  await expect(page.getByRole('region', { name: 'Data folder' })).toContainText(home);
  await expectAccessible(app);

  await page.getByLabel('CPU threads of a run').fill('0');
  await expect(page.getByRole('alert')).toContainText('it must be a whole number from 1 to 1024');
  await page.getByLabel('CPU threads of a run').fill('1');
  await page.getByRole('radio', { name: /^CPU/ }).click();
  await expect(page.getByRole('radio', { name: /^CPU/ })).toBeChecked();
  await page.getByLabel('Theme').selectOption('Dark');
  await expect(page.locator('html[data-theme=dark]')).toBeAttached();
  await page.reload();
  await expect(page.locator('html[data-theme=dark]')).toBeAttached();
  await expect(page.getByLabel('CPU threads of a run')).toHaveValue('1');

  await pressShortcut(page, 'n');
  await expect(newRun.dialog.getByRole('radio', { name: /^CPU/ })).toBeChecked();
  await expect(newRun.dialog).toContainText('CPU threads; empty for 1');
  await expect(newRun.command).toHaveValue(/--device cpu$/);
  expect(app.problems).toEqual([]);
});
