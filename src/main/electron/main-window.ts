import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { app, BrowserWindow, dialog, Menu, nativeTheme, screen } from 'electron';
import { WINDOW_URL } from './guards.ts';
import { textMenu } from './menu.ts';
import type { PageMessages } from './page-messages.ts';
import { loadPage, waitForAnswer } from './window-failures.ts';
import { windowOptions } from './window-options.ts';
import { readWindowState, writeWindowState } from './window-state.ts';

/** Under Wayland a hidden window may never be ready to be shown (electron/electron#48859). */
const SHOW_MS = 3_000;

/** Opens the one window where it was. Messages reach its page once that is loaded. */
export function openMainWindow(messages: PageMessages): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json');
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const state = readWindowState(stateFile, areas);
  const preload = join(import.meta.dirname, '../preload/preload.cjs');
  const window = new BrowserWindow(windowOptions(preload, state, nativeTheme.shouldUseDarkColors));
  void reveal(window, state.maximised);
  window.on('close', () => {
    const { width, height, x, y } = window.getNormalBounds();
    writeWindowState(stateFile, { width, height, x, y, maximised: window.isMaximized() });
  });
  const { webContents } = window;
  webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) messages.disconnect();
  });
  webContents.on('did-finish-load', () => messages.connect(webContents));
  webContents.on('context-menu', (_event, params) => {
    const items = textMenu(params);
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window });
  });
  window.on('closed', () => messages.disconnect());
  waitForAnswer(window);
  loadPage(window, WINDOW_URL, (problem) => dialog.showErrorBox('Tessera', problem));
  return window;
}

/** Shows the window at the first sign that it has something to show. */
async function reveal(window: BrowserWindow, maximised: boolean): Promise<void> {
  const loaded = once(window.webContents, 'did-finish-load');
  await Promise.race([once(window, 'ready-to-show'), loaded, wait(SHOW_MS)]);
  if (window.isDestroyed()) return;
  // That shows it, too, and not before.
  if (maximised) window.maximize();
  else window.show();
}
