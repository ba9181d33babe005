import { writeSample } from '../src/core/data/sample/sample.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';
import { QueuePage } from './pages/queue.ts';

test('the queue is paused, reordered, cancelled and resumed', async ({ app, home, tessera }) => {
  const { page } = app;
  const queue = new QueuePage(page);
  const paths = writeSample(`${home}/sample`, { users: 300, items: 150 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await app.open();
  await app.command('Go to Queue');
  await queue.button('Pause queue').click();
  await pressShortcut(page, 'n');
  const config = { Epochs: '400', Patience: '0' };
  await app.newRun.fill({ model: 'bprmf', dataset: 'club', seeds: '1-3', config });
  await app.newRun.start();
  await app.command('Go to Queue');
  const names = [1, 2, 3].map((seed) => `BPRMF, seed ${seed}`);
  // What differs stands behind the model, in grey.
  const shown = names.map((name) => name.replace(',', ''));
  await expect.poll(() => queue.waiting()).toEqual(shown);

  await queue.button(`Move ${names[2]} up`).click();
  await expect.poll(() => queue.waiting()).toEqual([shown[0], shown[2], shown[1]]);
  const items = queue.list('Waiting').getByRole('listitem');
  await items.last().dragTo(items.first());
  await expect.poll(() => queue.waiting()).toEqual([shown[1], shown[0], shown[2]]);
  await queue.button(`Pause ${names[1]}`).click();
  // Paused is not waiting.
  await expect(queue.list('Paused').getByRole('link')).toHaveText([shown[1]]);
  await page.reload();
  await expect.poll(() => queue.waiting()).toEqual([shown[0], shown[2]]);
  await expect(queue.button(`Resume ${names[1]}`)).toBeVisible();

  await queue.button('Resume queue').click();
  await expect(queue.list('Running')).toContainText(shown[0]);
  await expect(queue.list('Running').getByRole('progressbar')).toBeVisible();
  await queue.button(`Pause ${names[0]}`).click();
  await expect(queue.button(`Resume ${names[0]}`)).toBeVisible();
  await expect(queue.list('Running')).toContainText(shown[2]);
  await queue.button(`Cancel ${names[2]}`).click();
  // Messages under the mouse stay, however long it takes to stop.
  const undo = app.undo('BPRMF on club, seed 3 cancelled');
  await undo.hover();
  // As far as it came: without a checkpoint it would start again.
  await expect(queue.button(new RegExp(`^(Resume|Start again) ${names[2]}$`))).toBeVisible();
  await undo.click();
  await expect(queue.list('Running')).toContainText(shown[2]);
  await queue.button(`Cancel ${names[0]}`).click();
  await expect(queue.list('Stopped').getByRole('link')).toHaveCount(1);
  await queue.list('Running').getByRole('link', { name: shown[2] }).click();
  await app.run.button('Stop after epoch').click();
  await expect(page.getByRole('main')).toContainText(/Ended after epoch \d+ of 400, as requested/);
  await expect(page.getByLabel('Results', { exact: true }).first()).toContainText('NDCG@10');
  expect(app.problems).toEqual([]);
});

test('a tokeniser that waits has the views of a tokeniser', async ({ app, home, tessera }) => {
  const { page } = app;
  const paths = writeSample(`${home}/sample`, { users: 60, items: 60 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await app.open();
  await app.command('Go to Queue');
  await new QueuePage(page).button('Pause queue').click();
  await pressShortcut(page, 'n');
  await app.newRun.fill({ model: 'rq-vae', dataset: 'club' });
  await app.newRun.start();
  await app.command('Go to Runs');
  await app.runs.row('rq-vae-club').dblclick();
  await expect(page.getByRole('tab', { name: 'Checkpoints' })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Recommendations' })).toHaveCount(0);
  await expect(page.getByRole('tab', { name: 'Slices' })).toHaveCount(0);
});
