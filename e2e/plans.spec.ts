import { expectAccessible } from './fixtures/accessibility.ts';
import { BrowserShell } from './fixtures/browser-shell.ts';
import { club } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { App } from './pages/app.ts';

test.use({ ownSession: true, filled: club });

const PLAN = `plan: Two baselines and SASRec   # a question
tables:
  - data: club
models:
  - popularity
  - itemknn
  - sasrec: { settings: { epochs: 1, dim: 16, maxLength: 10 } }
seeds: 1-2
baseline: itemknn
`;

test('a plan is written, trained through a reload and a restart, and becomes a table', async ({
  app,
  home,
  shell,
  shellKind,
  page: another,
}) => {
  test.skip(shellKind !== 'browser', 'a second session of the desktop shell needs a second program');
  const { page } = app;
  await app.open('plans');
  await expect(page.getByText('No plans yet')).toBeVisible();
  await page.getByRole('button', { name: /^Blank/ }).click();
  await expect(page.getByRole('heading', { name: 'New plan', level: 1 })).toBeVisible();
  const file = page.getByRole('textbox', { name: 'File of the plan' });
  const start = page.getByRole('button', { name: /^Start \d+ runs?\b/ });
  await file.fill(PLAN.replace('epochs: 1', 'epochs: one'));
  await expect(page.getByText('line 7 of the file')).toBeVisible();
  await expect(start).toBeDisabled();
  await expectAccessible(app);
  await file.fill(PLAN);
  await expect(page.getByText('Draft saved')).toBeVisible();
  await page.reload();
  await expect(file).toHaveValue(PLAN);
  await expect(start).toHaveText(/^Start 4 runs/);
  await start.click();
  await expect(page.getByRole('main')).toContainText(/[0-3] of 4 runs done/);

  expect(app.problems).toEqual([]);

  await shell.close();
  const next = await BrowserShell.start(home, another, home);
  await next.open();
  const again = new App(next);
  await again.sidebar.getByRole('link', { name: 'Plans' }).click();
  await again.page.getByRole('link', { name: /^Two baselines and SASRec/ }).click();
  const main = again.page.getByRole('main');
  await expect(main.getByRole('tab', { name: 'Paper', exact: true })).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await expect(main.getByRole('row', { name: /^SASRec/ })).toContainText(/0?\.\d{4}.*±/);
  await main
    .getByRole('row', { name: /^SASRec/ })
    .getByRole('button')
    .first()
    .focus();
  const facts = main.getByRole('region', { name: 'Where it comes from' });
  await expect(facts).toContainText('mean of 2 seeds');
  await expect(facts).toContainText('From ItemKNN');
  await expect(main).toContainText('\\begin{table*}');
  await main.getByRole('checkbox', { name: 'Leading zero' }).uncheck();
  await expect(main.getByRole('row', { name: /^SASRec/ })).toContainText(/SASRec\.\d{4}/);
  await expect(main.getByRole('checkbox', { name: 'Tuning budget' })).toBeDisabled();
  // It is a change of the file, kept as a draft until that is saved.
  await expect(main.getByText('Draft saved')).toBeVisible();
  await main.getByRole('button', { name: /^Save file/ }).click();
  await expect(main.getByText('Done, 4 of 4 runs')).toBeVisible();
  await again.page.keyboard.press('b');
  const bundle = again.page.getByRole('dialog', { name: 'Bundle of this plan' });
  await expect(bundle).toContainText(/Opens in an empty data folder4 runs/);
  await bundle.getByRole('button', { name: 'Cancel' }).click();
  await expectAccessible(again);
  await main.getByRole('tab', { name: 'Runs', exact: true }).click();
  await expect(main).toContainText('4 of 4 runs done');
  await expectAccessible(again);
  await main.getByRole('tab', { name: 'Search', exact: true }).click();
  await expect(main).toContainText('Every model of this plan is trained as given');
  await main.getByRole('tab', { name: 'Log', exact: true }).click();
  await expect(main.getByRole('row', { name: /SASRec on club, seed 2: completed/ })).toBeVisible();
  await expectAccessible(again);
  await main.getByRole('tab', { name: 'Plan', exact: true }).click();
  await expect(main.getByText('Nothing to train', { exact: true }).first()).toBeVisible();
  await expect(again.page.getByRole('textbox', { name: 'File of the plan' })).toHaveValue(
    `${PLAN}paper: { without: [ zero ] }\n`,
  );
  await again.command('Delete this plan');
  await expect(again.messages).toContainText('to the trash');
  await expect(main.getByRole('link', { name: /^Two baselines/ })).toHaveCount(0);
  await again.page.keyboard.press('ControlOrMeta+z');
  await expect(main.getByRole('link', { name: /^Two baselines/ })).toBeVisible();
  expect(again.problems).toEqual([]);
  await next.close();
});

test('a model opens to its settings, and what is set or varied there is in the file', async ({ app }) => {
  const { page } = app;
  await app.open('plans');
  await page.getByRole('button', { name: /^Blank/ }).click();
  const file = page.getByRole('textbox', { name: 'File of the plan' });
  await page.getByRole('button', { name: 'SASRec' }).first().click();
  await page.getByRole('button', { name: 'Vary Dropout' }).click();
  await expect(file).toHaveValue(/- sasrec: \{ space: \{ dropout: \{ from: /);
  await page.getByRole('button', { name: 'Fix Dropout' }).click();
  await expect(file).not.toHaveValue(/dropout/);
  await page.getByLabel('Dimension', { exact: true }).fill('16');
  await expect(file).toHaveValue(/settings: \{ dim: 16 \}/);
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByText('Draft saved')).toHaveCount(0);
  await expectAccessible(app);
  await page.getByRole('link', { name: 'Plans' }).first().click();
  await expect(page.getByRole('link', { name: /^New plan/ })).toBeVisible();
  await expectAccessible(app);
  expect(app.problems).toEqual([]);
});
