import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { keepHosts } from './fixtures/hosts.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

test('where runs train is asked once there is a host, and stays as it was the last time', async ({
  app,
  home,
  tessera,
}) => {
  const { page, newRun } = app;
  const paths = writeSample(join(home, 'files'), { users: 200, items: 120 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await app.open();
  await pressShortcut(page, 'n');
  await newRun.open('Device');
  await expect(newRun.dialog.getByLabel('Train on', { exact: true })).toHaveCount(0);
  await expect(newRun.dialog.getByRole('link', { name: 'Train on another machine' })).toBeVisible();
  await page.keyboard.press('Escape');

  keepHosts(home);
  await pressShortcut(page, 'n');
  await newRun.fill({ model: 'bprmf' });
  await newRun.open('Where');
  const where = newRun.dialog.getByLabel('Train on', { exact: true });
  await where.selectOption('lab-2');
  await expect(newRun.dialog).toContainText('lab-2 has not been checked yet');
  await expect(newRun.dialog.getByLabel('Time limit', { exact: true })).toHaveCount(0);
  await where.selectOption('cluster');
  await expect(newRun.estimate).toContainText('No run on cluster to estimate from yet');
  await expect(newRun.estimate.getByRole('button', { name: 'Measure' })).toHaveCount(0);
  const time = newRun.dialog.getByLabel('Time limit', { exact: true });
  await expect(time).toHaveAttribute('placeholder', '4:00:00');
  await time.fill('soon');
  await expect(newRun.dialog).toContainText('Enter a time such as 4:00:00');
  await time.fill('1:00:00');
  await expect(newRun.command).toHaveAttribute('title', /--on cluster --time 1:00:00/);
  await expectAccessible(app);
  await newRun.start();

  await pressShortcut(page, 'n');
  await expect(newRun.dialog.getByRole('region', { name: 'Where' })).toContainText(
    'cluster: short, 4:00:00, 32G',
  );
  await page.keyboard.press('Escape');
  for (const [screen, button] of [
    ['sweeps', 'New sweep'],
    ['scaling', 'New study'],
  ]) {
    await page.evaluate((id) => {
      location.hash = `#/${id}`;
    }, screen);
    await page.getByRole('button', { name: button }).first().click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Train on', { exact: true })).toHaveValue('cluster');
    await expect(dialog.getByLabel('Partition', { exact: true })).toHaveAttribute('placeholder', 'short');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  }
});
