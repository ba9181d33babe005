import { expectAccessible } from './fixtures/accessibility.ts';
import { club } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { choose } from './pages/select.ts';

test.use({ filled: club });

test('a sweep is planned in its dialog, runs through the queue, and shows which settings are best by validation', async ({
  app,
}) => {
  const { page } = app;
  await app.open();
  await app.command('Go to Sweeps');
  await expect(page.getByText('No sweeps yet')).toBeVisible();
  await page.getByRole('button', { name: 'New sweep' }).click();
  const dialog = page.getByRole('dialog', { name: 'New sweep' });
  const values = (at: number) => dialog.getByLabel(`Values of setting ${at}`);
  await dialog.getByLabel('Settings of every run').fill('epochs=2, maxLength=10, dim=16, batchSize=32');
  await values(1).fill('0.001, 0.01');
  await dialog.getByRole('button', { name: 'Add a setting' }).click();
  await choose(dialog.getByLabel('Setting 2', { exact: true }), 'dropout');
  await values(2).fill('0.1, 1.5');
  await expect(dialog.getByRole('alert')).toContainText('1.5 is not possible');
  await expectAccessible(app);
  await values(2).fill('0.1..0.4');
  await expect(dialog.getByRole('alert')).toContainText('a grid has no ranges');
  await choose(dialog.getByLabel('Search', { exact: true }), 'random');
  await dialog.getByLabel('Trials', { exact: true }).fill('4');
  await expect(dialog.getByRole('status')).toContainText('4 trials, 4 runs, ranked by validation NDCG@10');
  await dialog.getByRole('button', { name: 'Start 4 runs' }).click();

  await expect(page.getByRole('heading', { name: 'sasrec-club-sweep', level: 1 })).toBeVisible();
  await expect(page.getByText('4 of 4', { exact: true })).toBeVisible();
  const trials = page.getByRole('grid', { name: 'Trials' });
  await expect(trials.locator('.cell-mean')).toHaveText(Array(4).fill(/0\.\d{4}/));
  const shown = await trials.locator('.cell-mean').allTextContents();
  expect(shown).toHaveLength(4);
  expect(shown).toEqual(shown.toSorted().reverse());
  const best = page.getByLabel('Best trial', { exact: true });
  await expect(best).toContainText(shown[0]);
  await expect(best).toContainText(/Test NDCG@10, chosen trial0\.\d{4}/);
  await expect(page.getByRole('main')).toContainText(
    /Learning rate [\d.]+, dropout [\d.]+ is best of 4 trials/,
  );
  await expect(page.getByRole('main')).toContainText('test results of the others are not used');
  await expect(page.getByRole('group', { name: /^Settings and result: 4 trials/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^4 of 4 trials have a result/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /against Dropout of 4 trials/ })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Needs 10 trials with a result; there are 4.');
  await expectAccessible(app);

  await page.getByRole('button', { name: 'Compare the best' }).click();
  await expect(app.compare.row('SASRec')).toHaveCount(4);
  await app.command('Go to Runs');
  await app.runs.row('sasrec-club-sweep').getByRole('link', { name: 'Sweep of SASRec' }).click();
  await page.getByRole('button', { name: 'New run with the best' }).click();
  await expect(
    page.getByRole('dialog', { name: 'New run' }).getByLabel('Epochs', { exact: true }),
  ).toHaveValue('2');
  await page.keyboard.press('Escape');
  await app.command('Go to Scaling');
  await expect(page.getByText('No scaling studies yet')).toBeVisible();
  await app.command('Go to Sweeps');
  await expect(page.getByRole('link', { name: 'sasrec-club-sweep' })).toBeVisible();
  await expectAccessible(app);
  await page.getByRole('link', { name: 'sasrec-club-sweep' }).click();
  const remove = async () => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('No sweeps yet')).toBeVisible();
  };
  await remove();
  await app.undo('to the trash').click();
  await page.getByRole('link', { name: 'sasrec-club-sweep' }).click();
  await remove();
  await app.command('Go to Runs');
  await expect(app.runs.row('sasrec-club-sweep')).toHaveCount(4);
});
