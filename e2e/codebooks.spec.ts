import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { generator, tokeniser } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';

test('says how to come by Semantic IDs where there are none', async ({ app }) => {
  await app.open();
  await app.command('Go to Codebooks');
  await expect(app.page.getByText('No Semantic IDs yet')).toBeVisible();
  await expectAccessible(app);
  await app.page.getByRole('button', { name: 'Train a tokeniser' }).click();
  await expect(app.page.getByRole('dialog')).toBeVisible();
});

const onTokeniser = test.extend({ filled: tokeniser });

onTokeniser(
  'one click filters every view, and an item tells of its codes',
  async ({ app, home, tessera }) => {
    const { codebooks, page } = app;
    await app.open();
    await app.command('Go to Codebooks');
    await expect(codebooks.selection).toContainText('240 items');
    await expect(codebooks.strip(3)).toBeVisible();

    // With the keyboard alone: the most used code of level 1.
    await codebooks.strip(1).focus();
    await page.keyboard.press('Home');
    const option = codebooks.strip(1).getByRole('option');
    const most = Number(/ (\d+) items/.exec((await option.textContent()) ?? '')?.[1]);
    const code = /⟨(\d+)⟩/.exec((await option.textContent()) ?? '')?.[1];
    await page.keyboard.press('Enter');
    await expect(codebooks.selection).toContainText(`⟨${code}⟩`);
    await expect.poll(() => codebooks.selected()).toBe(most);
    await expect(codebooks.tree).toHaveAccessibleName(`Prefixes below ⟨${code}⟩`);
    await expect(page.getByRole('listbox', { name: 'Codes of level 2 with their categories' })).toBeVisible();
    await expect(codebooks.items.getByRole('row').nth(1)).toContainText(`⟨${code}⟩⟨`);
    await expect(page).toHaveURL(new RegExp(`at=${code}$`));

    // Deeper by the pointer, in another view.
    await codebooks.strip(2).click({ position: { x: 6, y: 6 } });
    await expect.poll(() => codebooks.selected()).toBeLessThan(most + 1);
    await expect(codebooks.selection.getByRole('button', { name: /at level 2/ })).toBeVisible();
    const csv = await codebooks.copied('level 1', 'CSV');
    expect(csv.split('\r\n')[0]).toBe('Code,Items,Selected,Interactions,Category,Purity');
    expect(await codebooks.copied('prefixes', 'LaTeX')).toContain('\\toprule');

    await page.keyboard.press('Escape');
    await expect(codebooks.selection).toContainText('240 items');
    await expect(page).not.toHaveURL(/at=/);

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
    await expect(codebooks.selection.getByRole('button', { name: /at level [12]$/ })).toHaveCount(2);
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
    await expect(page.getByRole('combobox', { name: 'Tokeniser' }).getByRole('option')).toHaveCount(2);
  },
);

const onGenerator = test.extend({ filled: generator });

onGenerator('maps, pairs, time and a second tokeniser can be looked at and taken away', async ({ app }) => {
  const { codebooks, page, shell } = app;
  await app.open();
  await app.command('Go to Codebooks');
  await codebooks.show('Map');
  await expect(codebooks.map).toBeVisible();
  await codebooks.lassoLeftHalf();
  await expect(codebooks.selection).toContainText('shape on the map');
  await expect.poll(() => codebooks.selected()).toBeLessThan(240);
  const selected = await codebooks.selected();
  expect(selected).toBeGreaterThan(0);
  await expect(page.getByText(`${selected} of those drawn are selected`)).toBeVisible();
  await page.getByRole('combobox', { name: 'What is drawn' }).selectOption('Residual before level 2');
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('UMAP');
  await page.getByRole('checkbox', { name: 'Code vectors' }).check();
  await expect(codebooks.map).toHaveAccessibleName(/Before level 2, UMAP/);
  const svg = await shell.saved(() => codebooks.saveChart('Before level 2, UMAP', 'SVG'));
  expect(readFileSync(svg, 'utf8').match(/<rect/g)?.length).toBe(1 + 240);
  await page.keyboard.press('Escape');
  await expect.poll(() => codebooks.selected()).toBe(240);

  await codebooks.show('Pairs');
  await expect(page.getByRole('listbox', { name: 'Codes of two levels' })).toBeVisible();
  expect(await codebooks.copied('transitions', 'CSV')).toMatch(
    /^Row,Column,Count,Share\r\n\d+,\d+,\d+,0\.\d+/,
  );
  const png = await shell.saved(() => codebooks.saveChart('Transitions', 'PNG'));
  expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG');

  // Over the training, and beside another tokeniser.
  await codebooks.show('Over time');
  await expect(page.getByRole('table', { name: 'Snapshots' }).getByRole('row')).toHaveCount(5);
  const slider = page.getByRole('slider', { name: 'Snapshot' });
  await slider.focus();
  await page.keyboard.press('Home');
  const step = await slider.getAttribute('aria-valuetext');
  await codebooks.show('Codes');
  await page.keyboard.press('End');
  await expect(page.getByText(/^Step \d+/)).toBeVisible();
  expect(step).toMatch(/^step \d+$/);

  await codebooks.show('Two tokenisers');
  await expect(page.getByRole('table', { name: 'Side by side' })).toContainText('Perplexity of level 3');
  await expect(page.getByRole('listbox', { name: /^First codes of/ })).toBeVisible();
  await expect(page.getByRole('grid', { name: 'Items that moved' }).getByRole('row').nth(1)).toContainText(
    '⟨',
  );

  await codebooks.show('Collisions');
  const collisions = page.getByRole('grid', { name: 'Collisions' });
  await expect(collisions.getByRole('row').nth(1)).toContainText('⟨');
  await collisions.getByRole('row').nth(1).dblclick();
  await expect(codebooks.selection.getByRole('button', { name: /at level 3/ })).toBeVisible();
});

onGenerator('the codebooks are accessible in both themes', async ({ app }) => {
  const { codebooks, page } = app;
  await app.open();
  await app.command('Go to Codebooks');
  await expect(codebooks.strip(3)).toBeVisible();
  await expect(codebooks.tree).toBeVisible();
  await expectAccessible(app);
  await page.getByRole('combobox', { name: 'Shape of the tree' }).selectOption('Sunburst');
  await codebooks.tree.scrollIntoViewIfNeeded();
  await expectAccessible(app);
  await codebooks.strip(1).click({ position: { x: 8, y: 6 } });
  await expect(codebooks.selection.getByRole('button', { name: /at level 1/ })).toBeVisible();
  await codebooks.items.getByRole('row').nth(1).click();
  await expect(codebooks.card).toContainText('Nearest by prefix');
  await codebooks.strip(1).scrollIntoViewIfNeeded();
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(codebooks.selection).toContainText('(100 %)');

  await codebooks.show('Map');
  await expect(codebooks.map).toBeVisible();
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('UMAP');
  await expect(codebooks.map).toHaveAccessibleName(/UMAP/);
  await codebooks.lassoLeftHalf();
  await expect(codebooks.selection).toContainText('shape on the map');
  await expect(page.getByText(/of those drawn are selected/)).toBeVisible();
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
  await page.getByRole('combobox', { name: 'How the list is made' }).selectOption('Temperature 2');
  await expect(list).not.toHaveText(probable);
  const drawn = (await list.textContent()) ?? '';
  await page.getByRole('button', { name: 'Draw again' }).click();
  await expect(list).not.toHaveText(drawn);
  await expect(list.getByRole('row')).toHaveCount(21);
  await expect(page).toHaveURL(/temperature=2&draw=2/);
  expect(app.problems).toEqual([]);
});
