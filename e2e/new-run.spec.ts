import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { betweenPageAndHub } from './fixtures/socket.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';
import { choose } from './pages/select.ts';

// The device is chosen by itself, as before anybody has changed a setting.
test.use({ filled: null });

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
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await tessera('train', '--dataset', 'club', '--model', 'bprmf', '--set', 'epochs=2', '--seed', '9');

  await pressShortcut(page, 'n');
  await newRun.fill({ model: 'bprmf', dataset: 'club', seeds: '3-4' });
  // Essentials first; nothing is wrong before it was touched.
  await expect(newRun.dialog.getByLabel('Epochs', { exact: true })).toHaveCount(0);
  await expect(newRun.dialog.locator('[aria-invalid="true"], .problem')).toHaveCount(0);
  await newRun.open('BPRMF');
  const epochs = newRun.dialog.getByLabel('Epochs', { exact: true });
  const start = newRun.dialog.getByRole('button', { name: 'Queue 2 runs' });
  await expect(start).toContainText(/Ctrl\+↵|⌘↵/);
  await expect(epochs).toHaveValue('100');
  await epochs.fill('1.5');
  await expect(newRun.dialog).toContainText('Enter a whole number');
  // What cannot be started leads to what is wrong with it, wherever that is.
  await newRun.find('Selection');
  await start.click();
  await expect(epochs).toBeFocused();
  await epochs.fill('3');
  await newRun.find('');
  await newRun.dialog.getByRole('button', { name: /^All \d+ settings/ }).click();
  const clip = newRun.dialog.getByLabel('Clip norm', { exact: true });
  await clip.fill('-1');
  await newRun.dialog.getByRole('button', { name: 'Fewer settings' }).click();
  await expect(clip).toBeVisible();
  await start.click();
  await expect(clip).toBeFocused();
  await newRun.dialog.getByRole('button', { name: 'Reset to 0: Clip norm' }).click();
  await expect(clip).toHaveCount(0);
  await newRun.find('Selection');
  const selection = newRun.dialog.getByLabel('Selection', { exact: true });
  await choose(selection, 'test/ndcg@10');
  await expect(selection).toHaveAccessibleDescription(
    /test\/ndcg@10 selects on the test items; set protocol=paper/,
  );
  await newRun.find('');
  await expect(selection).toBeVisible();
  await choose(selection, 'valid/ndcg@10');
  // The settings of a split come with it, and a model that cannot be tested by it says so.
  await newRun.find('Split');
  const split = newRun.dialog.getByLabel('Split', { exact: true });
  await choose(split, 'users');
  await expect(split).toHaveAccessibleDescription(/BPRMF learns a vector for each user/);
  await newRun.find('Fold in');
  await expect(newRun.dialog.getByLabel('Fold in', { exact: true })).toHaveValue('0.8');
  await newRun.find('');
  await newRun.dialog.getByRole('button', { name: 'Reset to leave-last-out: Split' }).click();
  await expect(newRun.dialog.getByLabel('Fold in', { exact: true })).toHaveCount(0);
  await newRun.dialog.getByLabel('Dimension', { exact: true }).fill('16');
  await expect(newRun.dialog).toContainText('2 changed');
  await expect(newRun.command).toHaveAttribute(
    'title',
    / train --dataset club --model bprmf --set epochs=3 --set dim=16 --seed 3\n.*--seed 4$/,
  );
  await expect(newRun.estimate).toContainText('From run bprmf-club-seed9 on cpu, which differs in dim');
  await expect(newRun.estimate).toContainText(/Parameters\d[\d,]*/);
  await expect(newRun.estimate).toContainText('Same protocol as 1 run here');
  await newRun.dialog.getByRole('button', { name: 'Reset to 64: Dimension' }).click();
  await expect(newRun.command).toHaveAttribute('title', /--set epochs=3 --seed 3\n/);
  await newRun.dialog.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(newRun.estimate).toContainText(/Measured on cpu: a whole run/);
  await expect(newRun.estimate).toContainText(/[MG]B of [\d.]+ GB/);
  await expectAccessible(app);

  // What is left is offered where work begins.
  await page.keyboard.press('Escape');
  await app.command('Go to Home');
  // What stands above it, and moves it when it comes.
  await expect(page.getByRole('main')).toContainText('club imported');
  await page.getByRole('button', { name: 'New run of BPRMF on club' }).click();
  await expect(newRun.command).toHaveAttribute('title', /--set epochs=3 --seed 3\n/);
  const models = newRun.dialog.getByRole('combobox', { name: 'Models' });
  await models.click();
  const list = page.getByRole('listbox', { name: 'Models' });
  await expect(list.getByRole('option', { name: /BPRMF.*0\.\d{4}.*(s|min)$/ })).toBeVisible();
  await expect(list.getByRole('option', { name: /EASE.*\d+ (s|min)$/ })).toBeVisible();
  await expectAccessible(app);
  await models.fill('popularity');
  await models.press('ArrowDown');
  await models.press('Space');
  await models.press('Escape');
  await expect(newRun.dialog).toBeVisible();
  await expect(newRun.command).toHaveAttribute(
    'title',
    /--seed 4\n.* --model popularity --seed 3\n.*--seed 4$/,
  );
  await expect(newRun.estimate).toContainText('4 runs');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(newRun.dialog).toHaveCount(0);
  await expect(app.messages).toContainText('Queued 4 runs of 2 models');
  await app.command('Go to Runs');
  await app.runs.search.fill('bprmf-club');
  for (const seed of [3, 4]) {
    await app.runs.foldSeeds.uncheck();
    await expect(app.runs.row(`bprmf-club-seed${seed}`)).toContainText('Completed');
  }

  await app.runs.row('bprmf-club-seed4').dblclick();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'New run with this config' }).click();
  await expect(newRun.dialog).toContainText('1 changed');
  await expect(newRun.command).toHaveAttribute(
    'title',
    / train --dataset club --model bprmf --set epochs=3 --seed 5$/,
  );
  expect(app.problems).toEqual([]);
});

test('a new run opens on the last data set and model, takes the one tokeniser, and fits a small window', async ({
  app,
  home,
  tessera,
  shellKind,
}) => {
  const { page, newRun } = app;
  // What a model may build on is known late: until then nothing is wrong with it.
  if (shellKind === 'browser') (await betweenPageAndHub(page)).delay('/models/sources', 1000);
  const paths = writeSample(join(home, 'files'), { users: 60, items: 60 });
  await tessera('datasets', 'import', ...paths, '--name', 'older');
  await tessera(
    'semantic-ids',
    'train',
    '--dataset',
    'older',
    '--model',
    'residual-kmeans',
    '--set',
    'codes=8',
    '--name',
    'ids',
  );
  await tessera('datasets', 'import', ...paths, '--name', 'newer');
  await app.open();
  await pressShortcut(page, 'n');
  await newRun.fill({ model: 'popularity', dataset: 'older' });
  await newRun.start();
  await pressShortcut(page, 'n');
  await expect(newRun.command).toHaveAttribute('title', /--dataset older --model popularity --seed 1$/);
  await newRun.fill({ model: 'tiger' });
  await expect(newRun.command).toHaveAttribute('title', /--model tiger --set tokeniser=\w+ --seed 1$/);
  await newRun.open('TIGER');
  await expect(newRun.dialog).toContainText('Chosen: the only one on this data set');
  await expect(newRun.dialog.getByLabel('Tokeniser', { exact: true })).toContainText(
    /ids, 3 × 8, [\d.]+ % collide/,
  );

  // As at 200 % zoom: all can be reached, and nothing is cut at the side.
  await page.setViewportSize({ width: 720, height: 450 });
  await expect(newRun.dialog.getByRole('button', { name: 'Queue run' })).toBeInViewport();
  await expect(newRun.estimate).toBeInViewport();
  const cut = await newRun.dialog
    .locator('.new-run-choices')
    .evaluate(({ scrollWidth, clientWidth, clientHeight }) => ({
      over: scrollWidth - clientWidth,
      clientHeight,
    }));
  expect(cut.over).toBe(0);
  expect(cut.clientHeight).toBeGreaterThan(250);
  await newRun.dialog.getByLabel('Dropout', { exact: true }).fill('0.2');
  await expectAccessible(app);
  expect(app.problems).toEqual([]);
});

test('settings are kept at once and count for the next run', async ({ app, home, tessera }) => {
  const { page, newRun } = app;
  const paths = writeSample(join(home, 'files'), { users: 50, items: 60 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await app.open();
  await pressShortcut(page, 'g', 's');
  await expect(page.getByRole('region', { name: 'Data folder' })).toContainText(home);
  await expectAccessible(app);

  await page.getByLabel('CPU threads of a run').fill('0');
  await expect(page.getByRole('alert')).toContainText('Enter a whole number from 1 to 1,024');
  await page.getByLabel('CPU threads of a run').fill('1');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: /^CPU/ }).click();
  await expect(page.getByRole('radio', { name: /^CPU/ })).toBeChecked();
  await choose(page.getByLabel('Theme'), 'Dark');
  await expect(page.locator('html[data-theme=dark]')).toBeAttached();
  await page.reload();
  await expect(page.locator('html[data-theme=dark]')).toBeAttached();
  await expect(page.getByLabel('CPU threads of a run')).toHaveValue('1');

  await pressShortcut(page, 'n');
  await newRun.open('Device');
  await expect(newRun.dialog.getByRole('radio', { name: /^CPU/ })).toBeChecked();
  await expect(newRun.dialog).toContainText('CPU threads (empty: 1)');
  await expect(newRun.command).toHaveAttribute('title', /--device cpu$/);
  expect(app.problems).toEqual([]);
});
