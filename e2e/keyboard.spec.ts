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
  await expect(page.getByRole('radio', { name: /^Automatic/ })).toBeFocused();
  expect(app.problems).toEqual([]);
});
