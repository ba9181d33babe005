import { existsSync } from 'node:fs';
import { ForeignWriter } from '../test/store/foreign-writer.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { expect, LONG, test } from './fixtures/test.ts';
import { QueuePage } from './pages/queue.ts';

test('a run that another program trains shows up, is followed to its end, and says what is not known of it', async ({
  app,
  home,
}) => {
  const { page, runs } = app;
  const queue = new QueuePage(page);
  await app.open();
  const writer = new ForeignWriter(home, { name: 'theirs', model: 'BERT4Rec', config: { dim: 64 }, seed: 7 });
  writer.log('val_loss', [1, 2, 3], [0.9, 0.5, 0.4]);
  await app.command('Go to Queue');
  const row = queue.list('Running').getByRole('listitem').filter({ hasText: 'theirs' });
  await expect(row).toContainText('PyTorch 2.6', LONG);
  await expect(row.getByRole('button', { name: 'Cancel theirs' })).toBeVisible();
  await expect(row.getByRole('button', { name: 'Pause theirs' })).toHaveCount(0);
  await row.getByRole('link', { name: 'theirs' }).click();

  const main = page.getByRole('main');
  await expect(main.getByText('PyTorch 2.6').first()).toBeVisible();
  await expect(app.run.chart('val_loss')).toBeVisible();
  const moved = app.run.watchMove(app.run.chart('val_loss'));
  writer.log('val_loss', [4, 5, 6], [0.3, 0.9, 0.2]);
  await moved;
  for (const view of ['Recommendations', 'Slices', 'Checkpoints'])
    await expect(page.getByRole('tab', { name: view })).toBeDisabled();
  await app.run.show('Config');
  await expect(main).toContainText('dim');
  await app.run.show('Results');
  await expect(main).toContainText('No results stated');
  await expect(main.getByRole('row', { name: /Parameters/ })).toContainText('Not given');
  await app.run.button('Cancel').click();
  await expect.poll(() => existsSync(`${writer.path}.request`)).toBe(true);
  writer.write({ type: 'finished', metrics: { 'test/ndcg@10': 0.3125, recall: 0.5 } });
  await expect(main.getByRole('row', { name: /recall/ })).toContainText('0.5000', LONG);
  await expect(app.run.button('Compare')).toHaveCount(0);
  await expectAccessible(app);

  await app.command('Go to Runs');
  await expect(runs.row('theirs')).toContainText('PyTorch 2.6');
  await expect(runs.row('theirs').getByTitle('stated by PyTorch 2.6').first()).toBeVisible();
  await app.command('Go to Home');
  await expect(main).toContainText('theirs');
  await page.goto(`${page.url().split('#')[0]}#/compare?runs=${writer.id}`);
  await expect(main).toContainText('results');
  expect(app.problems).toEqual([]);
});
