import type { Page } from '@playwright/test';
import { twoModels } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { RunsPage } from './pages/runs.ts';

test.use({ filled: twoModels, ownSession: true });

const UNDO = 'ControlOrMeta+z';
const REDO = 'ControlOrMeta+Shift+z';

/** Gives a run another name, in the row where it stands. */
async function rename(page: Page, from: string, to: string): Promise<void> {
  await new RunsPage(page).row(from).click();
  await page.keyboard.press('F2');
  const name = page.getByRole('textbox', { name: 'Name of the run' });
  await name.fill(to);
  await name.press('Enter');
  await expect(new RunsPage(page).row(to)).toBeVisible();
}

test('a key takes back what this window did, also after a reload, and over no other one', async ({
  app,
  shellKind,
}) => {
  const { page, runs } = app;
  await app.open();
  await rename(page, 'popularity-club', 'mine');
  await runs.row('itemknn-club').click();
  await page.keyboard.press('e');
  await expect(runs.row('itemknn-club')).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Undo archiving of 1 run');
  await page.keyboard.press('Escape');

  // In a field the key is of what is typed.
  await runs.search.pressSequentially('mi');
  await runs.search.press(UNDO);
  await expect(runs.search).toHaveValue('');
  await expect(runs.row('itemknn-club')).toHaveCount(0);
  await page.reload();
  await runs.row('mine').click();
  await page.keyboard.press(UNDO);
  await expect(runs.row('itemknn-club')).toBeVisible();
  await app.command('Undo rename of mine');
  await expect(runs.row('popularity-club')).toBeVisible();
  await page.keyboard.press(REDO);
  await expect(runs.row('mine')).toBeVisible();
  if (shellKind !== 'browser') return;

  const other = await page.context().newPage();
  await other.goto(page.url());
  const theirs = new RunsPage(other);
  await theirs.row('mine').click();
  // There, nothing was done.
  await other.keyboard.press(UNDO);
  await rename(other, 'mine', 'theirs');
  await expect(runs.row('theirs')).toBeVisible();
  await page.keyboard.press(UNDO);
  await expect(app.messages).toContainText('Could not undo rename of mine');
  await expect(app.messages).toContainText('the run is called theirs by now');
  await other.keyboard.press(UNDO);
  await expect(runs.row('mine')).toBeVisible();
  await page.keyboard.press(UNDO);
  await expect(runs.row('popularity-club')).toBeVisible();
  await other.close();
  expect(app.problems).toEqual([]);
});
