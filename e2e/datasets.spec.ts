import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { popular } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { DatasetsPage } from './pages/datasets.ts';
import { choose } from './pages/select.ts';

/** 60 visitors with 20 visits each; the names of the columns give too little away, and two rows have no rating. */
function visitsFile(home: string): string {
  const rows = Array.from({ length: 1200 }, (_, at) => {
    const rating = at === 40 || at === 700 ? 'good' : String(1 + (at % 5));
    return `v${at % 60};p${(at * 7) % 97};${rating};${1_500_000_000 + 1000 * at}`;
  });
  const path = join(home, 'visits.csv');
  writeFileSync(path, `visitor;product;stars;moment\n${rows.join('\n')}\n`);
  return path;
}

/** Visits without times, and items one of whose prices is no number. */
function shopFiles(home: string): string[] {
  const items = Array.from({ length: 300 }, (_, item) => item);
  const write = (name: string, lines: string[]) => {
    writeFileSync(join(home, name), `${lines.join('\n')}\n`);
    return join(home, name);
  };
  return [
    write('shop.csv', ['user,item', ...items.map((item) => `u${item % 20},i${item}`)]),
    write('items.csv', [
      'item,title,price',
      ...items.map((item) => `i${item},Salt &amp; pepper ${item},${item === 250 ? 'sold out' : `${item}.5`}`),
    ]),
  ];
}

test('a messy file is corrected in its preview, counted while the filters change, imported and deleted', async ({
  app,
  home,
}) => {
  const { page } = app;
  const datasets = new DatasetsPage(page);
  const path = visitsFile(home);
  await app.open();
  await datasets.open();
  await expect(page.getByText('No data sets yet')).toBeVisible();
  await expectAccessible(app);

  await app.drop(path);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('visits.csv:1: no user column among visitor');
  await expect(alert).toContainText('; choose the meaning of each column above its values');
  const start = page.getByRole('button', { name: 'Import', exact: true });
  await expect(start).toBeDisabled();
  const meaning = (column: string) => page.getByLabel(`Meaning of ${column}`);
  await choose(meaning('visitor'), 'User');
  await choose(meaning('moment'), 'Time');
  await expect(meaning('product')).toHaveAttribute('data-choice', 'item');
  await expect(meaning('stars')).toHaveAttribute('data-choice', 'rating');

  const remains = page.getByRole('region', { name: 'Result after filters' });
  const figures = (kind: string) => remains.getByRole('row').filter({ hasText: kind });
  await expect(figures('Interactions')).toContainText('1,198all');
  const checks = page.getByRole('region', { name: 'Checks' });
  await expect(checks).toContainText('2 rows cannot be read.');
  await expect(checks).toContainText('visits.csv:42: rating "good" is not a number');
  await expect(start).toBeDisabled();
  await app.import.openOptions();
  await app.import.options.getByLabel('Minimum rating').fill('3');
  await expect(figures('Interactions')).toContainText(/7\d\d\d\d\.\d % of 1,198/);
  await app.import.options.getByLabel('Min. per user').fill('500');
  await expect(checks).toContainText('No interactions remain');
  await app.import.options.getByLabel('Min. per user').fill('');
  await checks.getByRole('button', { name: 'Skip these rows' }).click();
  await expectAccessible(app);
  await app.import.name('visits of the shop');
  await start.click();

  await expect(page.getByRole('heading', { name: 'visits of the shop', level: 1 })).toBeVisible();
  const leftOut = page.getByRole('table', { name: 'Rows removed' });
  await expect(leftOut.getByRole('row')).toHaveText([
    /^Rows/,
    /^Readable in the files1,198100\.0 %6097$/,
    /^Unreadable2–––$/,
    /^Rating below 347839\.9 %––$/,
    /^Kept72060\.1 %3697$/,
  ]);
  await page.getByText('The unreadable rows').click();
  await expect(page.getByText('visits.csv:42: rating "good" is not a number')).toBeVisible();
  // 1,200 visits, 1,000 seconds after each other, are two weeks.
  await expect(
    page.getByRole('img', { name: /^Active users per day: 14 days; most in 2017-07-\d\d: / }),
  ).toBeVisible();
  await expect(page.getByRole('img', { name: /Sequence length: .*36 users with 16–31/ })).toBeVisible();
  // What was dropped is gone once it is imported.
  expect(existsSync(join(home, 'uploads')) ? readdirSync(join(home, 'uploads')) : []).toEqual([]);
  await expectAccessible(app);

  const dialog = await datasets.askToDelete();
  await expect(dialog).toContainText('No run was trained on it');
  await dialog.getByRole('button', { name: 'Delete the data set' }).click();
  await expect(page.getByText('The data set is in the trash')).toBeVisible();
  await app.undo('to the trash').click();
  await expect(datasets.row('visits of the shop')).toBeVisible();

  // What is said before an import: of rows without times, and of a column that only looks like numbers.
  await app.drop(...shopFiles(home));
  const notes = page.getByRole('main').getByRole('paragraph');
  await expect(notes.filter({ hasText: 'No time column' })).toContainText('“last” is the last one there');
  await expect(notes.filter({ hasText: 'price will be a category' })).toContainText(
    '1 of 300 values is not a number, "sold out"',
  );
  await expect(meaning('price')).toHaveAttribute('data-choice', 'categorical');
  await expect(page.getByRole('cell', { name: 'Salt & pepper 0' })).toBeVisible();
  await app.import.openOptions();
  await expect(app.import.options).not.toContainText('Tied timestamps');
  await expectAccessible(app);
  mkdirSync(join(home, 'nothing'));
  await app.drop(join(home, 'nothing'));
  await expect(app.messages).toContainText('There is no file in the folder.');
  expect(app.problems).toEqual([]);
});

const onPopular = test.extend({ filled: popular });

onPopular(
  'items are found by title, and a deletion names the runs that lose the data set',
  async ({ app }) => {
    const { page } = app;
    const datasets = new DatasetsPage(page);
    await app.open();
    await datasets.open();
    await expect(datasets.row('club')).toContainText('200');
    await expectAccessible(app);

    await datasets.show('club');
    const rows = await datasets.items('');
    await expect(rows.nth(1)).toContainText(/\d/);
    const title = (await rows.nth(1).getByRole('gridcell').nth(1).textContent()) ?? '';
    await datasets.items(title.toUpperCase());
    await expect(rows.nth(1)).toContainText(title);
    await expect(page).toHaveURL(/#\/datasets\/club-[0-9a-f]{8}\/items$/);
    await expectAccessible(app);
    await page.reload();
    await expect(page.getByRole('grid', { name: 'Items' })).toBeVisible();

    const dialog = await datasets.askToDelete();
    await expect(dialog.getByRole('list', { name: 'Runs that lose their data set' })).toContainText(
      'Popularity on club, seed 1',
    );
    await expectAccessible(app);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toHaveCount(0);
    expect(app.problems).toEqual([]);
  },
);

onPopular('a data set is exported for other programs, cut by time', async ({ app, home }) => {
  const { page } = app;
  const datasets = new DatasetsPage(page);
  await app.open();
  await datasets.open();
  await datasets.show('club');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Export club' });
  await choose(dialog.getByLabel('Held out'), 'Time-based split');
  await choose(dialog.getByLabel('Files'), 'RecBole');
  await expectAccessible(app);
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByText('Exported club')).toBeVisible();
  await expect(dialog).toBeHidden();
  expect(readdirSync(join(home, 'exports', 'club-recbole')).toSorted()).toEqual([
    ...['club.item', 'club.pairs.inter', 'club.test.inter', 'club.train.inter', 'club.valid.inter'],
    ...['croissant.json', 'manifest.json'],
  ]);
});
