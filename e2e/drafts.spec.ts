import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { popular } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { pressShortcut } from './pages/keys.ts';
import { SettingsPage } from './pages/settings.ts';

test.use({ filled: popular, ownSession: true });

/** A form in which a user writes: how it is opened, and a field of it with what is written there. */
interface Form {
  open(): Promise<void>;
  field: Locator;
  text: string;
}

function formsOf(app: App): Form[] {
  const { page } = app;
  const dialog = (name: string) => page.getByRole('dialog', { name });
  const inDialog = (name: string, field: string, text: string, open: () => Promise<void>): Form => ({
    open,
    field: dialog(name).getByLabel(field, { exact: true }),
    text,
  });
  const from = (screen: string, button: string) => async () => {
    await app.command(`Go to ${screen}`);
    await page.getByRole('button', { name: button }).click();
  };
  return [
    inDialog('New run', 'Seeds', '4, 7', () => pressShortcut(page, 'n')),
    inDialog('New run', 'Learning rate to', '0.0', from('Sweeps', 'New sweep')),
    inDialog('New run', 'Seeds', '5-', from('Scaling', 'New study')),
    inDialog('Evaluate external results', 'Program', 'RecBole 1.2', () =>
      app.command('Evaluate external results'),
    ),
    inDialog('Tags and notes', 'Notes', 'To be looked at again', async () => {
      await app.command('Go to Runs');
      await app.runs.row('popularity-club').dblclick();
      await page.getByRole('button', { name: 'Tags and notes' }).click();
    }),
    inDialog('Report', 'Conclusion', 'Nothing beats it yet.', async () => {
      await app.command('Go to Compare');
      await app.compare.chooseRuns('popularity-club');
      await app.compare.openReport();
    }),
    {
      open: () => app.command('Go to Language'),
      field: page.getByLabel('Heading of past interactions'),
      text: 'What the member chose',
    },
  ];
}

test('what is typed and not submitted is there after a reload and where its form is opened again, in its data folder alone', async ({
  app,
  home,
}) => {
  const { page } = app;
  const forms = formsOf(app);
  await app.open();
  for (const { open, field, text } of forms) {
    await open();
    await field.fill(text);
    await page.keyboard.press('Escape');
  }
  const file = join(home, 'visits.csv');
  writeFileSync(file, 'user,item\na,1\na,2\nb,1\n');
  await app.command('Go to Data sets');
  await app.drop(file);
  await app.import.name('visits of the shop');
  await page.getByRole('main').getByText('Draft saved').waitFor();
  await page.reload();
  await expect(page.getByRole('main').getByLabel('Name')).toHaveValue('visits of the shop');
  for (const { open, field, text } of forms) {
    await open();
    await expect(field).toHaveValue(text);
    await page.keyboard.press('Escape');
  }

  const settings = new SettingsPage(page);
  const change = async (folder: string) => {
    await settings.open();
    await settings.askForFolder(folder);
    await settings.dialog.getByRole('button', { name: 'Open this folder' }).click();
    await expect(app.messages).toContainText('Opened another data folder');
    await expect(settings.dataFolder).toHaveText(folder);
  };
  const target = `${home}-other`;
  await change(target);
  const [, , study, result] = forms;
  await study.open();
  await expect(app.newRun.dialog).toContainText('There is no data set to train on');
  await page.keyboard.press('Escape');
  await result.open();
  await expect(result.field).toBeVisible();
  await expect(result.field).not.toHaveValue(result.text);
  await page.keyboard.press('Escape');
  await app.command('Go to Home');
  await expect(page.getByRole('region', { name: 'Continue' })).toHaveCount(0);

  await change(home);
  for (const { open, field, text } of forms) {
    await open();
    await expect(field).toHaveValue(text);
    await page.keyboard.press('Escape');
  }
  await pressShortcut(page, 'n');
  await app.newRun.dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(forms[0].field).toHaveValue('1');
  expect(app.problems).toEqual([]);
  rmSync(target, { recursive: true, force: true, maxRetries: 5 });
});
