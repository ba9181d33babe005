import { expectAccessible } from './fixtures/accessibility.ts';
import { club } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { choose } from './pages/select.ts';

test.use({ filled: club });

test('a scaling study is counted before it starts, runs through the queue and says where nothing was learned', async ({
  app,
}) => {
  const { page, newRun } = app;
  const { dialog } = newRun;
  await app.open();
  await app.command('Go to Scaling');
  await page.getByRole('button', { name: 'New study' }).click();
  await newRun.vary('Share of the users', 'Fix');
  await newRun.list('Size', '65x1x2, 64x1x2');
  await expect(dialog.getByRole('alert')).toContainText('heads must divide dim');
  await newRun.list('Size', '2x1x1, 4x1x1, 8x1x1, 16x1x1, 32x1x1');
  await newRun.set({ Epochs: '1', 'Sequence length': '10' });
  await expect(dialog.getByRole('region', { name: 'Scaling' }).getByLabel('Loss')).toHaveAttribute(
    'data-choice',
    'full-softmax',
  );
  await expect(newRun.command).toHaveAttribute('title', /study run .*--set loss=full-softmax/);
  await expect(dialog.getByRole('table', { name: 'Grid' }).getByRole('row')).toHaveCount(6);
  await expectAccessible(app);
  await dialog.getByRole('button', { name: 'Start 5 runs' }).click();

  await expect(page.getByRole('heading', { name: 'sasrec-club-scaling', level: 1 })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('5 of 5 runs done');
  await expect(page.getByRole('main')).toContainText('Worse than guessing');
  await expect(page.getByRole('table', { name: 'Laws' })).not.toContainText('side');
  await expectAccessible(app);
  await expect(
    page.getByRole('img', { name: /Cross-entropy.*against non-embedding parameters/ }),
  ).toBeVisible();
  const cost = page.getByRole('img', { name: /NDCG@10 against the time of training/ });
  await expect(cost).toBeVisible();
  const ticks = (await cost.locator('text').allTextContents()).filter((text) => / (s|min|h)$/.test(text));
  expect(ticks.length).toBeGreaterThan(0);
  await expect(cost).not.toContainText('µ');
  await choose(page.getByLabel('Against', { exact: true }), 'data');
  await expect(page.getByRole('main')).toContainText('every share of the users loses more');
  await page.getByRole('table', { name: 'Grid' }).getByRole('link', { name: 'completed' }).first().click();
  await expect(page.getByRole('heading', { name: /SASRec on club, 2x1x1/, level: 1 })).toBeVisible();

  await app.command('Go to Scaling');
  await page.getByRole('link', { name: 'sasrec-club-scaling' }).click();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('The study is in the trash')).toBeVisible();
  await app.command('Go to Runs');
  await expect(app.runs.row('sasrec-club-scaling')).toHaveCount(5);
});

test('bases stand against Larges and depth against width, beside what is published, and go into a report', async ({
  app,
  tessera,
}) => {
  const { page } = app;
  const short = ['epochs=1', 'maxLength=10'].flatMap((one) => ['--set', one]);
  const asked = ['--dataset', 'club', '--device', 'cpu', '--threads', '1', ...short];
  await tessera(
    'study',
    'base-large',
    '--models',
    'sasrec,hstu',
    '--blocks',
    '1,2',
    '--name',
    'deeper',
    ...asked,
  );
  await tessera(
    'study',
    'run',
    '--sizes',
    '2x1x1,4x1x1,2x4x1,4x4x1',
    '--shares',
    '1',
    '--name',
    'shapes',
    ...asked,
  );
  await app.open();
  await app.command('Go to Scaling');
  await expect(page.getByRole('link', { name: 'deeper' })).toBeVisible();
  await expectAccessible(app);
  await page.getByRole('link', { name: 'deeper' }).click();
  const table = page.getByRole('table', { name: 'Base against Large' });
  await expect(table.getByRole('row', { name: /SASRec/ })).toContainText('1 → 2');
  await expect(table).toContainText('−25.6');
  await expect(
    page.getByRole('img', { name: /NDCG@10 from base to Large, Ours, club: SASRec/ }),
  ).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Other data than club');
  await expect(page.getByRole('main')).toContainText('epochs 1 in place of 101');
  await expectAccessible(app);
  await choose(page.getByLabel('Metric'), 'MRR');
  await expect(table).toContainText('−86.5');

  await page.getByRole('button', { name: 'Report' }).click();
  const report = page.getByRole('dialog', { name: 'Report' });
  await choose(report.getByLabel('Format'), 'md');
  await expect(report.getByLabel('Preview of the report')).toContainText('--blocks 1,2');
  await expectAccessible(app);
  await page.keyboard.press('Escape');

  await app.command('Go to Scaling');
  await page.getByRole('link', { name: 'shapes' }).click();
  await expect(page.getByRole('table', { name: 'Depth and width' }).getByRole('row')).toHaveCount(5);
  await expect(page.getByRole('main')).toContainText('not a result of this study');
  await expectAccessible(app);

  await app.command('Go to Scaling');
  await page.getByRole('button', { name: 'New study' }).click();
  const { newRun } = app;
  const { dialog } = newRun;
  await newRun.vary('Blocks of base and Large');
  await newRun.list('Blocks of base and Large', '8, 2');
  await expect(dialog).toContainText('the larger one last');
  await newRun.list('Blocks of base and Large', '1, 2');
  await newRun.set({ Epochs: '1', 'Sequence length': '10' });
  await dialog.getByRole('button', { name: 'Measure time and memory' }).click();
  await expect(dialog.getByRole('table', { name: 'Estimate by size' })).toContainText('measured');
  await expectAccessible(app);
  await expect(dialog.getByRole('button', { name: 'Start 2 runs' })).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'New study' })).toBeFocused();
});
