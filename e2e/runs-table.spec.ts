import { expectAccessible } from './fixtures/accessibility.ts';
import { club, twoSeeds } from './fixtures/homes.ts';
import { restyled } from './fixtures/restyled.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

const onTwoSeeds = test.extend({ filled: twoSeeds });

onTwoSeeds('every run can be selected, found, linked and noted from the table', async ({ app, tessera }) => {
  const { page, runs } = app;
  const train = (...options: string[]) => tessera('train', '--dataset', 'club', ...options);
  await train('--model', 'itemknn');
  await train('--model', 'ease');
  await page.setViewportSize({ width: 1440, height: 900 });
  await app.open();

  // By data set and protocol, the best first and marked, and all of it fits.
  await expect(runs.heading('club')).toContainText(/200 users · \d+ items · leave-last-out/);
  await expect(runs.rows).toHaveCount(3);
  await expect(runs.columns).toHaveText([
    ...[
      '',
      'Run',
      'Status',
      'NDCG@10',
      'HR@10',
      'Validation',
      'Seeds',
      'Best epoch',
      'Time',
      'Tags',
      'Created',
    ],
  ]);
  expect(await runs.table.evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0);
  await expect(runs.rows.first().locator('.cell-mean').first()).toHaveAttribute('data-place', 'best');
  const [head, mean] = await Promise.all(
    [runs.columns.nth(3).locator('button'), runs.rows.first().locator('.cell-mean').first()].map((place) =>
      place.evaluate((element) => element.getBoundingClientRect().right),
    ),
  );
  expect(Math.abs(head - mean)).toBeLessThan(1);

  // A name is one text, which the browser finds.
  await expect(runs.row('popularity-club')).toContainText('Popularity');
  expect(
    await page.evaluate(() => (window as unknown as { find(text: string): boolean }).find('Popularity')),
  ).toBe(true);

  // Boxes in the head and of groups, and the keys of a list.
  await page.getByLabel('Select all rows').click();
  await expect(page.getByText('4 selected')).toBeVisible();
  await runs.row('ease-club').getByRole('checkbox').click();
  await expect(page.getByText('3 selected')).toBeVisible();
  await expect(page.getByLabel('Select all of club')).toHaveJSProperty('indeterminate', true);
  await page.getByRole('button', { name: 'Select all 3 in club' }).click();
  await expect(page.getByLabel('Select all of club')).toBeChecked();
  await runs.table.focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+End');
  await expect(page.getByText('4 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+a');
  await expect(page.getByText('4 selected')).toBeVisible();
  expect(await runs.table.getAttribute('aria-activedescendant')).not.toMatch(/\s/);

  // The menu on a row has what the bar has; the selection is there when the user comes back.
  await runs.row('ease-club').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'What differs' }).click();
  await expect(page).toHaveURL(/compare\?.*view=configs/);
  await page.goBack();
  await expect(page.getByText('4 selected')).toBeVisible();
  await runs.table.focus();
  await page.keyboard.press('Escape');

  // Notes are written beside the table.
  await runs.row('ease-club').click();
  await pressShortcut(page, 't');
  const notes = page.getByRole('complementary', { name: 'Tags and notes' });
  for (const tag of ['floor', 'paper']) {
    await notes.getByRole('combobox', { name: 'Tags' }).fill(tag);
    await page.keyboard.press('Enter');
  }
  await notes.getByRole('button', { name: 'Save' }).click();
  await expect(runs.row('ease-club').locator('.run-tags')).toHaveText(/floor\s*\+1/);
  await expectAccessible(app);
  await notes.getByRole('button', { name: 'Close tags and notes' }).click();

  // What is typed replaces the address, and a link to it shows the same.
  await runs.search.pressSequentially('itemknn');
  await expect(runs.rows).toHaveCount(1);
  await expect(page.getByText('1 of 3 configurations, 1 of 4 runs')).toBeVisible();
  await expect(page).toHaveURL(/runs\?.*search=itemknn/);
  await page.reload();
  await expect(runs.search).toHaveValue('itemknn');
  await expect(runs.rows).toHaveCount(1);
  await runs.search.fill('');
  await expect(runs.rows).toHaveCount(3);

  // A name that is being changed stays while rows come above it; the sidebar counts them.
  await runs.row('popularity-club').getByText('Completed').click();
  await page.keyboard.press('F2');
  await page.keyboard.type('the floor');
  await train('--model', 'itemknn', '--set', 'neighbours=7');
  await expect(runs.rows).toHaveCount(4);
  await expect(app.sidebar.getByRole('link', { name: 'Runs' })).toHaveAttribute('data-count', '5');
  await expect(page.getByLabel('Name of the run')).toHaveValue('the floor');
  await page.keyboard.press('Enter');
  await expect(runs.row('the floor')).toHaveCount(1);
  await expect(runs.row('itemknn-club')).toHaveText([/neighbours 7/, /neighbours \d+/]);

  // A column is made wider by the keyboard.
  const status = runs.columns.filter({ hasText: 'Status' });
  const { width = 0 } = (await status.boundingBox()) ?? {};
  await status.getByRole('button').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect.poll(async () => (await status.boundingBox())?.width).toBe(width + 8);
  expect(app.problems).toEqual([]);
});

const onClub = test.extend({ filled: club });

onClub('the selection says what the boxes show, and notes that are typed stay', async ({ app, tessera }) => {
  const { page, runs } = app;
  const train = (...options: string[]) => tessera('train', '--dataset', 'club', ...options);
  for (const seed of ['1', '2', '3'])
    await train('--model', 'popularity', '--seed', seed, '--name', `base-${seed}`);
  await train('--model', 'itemknn');
  await page.setViewportSize({ width: 1440, height: 900 });
  await app.open();
  const selected = (count: number) => expect(runs.bar.getByText(`${count} selected`)).toBeVisible();
  const base = runs.row('base').first();

  // Every run below its row has a name; its seed stands where its row says how many there are.
  await base.click();
  await selected(3);
  await page.keyboard.press('ArrowRight');
  await expect(runs.rows).toHaveCount(5);
  for (const seed of ['1', '2', '3'])
    await expect(runs.row(`base-${seed}`).getByRole('link')).toHaveText(`base-${seed}`);

  // Where seeds are unfolded each run is a row, and none is selected.
  await pressShortcut(page, 'f');
  await expect(runs.rows).toHaveCount(4);
  await expect(runs.bar).toHaveCount(0);
  await expect(runs.columns.filter({ hasText: 'Seed' })).toHaveText('Seed');

  // A run that is deleted elsewhere is selected no longer, and what a filter hides is out of reach until it is shown.
  for (const seed of ['1', '2', '3']) await runs.row(`base-${seed}`).getByRole('checkbox').click();
  await selected(3);
  await tessera('runs', 'delete', 'base-1');
  await selected(2);
  await runs.search.fill('itemknn');
  await expect(runs.rows).toHaveCount(1);
  await expect(page.getByText('1 of 3 runs')).toBeVisible();
  await expect(runs.bar).toHaveCount(0);
  await runs.table.focus();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await runs.search.fill('base-2');
  await expect(runs.bar.getByText('1 selected, 1 hidden')).toBeVisible();
  await runs.search.fill('');
  await selected(2);

  // A click that began on a row is for it, whatever comes of the list before the button is let go.
  const { x, y } = (await runs.row('base-3').getByRole('gridcell').nth(2).boundingBox()) ?? { x: 0, y: 0 };
  await runs.search.fill('base-3');
  await page.mouse.move(x + 4, y + 4);
  await page.mouse.down();
  await expect(page.getByText('1 of 3 runs')).toBeVisible();
  await expect(runs.rows).toHaveCount(3);
  await page.mouse.up();
  await expect(runs.rows).toHaveCount(1);
  await expect(runs.row('base-3')).toHaveAttribute('aria-selected', 'true');
  await runs.search.fill('');

  // What was typed is saved where another row is selected, and saving keeps the focus.
  await runs.row('base-2').click();
  await pressShortcut(page, 't');
  const notes = page.getByRole('complementary', { name: 'Tags and notes' });
  await expect(notes.getByRole('combobox', { name: 'Tags' })).toBeFocused();
  await notes.getByLabel('Notes', { exact: true }).fill('a floor');
  await runs.row('base-3').click();
  await expect(notes.getByLabel('Notes', { exact: true })).toHaveValue('');
  await runs.row('base-2').click();
  await expect(notes.getByLabel('Notes', { exact: true })).toHaveValue('a floor');
  await notes.getByLabel('Notes', { exact: true }).fill('a higher floor');
  await notes.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Changed the notes of 1 run').last()).toBeVisible();
  await expect(notes.getByRole('button', { name: 'Save' })).toBeFocused();
  expect(app.problems).toEqual([]);
});

onTwoSeeds('what lies over the table leaves it as it is', async ({ app }) => {
  const { page, runs } = app;
  await app.open();
  await runs.foldSeeds.uncheck();
  await expect(runs.rows).toHaveCount(2);
  const elements = await page.locator('#root *').count();
  const columns = page.getByRole('button', { name: 'Columns' });
  const views = page.getByRole('button', { name: 'Views' });
  for (const [open, shown] of [
    [() => page.keyboard.press('ControlOrMeta+k'), '.palette'],
    [() => columns.click(), '.dialog'],
    [() => views.click(), '.menu'],
  ] as const) {
    await open();
    await expect(page.locator(shown)).toBeVisible();
    const close = async () => {
      await page.keyboard.press('Escape');
      await expect(page.locator(shown)).toHaveCount(0);
    };
    expect(await restyled(page, close)).toBeLessThan(elements / 4);
  }

  // A click beside a menu closes it, and does nothing else.
  const { x, y } = (await columns.boundingBox()) ?? { x: 0, y: 0 };
  await views.click();
  await expect(page.locator('.menu')).toBeFocused();
  await page.mouse.click(x + 8, y + 8);
  await expect(page.locator('.menu, .dialog')).toHaveCount(0);
  await expect(views).toBeFocused();
});
