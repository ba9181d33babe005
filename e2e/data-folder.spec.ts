import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expectAccessible } from './fixtures/accessibility.ts';
import { popular } from './fixtures/homes.ts';
import { CLI } from './fixtures/session.ts';
import { ownSettings } from './fixtures/shell.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';
import { SettingsPage } from './pages/settings.ts';

test.use({ filled: popular, ownSession: true });

test('another data folder opens, and the data is taken along by two commands', async ({ app, home }) => {
  await app.open();
  await app.command('Go to Compare');
  await app.compare.chooseRuns('popularity-club');
  await (await app.compare.name('Paper table')).getByRole('button', { name: 'Save' }).click();
  const settings = new SettingsPage(app.page);
  await settings.open();
  await expect(settings.dataFolder).toHaveText(home);

  await settings.askForFolder(`${home}/sample`);
  await expect(settings.dialog.getByRole('alert')).toContainText('inside the current data folder');
  const target = `${home}-other`;
  await settings.dialog.getByLabel('Folder', { exact: true }).fill(target);
  await expect(settings.dialog).toContainText('The folder will be created.');
  await expect(settings.dialog.getByRole('code')).toHaveCount(2);
  const [copy, choose] = await settings.dialog.getByRole('code').allTextContents();
  expect(copy).toBe(`mkdir -p ${target} && cp -a ${home}/. ${target}`);
  expect(choose).toMatch(`data-folder ${target}`);
  await expect(settings.dialog.getByRole('button', { name: 'Copy command 2' })).toBeVisible();
  await expectAccessible(app);
  await settings.dialog.getByRole('button', { name: 'Open this folder' }).click();
  await expect(settings.dialog).toHaveCount(0);
  await expect(settings.dataFolder).toHaveText(target);
  await pressShortcut(app.page, 'g', 'r');
  await expect(app.page.getByText('No runs yet')).toBeVisible();
  await app.command('Go to Compare');
  await expect((await app.compare.openSaved()).getByRole('menuitem')).toHaveText(['Save this comparison']);
  await app.page.keyboard.press('Escape');

  // Without any folder named, the next start opens the one chosen here.
  const { TESSERA_HOME: _, ...env } = { ...process.env, ...ownSettings(home) };
  const listed = execFileSync(process.execPath, [CLI, '--json', 'data-folder'], { env, encoding: 'utf8' });
  expect(JSON.parse(listed)).toEqual({ home: target, source: 'chosen' });

  await settings.open();
  await settings.askForFolder(home);
  await expect(settings.dialog).toContainText('It holds 1 data set and 1 run.');
  await expect(settings.dialog.getByRole('code')).toHaveCount(0);
  await settings.dialog.getByRole('button', { name: 'Open this folder' }).click();
  await expect(settings.dataFolder).toHaveText(home);
  await pressShortcut(app.page, 'g', 'r');
  await expect(app.runs.row('popularity-club')).toHaveCount(1);
  await app.runs.row('popularity-club').dblclick();
  await app.run.show('Checkpoints');
  await expect(app.page.getByRole('main')).toContainText('last');
  expect(app.problems).toEqual([]);
  rmSync(target, { recursive: true, force: true, maxRetries: 5 });
});
