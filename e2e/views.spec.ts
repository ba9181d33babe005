import { expectAccessible } from './fixtures/accessibility.ts';
import { twoModels } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';
import { choose } from './pages/select.ts';

test.use({ filled: twoModels });

test('the table of runs is filtered, grouped and kept as views; runs are named, tagged, starred and archived', async ({
  app,
  tessera,
}) => {
  const { page, runs } = app;
  for (const dim of ['8', '16']) {
    const settings = ['--set', 'epochs=2', '--set', `dim=${dim}`];
    await tessera('train', '--dataset', 'club', '--model', 'bprmf', ...settings);
  }
  await app.open();
  await expect(runs.rows).toHaveCount(4);
  await expect(
    runs.row('bprmf').getByRole('img', { name: /^Validation NDCG@10 by step, best 0\.\d{4}$/ }),
  ).toHaveCount(2);

  // A model goes by its title, in whatever case it is typed.
  await runs.filter('Model', 'is', 'itemKNN');
  await expect(runs.rows).toHaveCount(1);
  await runs.filters.getByRole('button', { name: 'Remove filter Model is ItemKNN' }).click();
  await runs.filter('Model', 'is not', 'popularity');
  await expect(runs.rows).toHaveCount(3);
  await page.getByRole('button', { name: 'Add filter' }).click();
  const option = (name: string) => page.getByRole('option', { name, exact: true });
  await option('Dimension').click();
  await option('is').click();
  await expect(page.getByRole('option')).toHaveText(['8', '16']);
  await option('8').click();
  await expect(runs.rows).toHaveCount(1);
  await runs.filters.getByRole('button', { name: 'Remove filter Dimension is 8' }).click();
  await runs.filter('Dimension', '≥', '16');
  await expect(runs.rows).toHaveCount(1);
  await expect(runs.row('bprmf')).toHaveCount(1);
  await runs.filters.getByRole('button', { name: 'Remove filter Dimension ≥ 16' }).click();
  await expect(runs.rows).toHaveCount(3);
  // What is typed counts once the user pauses, or goes on to something else.
  const clear = await page.getByRole('button', { name: 'Clear', exact: true }).boundingBox();
  await runs.search.focus();
  await page.keyboard.press('x');
  await page.mouse.click((clear?.x ?? 0) + 8, (clear?.y ?? 0) + 8);
  await expect(runs.rows).toHaveCount(4);
  await page.waitForTimeout(500);
  await expect(runs.search).toHaveValue('');
  await expect(runs.rows).toHaveCount(4);
  await runs.filter('Model', 'is not', 'popularity');
  await expect(runs.rows).toHaveCount(3);

  await runs.group('Model');
  const heading = runs.heading('Model: bprmf');
  await expect(heading).toHaveAttribute('aria-expanded', 'true');
  await heading.click();
  await expect(heading).toHaveAttribute('aria-expanded', 'false');
  await expect(runs.row('bprmf-club')).toHaveCount(0);
  await expect(runs.row('itemknn-club')).toHaveCount(1);

  const save = async (name: string) => {
    await runs.view('Save view as');
    await page.getByLabel('Name of the view').fill(name);
    await page.keyboard.press('Enter');
  };
  await save('trained');
  await runs.view('Default view');
  await expect(runs.rows).toHaveCount(4);
  // A view that is deleted comes back beside those saved since.
  await save('first');
  await runs.view('Delete view first');
  await save('second');
  await app.undo('Deleted the view first').click();
  await page.getByRole('button', { name: 'Views' }).click();
  for (const name of ['first', 'second'])
    await expect(page.getByRole('menuitem', { name, exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Columns' }).click();
  const columns = page.getByRole('dialog', { name: 'Columns' });
  await expect(columns.getByRole('searchbox')).toBeFocused();
  // The fields and the boxes of their groups are one stop of the tab key, their order is the next.
  await page.keyboard.press('Tab');
  await expect(columns.getByRole('checkbox', { name: 'All of Run' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(columns.getByRole('checkbox', { name: 'Status' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(columns.getByRole('listitem').first()).toContainText('Status');
  await expect(columns.getByRole('button', { name: 'Move Status up' })).toBeFocused();
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Tab');
  await expect(columns.getByRole('button', { name: 'Default columns' })).toBeFocused();
  await page.getByRole('checkbox', { name: 'Device' }).check();
  await page.getByRole('checkbox', { name: 'Best epoch' }).uncheck();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(runs.columns.filter({ hasText: 'Device' })).toHaveCount(1);
  await page.reload();
  await expect(runs.columns.filter({ hasText: 'Device' })).toHaveCount(1);
  await expect(runs.columns.filter({ hasText: 'Best epoch' })).toHaveCount(0);
  await runs.view('trained');
  await expect(runs.heading('Model: itemknn')).toHaveCount(1);
  await runs.view('Default view');

  // Everything by the keyboard from here.
  await runs.row('popularity-club').getByText('Completed').click();
  await page.keyboard.press('F2');
  await page.keyboard.type('the floor');
  await page.keyboard.press('Enter');
  await expect(runs.row('the floor')).toHaveCount(1);
  await runs.table.focus();
  await pressShortcut(page, 's');
  await expect(runs.row('★ the floor')).toHaveCount(1);
  await pressShortcut(page, 't');
  await page.getByRole('combobox', { name: 'Tags' }).fill('baseline');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Notes' }).fill('What the others must beat.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(runs.row('the floor')).toContainText('baseline');
  await runs.search.fill('must beat');
  await expect(runs.rows).toHaveCount(1);
  await runs.search.fill('');
  await runs.table.focus();
  await pressShortcut(page, 'e');
  await expect(runs.row('the floor')).toHaveCount(0);
  await app.undo('Archived').click();
  await expect(runs.row('the floor')).toHaveCount(1);
  expect(app.problems).toEqual([]);
});

test('recommendations say where the held-out item landed, beside those of another model, for any user', async ({
  app,
}) => {
  await app.open();
  await app.runs.row('itemknn').dblclick();
  const { page, recommendations } = app;
  await expect(page.getByRole('tab', { name: 'Recommendations' })).toBeVisible();
  await pressShortcut(page, 'o');
  await recommendations.search.fill('u1');
  const users = recommendations.users;
  await expect(users.first()).toContainText(/^u1/);
  await users.first().click();
  const main = page.getByRole('main');
  await expect(page.getByRole('heading', { name: /^User u1\d*, \d+ interactions$/ })).toBeVisible();
  await expect(main).toContainText('Held out for the test: ');
  await expect(recommendations.rank('ItemKNN')).toContainText(/\d+test rank of [\d,]+; (no|a) hit at 10/);
  await expect(recommendations.list.getByRole('row')).toHaveCount(21);
  // Titles come with their genres.
  await expect(recommendations.history.getByRole('row').nth(1)).toContainText(/held out[A-Z][a-z]+.*\d{4}-/);

  // The list is the one of the test: the held-out item is not in the history it was made from, and may be found.
  await expect(main).toContainText('before the held-out item');
  const { search } = recommendations;
  await search.fill('');
  await expect(users).toHaveCount(200);
  await recommendations.compareWith('popularity');
  // Beside another run those come first whom the two tell apart most.
  await expect(page.getByRole('combobox', { name: 'Which users come first' })).toHaveAttribute(
    'data-choice',
    'difference',
  );
  await recommendations.settled();
  const first = (await users.first().textContent()) ?? '';
  await users.first().click();
  await recommendations.settled();
  const shownRanks = () =>
    Promise.all(
      ['ItemKNN', 'Popularity'].map((model) =>
        recommendations.rank(model).locator('.figure-value').textContent(),
      ),
    );
  await expect(async () => expect(first.endsWith((await shownRanks()).join(''))).toBe(true)).toPass();
  const ranks = (await shownRanks()).map(Number);
  expect(Math.min(...ranks)).toBeLessThanOrEqual(10);
  expect(ranks[0]).not.toBe(ranks[1]);
  const found = recommendations.list.getByRole('row').filter({ hasText: 'held out' }).first();
  // Equal scores count against the model, so that the item may stand before its rank.
  expect(Number(await found.getByRole('rowheader').textContent())).toBeLessThanOrEqual(Math.min(...ranks));
  await expect(recommendations.list).toContainText('only here');
  await expect(recommendations.list).toContainText(/also \d+/);

  // What comes next is another list, of a history that has the item.
  await choose(page.getByRole('combobox', { name: 'What the lists are for' }), 'Next item');
  await expect(main).toContainText('after the whole history');
  await expect(recommendations.list).not.toContainText('held out');
  // A chosen order of users is in the address.
  const order = page.getByRole('combobox', { name: 'Which users come first' });
  await choose(order, 'Shortest history');
  await expect(page).toHaveURL(/users=shortest/);
  const address = page.url();
  await page.reload();
  await expect(main).toContainText('after the whole history');
  await expect(order).toHaveAttribute('data-choice', 'shortest');
  await expect(recommendations.list.getByRole('columnheader')).toHaveText(['Rank', 'ItemKNN', 'Popularity']);
  await pressShortcut(page, 'j');
  await expect(page).not.toHaveURL(address);
  // Until they are there, the lists of the user before are pale.
  await expect(main.locator('.for-user')).toHaveAttribute('aria-busy', 'false');
  await expectAccessible(app);

  // At 1024 pixels the list still comes before a long history.
  await page.setViewportSize({ width: 1024, height: 768 });
  const [list, past] = await Promise.all(
    [recommendations.list, recommendations.history].map((table) => table.boundingBox()),
  );
  expect(list?.y).toBeLessThan(400);
  expect(past && list ? past.y : 0).toBeGreaterThanOrEqual(list?.y ?? 0);

  // The same from a comparison, of the rows that are selected.
  await app.command('Go to Runs');
  await app.runs.row('itemknn').click();
  await app.runs.row('popularity').click({ modifiers: ['ControlOrMeta'] });
  await pressShortcut(page, 'c');
  await app.compare.row('popularity').click();
  await pressShortcut(page, 'o');
  await users.first().click();
  await expect(recommendations.list.getByRole('columnheader')).toHaveText(['Rank', 'Item', 'Score']);
  expect(app.problems).toEqual([]);
});
