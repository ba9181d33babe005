import type { Page } from '@playwright/test';
import { violations } from './fixtures/accessibility.ts';
import { BrowserShell } from './fixtures/browser-shell.ts';
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

/** What a key would do now: what was done before is there a moment after a window has opened. */
async function keysSay(page: Page, text: string): Promise<void> {
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText(text);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
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
  await keysSay(page, 'Undo archiving of 1 run');

  // In a field the key is of what is typed.
  await runs.search.pressSequentially('mi');
  await runs.search.press(UNDO);
  await expect(runs.search).toHaveValue('');
  await expect(runs.row('itemknn-club')).toHaveCount(0);
  await page.reload();
  await runs.row('mine').click();
  await keysSay(page, 'Undo archiving of 1 run');
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

test('a window goes on where the program is started again, until its link is renewed in another one', async ({
  app,
  home,
  shell,
  shellKind,
  browser,
}) => {
  test.skip(shellKind !== 'browser', 'the desktop shell has no links');
  const { page, runs } = app;
  await app.open();
  await rename(page, 'popularity-club', 'mine');
  await shell.close();
  await expect(page.getByRole('alert')).toContainText('Tessera is not responding');
  const other = await (await browser.newContext()).newPage();
  const next = await BrowserShell.start(home, other, home);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.keyboard.press(UNDO);
  await expect(runs.row('popularity-club')).toBeVisible();
  await page.reload();
  await expect(runs.row('popularity-club')).toBeVisible();
  await keysSay(page, 'Redo rename of mine');
  await page.keyboard.press(REDO);
  await expect(runs.row('mine')).toBeVisible();

  await next.open();
  await expect(new RunsPage(page).row('mine')).toBeVisible();
  await app.command('Go to Settings');
  await page.getByRole('button', { name: 'Renew link' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Renew link' }).click();
  await expect(other.getByText('This window is no longer let in')).toBeVisible();
  expect(await violations(other)).toEqual([]);
  await other.reload();
  await expect(other.getByRole('heading', { name: 'Open Tessera by its link' })).toBeVisible();
  await expect(app.sidebar).toBeVisible();
  await app.command('Go to Runs');
  await expect(runs.row('mine')).toBeVisible();
  await next.close();
});
