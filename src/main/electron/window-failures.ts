import type { BrowserWindow } from 'electron';
import { messageOf } from '../../core/errors.ts';

/** A page that fails again so soon would do so for ever. */
const RETRY_MS = 10_000;

type WatchedWindow = Pick<BrowserWindow, 'show' | 'loadURL'> & {
  webContents: Pick<BrowserWindow['webContents'], 'on'>;
};

/**
 * Loads the window's page, and again after its process has died. What cannot be mended is reported: the window is hidden
 * until its first page is ready, and a program without a window cannot say so.
 */
export function loadPage(window: WatchedWindow, url: string, onProblem: (problem: string) => void): void {
  let failedAt = Number.NEGATIVE_INFINITY;
  const load = () => {
    window.loadURL(url).catch((error) => {
      window.show();
      onProblem(`the window's page cannot be loaded: ${messageOf(error, 'window')}`);
    });
  };
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    const again = now - failedAt < RETRY_MS;
    failedAt = now;
    if (again) onProblem(`the window's process has ended twice (${reason}); what trains goes on`);
    else load();
  });
  load();
}
