import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { CLI } from './fixtures/browser-shell.ts';
import { ownSettings } from './fixtures/shell.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';
import { SettingsPage } from './pages/settings.ts';

test('the data folder moves with its runs, and the command line follows', async ({ app, home, tessera }) => {
  const paths = writeSample(`${home}/sample`, { users: 200, items: 120 });
  tessera('datasets', 'import', ...paths, '--name', 'club');
  tessera('train', '--dataset', 'club', '--model', 'popularity');
  await app.open();
  const settings = new SettingsPage(app.page);
  await settings.open();
  await expect(settings.dataFolder).toHaveText(home);

  await settings.askForFolder(`${home}/sample`);
  await expect(settings.dialog.getByRole('alert')).toContainText('inside the current data folder');
  const target = test.info().outputPath('moved');
  await settings.dialog.getByLabel('Folder', { exact: true }).fill(target);
  await expect(settings.dialog).toContainText('The folder will be created.');
  await expectAccessible(app);
  await settings.dialog.getByRole('button', { name: 'Move and open' }).click();
  await expect(settings.dialog).toHaveCount(0);
  await expect(settings.dataFolder).toHaveText(target);
  expect([existsSync(join(home, 'tessera.db')), existsSync(join(target, 'tessera.db'))]).toEqual([
    false,
    true,
  ]);

  // Without any folder named, the next start opens the one chosen here.
  const { TESSERA_HOME: _, ...env } = { ...process.env, ...ownSettings(home) };
  const listed = execFileSync(process.execPath, [CLI, '--json', 'runs', 'list'], { env, encoding: 'utf8' });
  expect(JSON.parse(listed)).toMatchObject([{ name: 'popularity-club-seed1' }]);

  await pressShortcut(app.page, 'g', 'r');
  await expect(app.runs.row('popularity-club')).toHaveCount(1);
  await app.runs.row('popularity-club').dblclick();
  await app.run.show('Checkpoints');
  await expect(app.page.getByRole('main')).toContainText('last');

  await settings.open();
  await settings.askForFolder(`${target}-empty`);
  await settings.dialog.getByRole('checkbox').uncheck();
  await settings.dialog.getByRole('button', { name: 'Open this folder' }).click();
  await expect(settings.dataFolder).toHaveText(`${target}-empty`);
  await pressShortcut(app.page, 'g', 'r');
  await expect(app.page.getByText('No runs yet')).toBeVisible();
  expect(app.problems).toEqual([]);
});
