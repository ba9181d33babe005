import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DesktopShell, desktopObstacle } from './fixtures/desktop-shell.ts';
import { expect, test } from './fixtures/test.ts';

/** What only the desktop shell has; it skips where Electron's binary or a display is missing. */
test.beforeEach(({ shellKind }) => {
  const obstacle = shellKind === 'electron' ? desktopObstacle() : 'of the desktop shell';
  test.skip(obstacle !== null, obstacle ?? '');
});

test('the window is sandboxed, goes nowhere and is granted little', async ({ shell, app }) => {
  const { electron } = shell as DesktopShell;
  await app.open();
  const preferences = await electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0].webContents;
    // Electron's types leave out what its own tests use.
    const { getLastWebPreferences } = contents as unknown as {
      getLastWebPreferences(): Record<string, unknown>;
    };
    return getLastWebPreferences.call(contents);
  });
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });

  const { page } = app;
  const outcome = await page.evaluate(async () => {
    const opened = window.open('https://example.com/') !== null;
    const granted = await navigator.permissions
      .query({ name: 'geolocation' })
      .then(({ state }) => state === 'granted');
    const outside = await fetch('app://tessera/../../package.json').then(
      ({ status }) => status,
      () => 404,
    );
    location.assign('https://example.com/');
    return { opened, granted, outside, node: 'require' in window || 'process' in window };
  });
  expect(outcome).toEqual({ opened: false, granted: false, outside: 404, node: false });
  expect(page.url()).toMatch(/^app:\/\/tessera\//);
  await expect(app.sidebar).toBeVisible();
});

test('the menu bar has the actions of the window and performs them', async ({ shell, app }) => {
  const { electron } = shell as DesktopShell;
  await app.open();
  const labels = () =>
    electron.evaluate(({ Menu }) =>
      (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) =>
        (submenu?.items ?? []).map(({ label }) => label),
      ),
    );
  await expect
    .poll(labels)
    .toEqual(expect.arrayContaining(['Go to Settings', 'Show all commands', 'New run']));
  await electron.evaluate(({ Menu }) => {
    const items = (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) => submenu?.items ?? []);
    // As Electron does for a click: not by keys.
    items.find(({ label }) => label === 'Go to Settings')?.click({ triggeredByAccelerator: false });
  });
  await expect(app.page).toHaveTitle('Settings – Tessera');
});

test('a file opened with the program is offered for import, and the window comes back where it was', async ({
  home,
}, testInfo) => {
  const ratings = join(home, 'ratings.csv');
  writeFileSync(
    ratings,
    `user,item,time\n${Array.from({ length: 60 }, (_, at) => `u${at % 6},i${at % 9},${at}`).join('\n')}\n`,
  );
  const first = await DesktopShell.start(home, testInfo.outputPath('saved'), [ratings]);
  await expect(first.page.getByRole('region', { name: 'Result after filters' })).toBeVisible();
  const bounds = { x: 40, y: 60, width: 900, height: 640 };
  await first.electron.evaluate(
    ({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0].setBounds(place),
    bounds,
  );
  await first.close();

  const second = await DesktopShell.start(home, testInfo.outputPath('saved'));
  const kept = await second.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0].getNormalBounds(),
  );
  expect(kept).toMatchObject({ width: bounds.width, height: bounds.height });
  await second.close();
});
