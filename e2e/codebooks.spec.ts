import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { generator, tokeniser } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { choose } from './pages/select.ts';

test('says how to come by Semantic IDs where there are none', async ({ app }) => {
  await app.open();
  await app.command('Go to Codebooks');
  await expect(app.page.getByText('No Semantic IDs yet')).toBeVisible();
  await expectAccessible(app);
  await app.page.getByRole('button', { name: 'Train a tokeniser' }).click();
  await expect(app.page.getByRole('dialog')).toBeVisible();
});

const onTokeniser = test.extend({ filled: tokeniser });

onTokeniser('one code filters every view, and an item tells of its codes', async ({ app, home, tessera }) => {
  const { codebooks, page } = app;
  await app.open();
  await app.command('Go to Codebooks');
  await expect(codebooks.codes(1)).toBeVisible();
  await expect(page.getByText('240 items')).toBeVisible();
  // All of the table, however long the titles are.
  await expect(codebooks.code.getByRole('columnheader', { name: 'Interactions' })).toBeInViewport();

  // With the keyboard alone: from block to block, into one and out again.
  await codebooks.codes(1).focus();
  await page.keyboard.press('Home');
  const option = codebooks.codes(1).getByRole('option');
  await expect(option).toHaveText(/^Code \d+.*, (\d+ items?|no item)/);
  await page.keyboard.press('ArrowRight');
  const words = /^Code (\d+).*?, (\d+) items?, \d+ % \w+/;
  for (let turn = 0; turn < 40 && !words.test((await option.textContent()) ?? ''); turn++) {
    await page.keyboard.press('ArrowRight');
  }
  const [, code, items] = words.exec((await option.textContent()) ?? '') ?? [];
  await expect(page).toHaveURL(new RegExp(`at=${code}$`));
  await expect(codebooks.code).toHaveAccessibleName(`Code ${code}`);
  await expect(codebooks.code.getByText('Items', { exact: true }).locator('..')).toContainText(items);
  await page.keyboard.press('Enter');
  await expect(codebooks.codes(2)).toBeVisible();
  await expect(codebooks.code).toHaveAccessibleName(new RegExp(`^Code ${code} \\d+$`));
  await page.keyboard.press('Backspace');
  await expect(codebooks.codes(1)).toBeVisible();
  await expect(codebooks.code).toHaveAccessibleName(`Code ${code}`);

  // What is held narrows the other views.
  await codebooks.show('Item');
  await expect(codebooks.selection).toContainText(`⟨${code}⟩`);
  await expect.poll(() => codebooks.selected()).toBe(Number(items));
  await expect(codebooks.items.getByRole('row').nth(1)).toContainText(`⟨${code}⟩⟨`);
  await codebooks.showFurther('Prefixes');
  await expect(codebooks.tree).toHaveAccessibleName(`Prefixes below ⟨${code}⟩`);
  await expect(page.getByRole('listbox', { name: 'Codes of level 2 with their categories' })).toBeVisible();
  expect(await codebooks.copied('prefixes', 'LaTeX')).toContain('\\toprule');
  const csv = await codebooks.clipboardOf(() => codebooks.more('Copy the codes as CSV'));
  expect(csv.split('\r\n')[0]).toBe('Code,Items,Interactions,Share an ID,Category,Share of the category');

  await page.keyboard.press('Escape');
  await expect(codebooks.selection).toContainText('240 items');
  await expect(page).not.toHaveURL(/at=/);

  // From the map to an item: the search takes what is typed next.
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search items by title' })).toBeFocused();
  // An item shows its codes, what they leave of it, and who is near.
  const first = codebooks.items.getByRole('row').nth(1);
  await expect(first).toContainText('⟨');
  const title = (await first.getByRole('gridcell').first().textContent()) ?? '';
  await codebooks.search(title.toUpperCase());
  await expect(page.getByRole('status').filter({ hasText: 'most popular first' })).not.toContainText('240');
  await expect(codebooks.items.getByRole('row').nth(1)).toContainText(title);
  await codebooks.items.getByRole('row').nth(1).click();
  await expect(codebooks.card).toContainText(title);
  const codes = page.getByRole('table', { name: 'Codes of the item' });
  await expect(codes.getByRole('row').nth(3)).toContainText(/\d+\.\d %/);
  await expect(codebooks.card).toContainText('Nearest by vector');
  await expect(codebooks.card).toContainText('Nearest by prefix');
  await expectAccessible(app);
  await codes.getByRole('button').nth(1).click();
  await expect(page).toHaveURL(/at=\d+\.\d+/);
  // Twice, faster than the browser tells of a new address: the card closes, and the selection is cleared.
  await page.evaluate(async () => {
    for (let press = 0; press < 2; press++) {
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }),
      );
      await Promise.resolve();
    }
  });
  await expect(codebooks.items).toBeVisible();
  await expect(codebooks.selection).toContainText('240 items');

  // Dropped IDs are matched with the catalogue before a run keeps them.
  const exported = join(home, 'ids.json');
  await tessera('semantic-ids', 'export', 'rq-vae-film-club-seed1', '--out', exported);
  const ids = JSON.parse(readFileSync(exported, 'utf8'));
  const [gone] = Object.keys(ids);
  writeFileSync(exported, JSON.stringify({ ...ids, [gone]: undefined, nobody: { codes: [1, 2, 3] } }));
  await app.drop(exported);
  const match = page.getByRole('status', { name: 'Match' });
  await expect(match).toContainText('239 of 240 items have an ID');
  await expect(match).toContainText('1 item that the data set does not have ("nobody")');
  await expect(page.getByRole('button', { name: 'Queue run' })).toBeDisabled();
  await expectAccessible(app);
  writeFileSync(exported, JSON.stringify({ ...ids, [gone]: undefined }));
  await page.keyboard.press('Escape');
  await app.drop(exported);
  await expect(match).not.toContainText('nobody');
  await app.newRun.start();
  await app.command('Go to Codebooks');
  await page.getByRole('combobox', { name: 'Tokeniser' }).click();
  await expect(page.getByRole('option')).toHaveCount(2);
});

const onGenerator = test.extend({ filled: generator });

onGenerator("a picture of the map is saved in every shape, under a title of one's own", async ({ app }) => {
  const { codebooks, page, shell } = app;
  await app.open();
  await app.command('Go to Codebooks');
  await expect(codebooks.code).toBeVisible();
  const blocks = page
    .getByRole('group', { name: 'Colour of the tiles' })
    .getByRole('button', { pressed: true });
  await expect(blocks).toHaveText('Category');
  await page.keyboard.press('c');
  await expect(blocks).not.toHaveText('Category');
  await page.keyboard.press('Shift+P');
  const dialog = page.getByRole('dialog', { name: 'Picture' });
  await dialog.getByRole('textbox', { name: 'Title' }).fill('Films by <code>');
  await expect(dialog.getByRole('img')).toHaveAccessibleName(/^Films by <code>/);
  for (const [shape, size] of [
    ['1920 × 1080', [1920, 1080]],
    ['Square', [1200, 1200]],
    ['A4', [1754, 1240]],
  ] as const) {
    await dialog.getByRole('button', { name: shape }).click();
    const png = readFileSync(
      await shell.saved(() => dialog.getByRole('button', { name: 'Save as PNG' }).click()),
    );
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(size);
    const svg = readFileSync(
      await shell.saved(() => dialog.getByRole('button', { name: 'Save as SVG' }).click()),
      'utf8',
    );
    expect(svg).toContain('Films by &lt;code&gt;');
    // A tile an item, beside blocks, keys and the page itself.
    expect(svg.match(/<rect/g)?.length).toBeGreaterThan(240);
  }
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

onGenerator('pairs, training and a second tokeniser can be looked at and taken away', async ({ app }) => {
  const { codebooks, page, shell } = app;
  await app.open();
  await app.command('Go to Codebooks');
  await codebooks.showFurther('Pairs');
  await expect(page.getByRole('listbox', { name: 'Codes of two levels' })).toBeVisible();
  expect(await codebooks.copied('transitions', 'CSV')).toMatch(
    /^Row,Column,Count,Share\r\n\d+,\d+,\d+,0\.\d+/,
  );
  const png = await shell.saved(() => codebooks.saveChart('Transitions', 'PNG'));
  expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG');

  // Over the training, and beside another tokeniser.
  await codebooks.show('Training');
  await expect(page.getByRole('table', { name: 'Snapshots' }).getByRole('row')).toHaveCount(5);
  const slider = page.getByRole('slider', { name: 'Snapshot' });
  await slider.focus();
  await page.keyboard.press('End');
  const step = await slider.getAttribute('aria-valuetext');
  expect(step).toMatch(/^iteration \d+$/);
  await expect(page.getByText(/^Iteration \d+ of \d+/)).toBeVisible();
  // The map shows that state, too, and says so: the first one is the one that was chosen.
  const state = page.locator('header').getByText(/^Iteration \d+$/);
  await expect(state).toBeVisible();
  await codebooks.show('Map');
  await expect(codebooks.codes(1)).toBeVisible();
  await expect(state).toBeVisible();
  await codebooks.show('Training');
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(state).toBeHidden();

  await codebooks.show('Two tokenisers');
  await expect(page.getByRole('table', { name: 'Side by side' })).toContainText('Perplexity@3');
  const maps = page.getByRole('listbox', { name: /^First codes of/ });
  await expect(maps).toHaveCount(2);
  // Whichever code is held, its items go somewhere in the other tokeniser.
  await maps.last().focus();
  await page.keyboard.press('Home');
  const ends = page.getByRole('region', { name: 'Where the items go' });
  await expect(ends.getByRole('heading')).toContainText(/Where the \d+ items? of/);
  const first = await maps.first().getAttribute('aria-label');
  await page.keyboard.press('x');
  await expect(maps.last()).toHaveAccessibleName(first ?? '');
  await expect(page.getByRole('grid', { name: 'Items that moved' }).getByRole('row').nth(1)).toContainText(
    '⟨',
  );

  await codebooks.show('Collisions');
  const collisions = page.getByRole('grid', { name: 'Collisions' });
  await expect(collisions.getByRole('row').nth(1)).toContainText('⟨');
  await expect(page.getByRole('region', { name: 'IDs by the items they have' })).toContainText(
    'Five and more',
  );
  await collisions.getByRole('row').nth(1).dblclick();
  await codebooks.show('Item');
  await expect(codebooks.selection.getByRole('button', { name: /at level 3/ })).toBeVisible();
});

onGenerator('the codebooks are accessible in both themes', async ({ app }) => {
  const { codebooks, page } = app;
  await app.open();
  await app.command('Go to Codebooks');
  await expect(codebooks.code).toBeVisible();
  await expectAccessible(app);
  await codebooks.showFurther('Prefixes');
  await expect(codebooks.tree).toBeVisible();
  await choose(page.getByRole('combobox', { name: 'Shape of the tree' }), 'Sunburst');
  await codebooks.tree.scrollIntoViewIfNeeded();
  await expectAccessible(app);
  await codebooks.show('Item');
  await expect(codebooks.items.getByRole('row').nth(1)).toContainText('⟨');
  await codebooks.items.getByRole('row').nth(1).click();
  await expect(codebooks.card).toContainText('Nearest by prefix');
  await expectAccessible(app);
  await page.keyboard.press('Escape');

  await codebooks.eachView(() => expectAccessible(app));
});

onGenerator('the list of a generative model is drawn at a temperature, and again', async ({ app }) => {
  await app.open();
  await app.runs.row('tiger').dblclick();
  await app.run.show('Recommendations');
  const { page } = app;
  await page.getByRole('listbox', { name: 'Users' }).getByRole('option').first().click();
  const list = page.getByRole('table', { name: 'Recommendations' });
  await expect(list.getByRole('row')).toHaveCount(21);
  const probable = (await list.textContent()) ?? '';
  await choose(page.getByRole('combobox', { name: 'How the list is made' }), 'Temperature 2');
  await expect(list).not.toHaveText(probable);
  const drawn = (await list.textContent()) ?? '';
  await page.getByRole('button', { name: 'Draw again' }).click();
  await expect(list).not.toHaveText(drawn);
  await expect(list.getByRole('row')).toHaveCount(21);
  await expect(page).toHaveURL(/temperature=2&draw=2/);
  expect(app.problems).toEqual([]);
});

onGenerator('the list of a user is shown along the trie, on the page of the run, too', async ({ app }) => {
  const { page } = app;
  await app.open();
  await app.command('Go to Runs');
  await page.getByRole('link', { name: /TIGER/ }).first().click();
  await page.getByRole('tab', { name: 'Recommendations' }).click();
  await page.getByRole('button', { name: 'Random' }).click();
  await page.getByText('Trie', { exact: true }).click();
  await expect(page.getByText(/ of 20 beams, by probability/)).toBeVisible();
  const title = page.getByRole('heading', { name: /^Decoding of user / });
  const first = await title.textContent();
  // The keys are those of the users.
  await page.keyboard.press('j');
  await expect(title).not.toHaveText(first ?? '');
  await expectAccessible(app);
});
