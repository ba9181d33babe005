import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { type Filling, sample } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';

const trained: Filling = {
  name: 'reproduce-club',
  make: async (tessera, home) => {
    await sample('club', { users: 400, items: 120, seed: 1 })(tessera, join(home, 'club'));
    await tessera('train', '--dataset', 'club', '--model', 'popularity');
    await tessera('train', '--dataset', 'club', '--model', 'bprmf', '--set', 'epochs=2', '--set', 'dim=16');
  },
};

test.use({ filled: trained });

test('a run is measured and trained again through the queue, and a comparison becomes a bundle that opens as rows', async ({
  app,
  home,
}) => {
  const { page, compare } = app;
  await app.open();
  await app.command('Go to Runs');
  await app.runs.row('bprmf').getByRole('link').first().click();
  const address = page.url();
  const reproduce = async (button: RegExp) => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Reproduce' }).click();
    await expect(page.getByRole('main')).toContainText(/\d+ of \d+ conditions are the same/);
    await expect(page.getByRole('row').filter({ hasText: 'Threads' })).toContainText('the same');
    await expectAccessible(app);
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('button', { name: 'Open' }).click();
    await expect(page.getByRole('main')).toContainText('Bit for bit: all 400 users have the same rank');
  };
  await reproduce(/^Only evaluate again/);
  await expectAccessible(app);
  await page.getByRole('link', { name: 'bprmf-club-seed1' }).click();
  await expect(page.getByRole('main')).toContainText('Makes bprmf-club-seed1 again.');
  await page.goto(address);
  await reproduce(/^Train again/);

  await app.command('Go to Compare');
  await compare.chooseRuns('popularity-club', 'bprmf-club-seed1');
  await page.getByRole('button', { name: 'Bundle' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bundle of this comparison' });
  await expect(dialog).toContainText(/Numbers of the tableall \d+ found in the runs/);
  await expect(dialog).toContainText(/Opens in an empty data folder\d runs/);
  await expect(dialog).toContainText('The data: reproduce asks for them by their hashes.');
  await expectAccessible(app);
  await dialog.getByRole('textbox', { name: 'Title of the bundle' }).fill('Table 2');
  await dialog.getByRole('button', { name: 'Write bundle' }).click();
  await expect(page.getByText('Bundled Table 2')).toBeVisible();

  const folder = join(home, 'exports', readdirSync(join(home, 'exports'))[0]);
  await app.drop(join(folder, readdirSync(folder)[0]));
  await expect(page.getByRole('table', { name: 'Runs' })).toContainText('bprmf-club-seed1');
  await page.getByRole('button', { name: 'Reproduce' }).click();
  await expect(page.getByRole('main')).toContainText(/\d+ of \d+ conditions are the same/);
  await page.goBack();
  await page.getByRole('button', { name: /^Import \d runs/ }).click();
  await expect(app.runs.row('bprmf')).not.toHaveCount(0);

  await app.command('Go to Plans');
  await page.getByLabel('A bundle').setInputFiles(join(folder, readdirSync(folder)[0]));
  await expect(page.getByRole('heading', { name: 'Table 2', level: 1 })).toBeVisible();
  expect(app.problems).toEqual([]);
});
