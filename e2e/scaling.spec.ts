import { writeSample } from '../src/core/data/sample.ts';
import { expect, test } from './fixtures/test.ts';

test('a scaling study is counted before it starts, runs through the queue and foretells its largest size', async ({
  app,
  home,
  tessera,
}) => {
  test.setTimeout(240_000);
  const { page } = app;
  tessera(
    'datasets',
    'import',
    ...writeSample(`${home}/sample`, { users: 200, items: 120 }),
    '--name',
    'club',
  );
  await app.open();
  await app.command('Go to Scaling');
  await page.getByRole('button', { name: 'New study' }).click();
  const dialog = page.getByRole('dialog', { name: 'New scaling study' });
  await dialog.getByLabel('Percent of the users trained on').fill('100');
  await dialog.getByLabel('Sizes').fill('65x1x2');
  await expect(dialog.getByRole('alert')).toContainText('heads must divide dim');
  await dialog.getByLabel('Sizes').fill('2x1x1, 4x1x1, 8x1x1, 16x1x1, 32x1x1');
  await dialog.getByLabel('Settings of every run').fill('epochs=1, maxLength=10, loss=full-softmax');
  await expect(dialog.getByRole('table', { name: 'Grid' }).getByRole('row')).toHaveCount(6);
  await dialog.getByRole('button', { name: 'Start 5 runs' }).click();

  await expect(page.getByRole('heading', { name: 'sasrec-club-scaling', level: 1 })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('5 of 5 runs done', { timeout: 180_000 });
  await expect(page.getByRole('table', { name: 'Laws' })).toContainText('side');
  await expect(
    page.getByRole('img', { name: /Cross-entropy.*against non-embedding parameters/ }),
  ).toBeVisible();
  await page.getByLabel('Against', { exact: true }).selectOption('data');
  await expect(page.getByRole('main')).toContainText('at least 4 sizes');
  await page.getByRole('table', { name: 'Grid' }).getByRole('link', { name: 'completed' }).first().click();
  await expect(page.getByRole('heading', { name: /sasrec-club-scaling-2x1x1/, level: 1 })).toBeVisible();

  await app.command('Go to Scaling');
  await page.getByRole('link', { name: 'sasrec-club-scaling' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No scaling studies yet')).toBeVisible();
  await app.command('Go to Runs');
  await expect(app.runs.row('sasrec-club-scaling')).toHaveCount(5);
});
