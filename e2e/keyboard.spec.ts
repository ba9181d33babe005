import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { twoModels } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

test('every screen is a command, a key sequence and a link, and the sheet shows what the keys do', async ({
  app,
}) => {
  await app.open();
  const { page } = app;
  await expect(app.sidebar.getByRole('link', { name: 'Settings' })).toBeVisible();
  const screens = await app.sidebar.getByRole('link').allTextContents();
  expect(screens).toEqual(
    expect.arrayContaining(['Runs', 'Compare', 'Data sets', 'Queue', 'Published', 'Settings']),
  );
  for (const title of screens) {
    await app.command(`Go to ${title}`);
    await expect(app.sidebar.getByRole('link', { name: title, exact: true })).toHaveAttribute(
      'aria-current',
      'page',
    );
    await expect(page).toHaveTitle(`${title} – Tessera`);
  }

  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const title of screens) {
    await expect(sheet).toContainText(`Go to ${title}`);
  }
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);

  await pressShortcut(page, 'g', 'r');
  await expect(page).toHaveURL(/#\/runs$/);
  await page.goBack();
  await expect(page).not.toHaveURL(/#\/runs$/);

  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  // What is typed stays text, though "g r" and "?" are shortcuts.
  const command = palette.getByRole('combobox');
  await command.pressSequentially('g r?');
  await expect(command).toHaveValue('g r?');
  await expect(palette).toContainText('Nothing matches');
  await command.fill('dark theme');
  await expect(palette.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.locator('html[data-theme=dark]')).toBeAttached();

  await app.command('cpu threads');
  await expect(page.getByLabel('CPU threads of a run')).toBeFocused();
  // From the screen itself, and to a choice that is made.
  await app.command('device settings');
  await expect(page.getByRole('radio', { name: /^CPU/ })).toBeFocused();
  expect(app.problems).toEqual([]);
});

/** Tab until the element has the focus, as somebody without a pointer would. */
async function tabTo(page: Page, target: Locator, most: number): Promise<void> {
  for (let press = 0; press < most; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

const onTwoModels = test.extend({ filled: twoModels });

onTwoModels('runs are compared, reported and trained without a pointer', async ({ app }) => {
  await app.open();
  const { page } = app;
  await pressShortcut(page, 'g', 'r');
  const table = page.getByRole('treegrid', { name: 'Runs' });
  await expect(table.getByRole('row', { name: /ItemKNN/ })).toBeVisible();
  await tabTo(page, table, 14);
  for (const press of ['Home', 'ArrowDown', 'Space', 'ArrowDown', 'Space']) await page.keyboard.press(press);
  await page.keyboard.press('c');
  await expect(app.compare.verdict).toContainText(/ItemKNN|Popularity/);

  const tabs = page.getByRole('tab', { selected: true });
  await tabTo(page, tabs, 14);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('table', { name: 'Differences' })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+e');
  const report = page.getByRole('dialog', { name: /report/i });
  const save = report.getByRole('button', { name: /^(Save|Print)/ }).first();
  await expect(save).toBeEnabled();
  await tabTo(page, save, 40);
  const file = await app.shell.saved(() => page.keyboard.press('Enter'));
  expect(readFileSync(file, 'utf8')).toContain('ItemKNN');
  await page.keyboard.press('Escape');
  await expect(report).toHaveCount(0);

  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New run' });
  await expect(dialog.getByRole('button', { name: /^Queue/ })).toBeEnabled();
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(dialog).toHaveCount(0);
  await pressShortcut(page, 'g', 'r');
  await expect(table.locator('[aria-selected]')).toHaveCount(3);
  expect(app.problems).toEqual([]);
});

/** Something has the focus, is marked as having it, and stands in the window. */
async function expectFocus(page: Page, step: string): Promise<void> {
  const focus = () =>
    page.evaluate(() => {
      const part = document.activeElement;
      if (part === null || part === document.body) return 'BODY';
      const { top, left, width, height } = part.getBoundingClientRect();
      const isSeen = top + height > 0 && top < innerHeight && left + width > 0 && left < innerWidth;
      return isSeen && part.matches(':focus-visible') ? 'seen' : `${part.tagName} ${part.className}`;
    });
  await expect.soft.poll(focus, { message: step, timeout: 5000 }).toBe('seen');
}

onTwoModels(
  'a run is deleted, taken back and deleted again, and a figure read, without a pointer',
  async ({ app, tessera }) => {
    await tessera(
      'train',
      '--dataset',
      'club',
      '--model',
      'bprmf',
      '--set',
      'epochs=3',
      '--set',
      'patience=0',
    );
    await app.open();
    const { page, runs } = app;
    const row = runs.row('bprmf-club');
    await pressShortcut(page, 'g', 'r');
    await expect(row).toBeVisible();
    await page.keyboard.press('/');
    await page.keyboard.type('bprmf');
    await expect(runs.rows).toHaveCount(1);
    await tabTo(page, runs.table, 14);
    for (const press of ['Home', 'ArrowDown', 'Space']) await page.keyboard.press(press);
    await expect(row).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Delete');
    await expect(app.messages).toContainText('Moved 1 run to the trash');
    await expect(page.getByText('No matching runs')).toBeVisible();
    await expectFocus(page, 'after a deletion');
    for (const [keys, count] of [
      ['ControlOrMeta+z', 1],
      ['ControlOrMeta+Shift+z', 0],
      ['ControlOrMeta+z', 1],
    ] as const) {
      await page.keyboard.press(keys);
      await expect(row).toHaveCount(count);
    }

    await tabTo(page, runs.table, 14);
    for (const press of ['Home', 'ArrowDown', 'Enter']) await page.keyboard.press(press);
    const reader = page.getByRole('slider', { name: 'Values of NDCG', exact: true });
    await expect(reader).toBeVisible();
    await tabTo(page, reader, 60);
    const values = page.locator('.figure-values');
    // The last point is read at once, with what the keys do.
    await expect(values).toContainText('C copies');
    const places: string[] = [];
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowRight']) {
      await page.keyboard.press(key);
      await expect(reader).not.toHaveAttribute('aria-valuetext', new RegExp(`^(None|${places.at(-1)}):?`));
      await expect(reader).toHaveAttribute('aria-valuetext', /^Step \d+: BPRMF 0\.\d+$/);
      const [place, value] = (await reader.getAttribute('aria-valuetext'))?.split(/: BPRMF /) ?? [];
      await expect(values).toContainText(place);
      await expect(values).toContainText(value);
      places.push(place);
    }
    expect(places[1]).not.toBe(places[0]);
    expect(places[2]).toBe(places[0]);
    await expectFocus(page, 'a figure');
    await page.keyboard.press('Tab');
    await expect(values).toHaveCount(0);
    expect(app.problems).toEqual([]);
  },
);

test('an empty home comes to a report and a filter without a pointer', async ({ app }) => {
  await app.open('home');
  const { page } = app;
  const press = async (target: Locator, step: string) => {
    await expect(target).toBeEnabled();
    await tabTo(page, target, 60);
    await expectFocus(page, step);
    await page.keyboard.press('Enter');
  };
  await press(page.getByRole('button', { name: 'Open the sample', exact: true }), 'the sample');
  await expect(page.getByRole('heading', { name: 'sample', level: 1 })).toBeVisible();
  await expectFocus(page, 'the imported data set');
  for (const model of ['itemknn', 'bprmf']) {
    await pressShortcut(page, 'n');
    await expect(app.newRun.dialog.getByRole('button', { name: /^Queue/ })).toBeEnabled();
    await expectFocus(page, 'a new run');
    const remove = app.newRun.dialog.getByRole('button', { name: /^Remove / });
    await press(remove.first(), 'the model that is chosen');
    await expect(remove).toHaveCount(0);
    await tabTo(page, app.newRun.dialog.getByRole('combobox', { name: 'Models' }), 60);
    await page.keyboard.type(model);
    await page.keyboard.press('Enter');
    await expect(remove).toHaveCount(1);
    await page.keyboard.press('ControlOrMeta+Enter');
    await expect(app.newRun.dialog).toHaveCount(0);
    await expectFocus(page, `after ${model} was queued`);
  }
  await pressShortcut(page, 'g', 'r');
  await expectFocus(page, 'Runs');
  for (const run of ['itemknn-sample', 'bprmf-sample'])
    await expect(app.runs.row(run)).toContainText(/0\.\d{4}/);

  await tabTo(page, app.runs.table, 30);
  for (const key of ['Home', 'ArrowDown', 'Space', 'ArrowDown', 'Space', 'c']) await page.keyboard.press(key);
  await expect(app.compare.row('ItemKNN')).toContainText(/0\.\d{4}/);
  await expectFocus(page, 'Compare');
  await page.keyboard.press('ControlOrMeta+e');
  const report = page.getByRole('dialog', { name: /report/i });
  const save = report.getByRole('button', { name: /^(Save|Print)/ }).first();
  await expect(save).toBeEnabled();
  await tabTo(page, save, 40);
  await expectFocus(page, 'the report');
  expect(readFileSync(await app.shell.saved(() => page.keyboard.press('Enter')), 'utf8')).toContain(
    'ItemKNN',
  );
  await page.keyboard.press('Escape');
  await expect(report).toHaveCount(0);
  await expectFocus(page, 'after the report');

  await pressShortcut(page, 'g', 'r');
  await expect(app.runs.row('itemknn-sample')).toBeVisible();
  await page.keyboard.press('/');
  await expect(app.runs.search).toBeFocused();
  await page.keyboard.type('model is ItemKNN');
  await page.keyboard.press('Enter');
  await expect(app.runs.filters).toContainText('ItemKNN');
  await expect(app.runs.row('bprmf-sample')).toHaveCount(0);
  await expectFocus(page, 'a filter');
  expect(app.problems).toEqual([]);
});
