import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyFile } from '../test/fixtures/npy-file.ts';
import { ForeignWriter } from '../test/store/foreign-writer.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { popular } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { Clicks } from './pages/clicks.ts';
import { DatasetsPage } from './pages/datasets.ts';
import { QueuePage } from './pages/queue.ts';
import { choose } from './pages/select.ts';

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
  await expect(row).toContainText('PyTorch 2.6');
  await expect(row.getByRole('button', { name: 'Cancel theirs' })).toBeVisible();
  await expect(row.getByRole('button', { name: 'Pause theirs' })).toHaveCount(0);
  await row.getByRole('link', { name: 'theirs' }).click();

  const main = page.getByRole('main');
  await expect(main.getByText('PyTorch 2.6').first()).toBeVisible();
  await app.run.watchMove(app.run.chart('val_loss'), () =>
    writer.log('val_loss', [4, 5, 6], [0.3, 0.9, 0.2]),
  );
  for (const view of ['Recommendations', 'Slices', 'Checkpoints'])
    await expect(page.getByRole('tab', { name: view })).toBeDisabled();
  await app.run.show('Config');
  await expect(main).toContainText('dim');
  writer.write({ type: 'log', level: 'warn', message: 'ValueError: no\n  at step 3' });
  await app.run.show('Log');
  await main.getByRole('row', { name: /ValueError/ }).click();
  await expect(main.getByRole('region', { name: 'The whole line' })).toContainText('at step 3');
  await app.run.show('Results');
  await expect(main).toContainText('No results reported');
  await expect(main.getByRole('row', { name: /Parameters/ })).toContainText('Not given');
  await app.run.button('Cancel').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await expect.poll(() => existsSync(`${writer.path}.request`)).toBe(true);
  writer.write({ type: 'finished', metrics: { 'test/ndcg@10': 0.3125, recall: 0.5 } });
  await expect(main.getByRole('row', { name: /recall/ })).toContainText('0.5000');
  await expectAccessible(app);

  await app.command('Go to Runs');
  await expect(runs.row('theirs')).toContainText('PyTorch 2.6');
  await expect(runs.row('theirs').getByTitle('reported by PyTorch 2.6').first()).toBeVisible();
  await app.command('Go to Home');
  // The table of runs has the name as well.
  await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible();
  await expect(main).toContainText('theirs');
  await page.goto(`${page.url().split('#')[0]}#/compare?runs=${writer.id}`);
  await expect(main).toContainText('reported by PyTorch 2.6: nothing of it was measured here');
  expect(app.problems).toEqual([]);
});

test.describe('beside runs of ours', () => {
  test.use({ filled: popular });

  test('recommendations of another program are dropped on their data set, looked at, measured and compared', async ({
    app,
    home,
  }) => {
    const { page } = app;
    const datasets = new DatasetsPage(page);
    const lists = listsOf(home);
    const path = join(home, 'theirs.csv');
    writeFileSync(path, `client;thing;place\n${lists.join('\n').replaceAll(',', ';')}\n`);
    await app.open();
    await datasets.open();
    await datasets.show('club');
    // Nothing of it says what the columns are.
    await app.drop(path);
    await expect(page.getByRole('heading', { name: /^Import/ })).toBeVisible();
    await page.getByRole('button', { name: 'Cancel' }).click();

    await app.command('Evaluate external results');
    const dialog = page.getByRole('dialog', { name: 'Evaluate external results' });
    await dialog.getByLabel('Choose a file').setInputFiles(path);
    await expect(dialog.getByRole('alert')).toContainText('no column is the user');
    await choose(dialog.getByLabel('Column of the user'), 'client');
    await choose(dialog.getByLabel('Column of the item'), 'thing');
    await choose(dialog.getByLabel('Column of the rank'), 'place');
    const fact = (name: string) => dialog.getByRole('row').filter({ hasText: name });
    await expect(fact('Items in each list')).toContainText('metrics with larger cut-offs are omitted');
    await expectAccessible(app);
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    writeFileSync(path, `user_id,item_id,rank\n${lists.join('\n')}\n`);
    await app.command('Go to Runs');
    await app.drop(path);
    await expect(dialog).toContainText('over 200 of 200 users');
    const stands = dialog.getByRole('region', { name: 'How it will stand in Compare' });
    await expect(stands).toContainText(
      'split, checkpoint selection, training on validation items, tuning, seed unknown',
    );
    await choose(dialog.getByLabel('Held out'), 'leave-last-out');
    await dialog.getByRole('button', { name: 'Validation' }).first().click();
    await expect(stands).toContainText('a: training on validation items, tuning, seed unknown');
    await dialog.getByLabel('Program').fill('RecBole 1.2');
    await dialog.getByLabel('Model').fill('BERT4Rec');
    await dialog.getByLabel('Reported metrics').fill('ndcg@10=0.9');
    await dialog.getByRole('button', { name: 'Save as a run' }).click();
    // It goes on whatever is shown.
    await app.messages.getByRole('button', { name: 'Open' }).click();
    await expect(page.getByRole('heading', { name: 'BERT4Rec on club' })).toBeVisible();
    await expectIdsOfArrays(app, home, lists);
    await expect(page.getByRole('main')).toContainText('RecBole 1.2');
    await expect(page.getByRole('main')).toContainText(
      /0\.9000\d+\.\d % above ours; check the candidate set/,
    );
    await app.command('Go to Compare');
    await app.compare.chooseRuns('popularity-club', 'BERT4Rec-club');
    await expect(app.compare.row('BERT4Rec')).toContainText('RecBole 1.2');
    await expect(app.compare.row('BERT4Rec')).toContainText(/Better|Worse|Not significant/);
  });

  test('lists of another program are four clicks away from a comparison with the best of ours', async ({
    app,
    home,
  }) => {
    const path = join(home, 'theirs.csv');
    writeFileSync(path, `user_id,item_id,rank\n${listsOf(home).join('\n')}\n`);
    await app.open('home');
    const clicks = new Clicks(app);
    await clicks.choose('Import files', path);
    await expect(app.page.getByRole('dialog')).toContainText('over 200 of 200 users');
    await clicks.press('Save as a run');
    await clicks.press('Open');
    await clicks.press('Compare');
    await expect(app.compare.row('')).toHaveText([/0\.\d{4}/, /0\.\d{4}/]);
    await expect(app.compare.row('Popularity')).toHaveCount(1);
    expect(clicks.count).toBeLessThanOrEqual(4);
    expect(app.problems).toEqual([]);
  });
});

/** "user,item,rank" of every user of the club: nothing of the history before the last item. */
function listsOf(home: string): string[] {
  const rows = readFileSync(join(home, 'sample', 'ratings.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const ratings = rows.map((row) => row.split(',')).sort((one, other) => Number(one[3]) - Number(other[3]));
  const items = [...new Set(ratings.map(([, item]) => item))];
  return [...Map.groupBy(ratings, ([user]) => user)].flatMap(([user, own]) => {
    const seen = new Set(own.slice(0, -1).map(([, item]) => item));
    const list = items.filter((item) => !seen.has(item)).slice(0, 20);
    return list.map((item, at) => `${user},${item},${at + 1}`);
  });
}

/** The same lists as an array of places among items, whose ids are in files of their own. */
async function expectIdsOfArrays(app: App, home: string, lists: readonly string[]): Promise<void> {
  const pairs = lists.map((line) => line.split(','));
  const [users, items] = [0, 1].map((column) => [...new Set(pairs.map((pair) => pair[column]))]);
  const places = Int32Array.from(pairs, ([, item]) => items.indexOf(item));
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(home, name), content);
    return join(home, name);
  };
  await app.drop(file('indices.npy', npyFile('<i4', [users.length, places.length / users.length], places)));
  const dialog = app.page.getByRole('dialog', { name: 'Evaluate external results' });
  await expect(dialog.getByRole('alert')).toContainText('or choose the ids of the users');
  // The first is still on its way when the second is chosen.
  await app.page.route(/name=users\.txt/, async (route) => {
    await app.page.waitForTimeout(1_000);
    await route.continue();
  });
  await dialog.getByLabel('Ids of the users').setInputFiles(file('users.txt', users.join('\n')));
  await dialog.getByLabel('Ids of the items').setInputFiles(file('items.txt', items.join('\n')));
  await expect(dialog).toContainText('over 200 of 200 users');
  await expect(dialog).toContainText('users.txt');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
}

test('runs of another tracker are dropped, seen before they are kept, renamed, imported and taken back', async ({
  app,
}, testInfo) => {
  const { page, runs } = app;
  const folder = testInfo.outputPath('trackers');
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', [
    '-xzf',
    join(import.meta.dirname, '..', 'test', 'fixtures', 'trackers', 'trackers.tar.gz'),
    '-C',
    folder,
  ]);
  await app.open();
  await app.drop(join(folder, 'tensorboard'));
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { name: 'Import runs of TensorBoard' })).toBeVisible();
  await expect(main.getByRole('row', { name: /exp ü\/old style New 4 65/ })).toBeVisible();
  await expect(main).toContainText('Skipped: images, histograms and other records without a number (3).');
  await expect(main.getByLabel('val/NDCG_10 here')).toHaveValue('valid/ndcg@10');
  const name = main.getByLabel('wide here');
  await name.fill('nonsense');
  await expect(main.getByRole('button', { name: 'Import 3 runs' })).toBeDisabled();
  await name.fill('test ndcg@10');
  await expectAccessible(app);
  await main.getByRole('button', { name: 'Import 3 runs' }).click();
  await expect(runs.row('tensors/train')).toContainText('2.7143');
  await expect(runs.row('tensors/train').getByTitle('reported by TensorBoard').first()).toBeVisible();

  await app.drop(join(folder, 'tensorboard'));
  await expect(main.getByRole('row', { name: /tensors\/train Unchanged 0 0/ })).toBeVisible();
  await main.getByRole('button', { name: 'Cancel' }).click();
  const tables = ['one', 'two'].map((name) => join(folder, `${name}.csv`));
  for (const table of tables) writeFileSync(table, `name,ndcg@10\n${table.at(-5)}-run,0.5\n`);
  await app.drop(...tables);
  await main.getByRole('button', { name: 'Import 2 runs' }).click();
  await app.undo('Imported 2 runs').click();
  await expect(runs.row('tensors/train')).toBeVisible();
  await expect(runs.row('e-run')).toHaveCount(0);
  await app.drop(folder);
  await main.getByRole('button', { name: 'Import from trackio' }).click();
  await expect(main.getByRole('row', { name: /zwei New/ })).toBeVisible();
  expect(app.problems).toEqual([]);
});
