import { expectAccessible } from './fixtures/accessibility.ts';
import { club } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { Clicks } from './pages/clicks.ts';
import { choose } from './pages/select.ts';

test.use({ filled: club });

test('a varied field makes a new run a search, in few clicks', async ({ app }) => {
  const { page, newRun } = app;
  await app.open();
  await app.command('New run');
  await newRun.fill({ model: 'ease', dataset: 'club' });
  await newRun.start();
  await app.command('Go to Runs');
  const clicks = new Clicks(app);
  await clicks.press(/^New run/);
  await clicks.press('EASE');
  await clicks.press('Vary Regularisation');
  await clicks.press(/^Start 3 trials/);
  await expect(page.getByRole('heading', { name: 'ease-club-sweep', level: 1 })).toBeVisible();
  await expect(page.getByText('3 of 3', { exact: true })).toBeVisible();
  expect(clicks.count).toBeLessThanOrEqual(5);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Again with changes' }).click();
  await expect(newRun.dialog.getByRole('button', { name: /^Leave out / })).toHaveCount(3);
  await expect(newRun.dialog.getByRole('button', { name: /^Start 3 trials/ })).toBeEnabled();
  await newRun.vary('Regularisation', 'Fix');
  await expect(newRun.dialog.getByRole('button', { name: /^Queue run/ })).toBeEnabled();
  expect(app.problems).toEqual([]);
});

test('a sweep is planned in the dialog of new runs, runs through the queue, and shows which settings are best by validation', async ({
  app,
}) => {
  const { page, newRun } = app;
  const { dialog } = newRun;
  await app.open();
  await app.command('Go to Sweeps');
  await expect(page.getByText('No sweeps yet')).toBeVisible();
  await page.getByRole('button', { name: 'New sweep' }).click();
  await newRun.set({ Epochs: '2', 'Sequence length': '10', Dimension: '16', 'Batch size': '32' });
  await dialog.getByLabel('Learning rate from').fill('0.001');
  await dialog.getByLabel('Number of values of Learning rate').fill('2');
  await newRun.vary('Dropout');
  await dialog.getByRole('button', { name: 'List of Dropout' }).click();
  await newRun.list('Dropout', '0.1, 1.5');
  await expect(dialog.getByRole('alert')).toContainText('1.5 is not possible');
  await expectAccessible(app);
  await dialog.getByRole('button', { name: 'Range of Dropout' }).click();
  await dialog.getByLabel('Dropout to').fill('0.4');
  await expect(dialog.getByRole('button', { name: 'Start 6 trials' })).toBeEnabled();
  await newRun.open('Search');
  await choose(dialog.getByLabel('Choice of trials'), 'random');
  await dialog.getByLabel('Trials', { exact: true }).fill('4');
  await expect(newRun.estimate).toContainText('A tile is a trial, ranked by validation NDCG@10');
  await expectAccessible(app);
  await dialog.getByRole('button', { name: 'Start 4 trials' }).click();

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
  await expect(page.getByLabel(/^Settings and result: 4 trials/)).toBeVisible();
  await expect(page.getByRole('img', { name: /of 4 trials in the order in which they began/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /against Dropout of 4 trials/ })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Needs 10 completed trials (4 so far).');
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
    await expect(page.getByText('The sweep is in the trash')).toBeVisible();
  };
  await remove();
  await app.undo('to the trash').click();
  await page.getByRole('link', { name: 'sasrec-club-sweep' }).click();
  await remove();
  await app.command('Go to Runs');
  await expect(app.runs.row('sasrec-club-sweep')).toHaveCount(4);
});
