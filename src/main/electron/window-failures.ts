import { type BrowserWindow, dialog } from 'electron';
import { messageOf } from '../../core/errors.ts';

/** A page that fails again so soon would do so for ever. */
const RETRY_MS = 10_000;

/**
 * Loads the window's page, and again after its process has died. What cannot be mended is reported: the window is hidden
 * until its first page is ready, and a program without a window cannot say so.
 */
export function loadPage(window: BrowserWindow, url: string, onProblem: (problem: string) => void): void {
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
    if (again) onProblem(`the window's process has ended twice (${reason}); running trainings continue`);
    else load();
  });
  load();
}

/** Offers to load a page that does not answer again. */
export function waitForAnswer(window: BrowserWindow): void {
  let asking: AbortController | null = null;
  const stop = () => asking?.abort();
  window.on('unresponsive', async () => {
    stop();
    asking = new AbortController();
    const { response } = await dialog.showMessageBox(window, {
      message: 'The window does not respond',
      detail: 'Running trainings continue. You can wait, or load the window again.',
      buttons: ['Wait', 'Load again'],
      defaultId: 0,
      cancelId: 0,
      signal: asking.signal,
    });
    if (response === 1) window.webContents.reload();
  });
  window.on('responsive', stop);
  window.on('closed', stop);
}
