import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { CLI } from './fixtures/session.ts';
import { ownSettings } from './fixtures/shell.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

// Whose consent it is stands in its user's settings.
test.use({ ownSession: true });

test("a plug-in's model is chosen in the form, trains in the queue, and is said not to be part of Tessera", async ({
  app,
  home,
  tessera,
}) => {
  const { page, newRun, run } = app;
  const paths = writeSample(join(home, 'files'), { users: 60, items: 50 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await tessera('train', '--dataset', 'club', '--model', 'popularity', '--name', 'usual');
  const plugin = join(home, 'files', 'my-model.ts');
  await app.open();
  // While the window is open.
  for (const args of [
    ['new', plugin],
    ['add', plugin, '--yes'],
  ])
    execFileSync(process.execPath, [CLI, '--home', home, 'plugins', ...args], {
      env: { ...process.env, ...ownSettings(home) },
    });
  await pressShortcut(page, 'n');
  const models = newRun.dialog.getByRole('combobox', { name: 'Models' });
  await models.fill('my-model');
  await expect(
    page.getByRole('listbox', { name: 'Models' }).getByRole('option', { name: /My model/ }),
  ).toBeVisible();
  await models.press('Escape');
  await newRun.fill({ model: 'my-model', dataset: 'club', name: 'ours', config: { Epochs: '2' } });
  await newRun.start();
  const row = page.getByRole('row', { name: /ours/ });
  await expect(row).toContainText('Completed', { timeout: 60_000 });
  await row.getByRole('link', { name: 'ours' }).click();
  await run.show('Results');
  await expect(page.getByRole('main')).toContainText('Not part of Tessera');
});
