import { BrowserWindow, nativeTheme } from 'electron';
import { backgroundOf } from './window-options.ts';

/** A small window with one sentence, for what takes long before there is anything to show. Closes with the returned function. */
export function showNotice(text: string): () => void {
  const notice = new BrowserWindow({
    width: 460,
    height: 140,
    resizable: false,
    // Closed, it would end what it tells of.
    closable: false,
    title: 'Tessera',
    backgroundColor: backgroundOf(nativeTheme.shouldUseDarkColors),
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
  });
  const html = `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Tessera</title><body style="font: 15px system-ui; padding: 24px">${text}`;
  // Without it the program only starts in silence.
  notice.loadURL(`data:text/html;charset=utf-8,${encodeURIComponent(html)}`).catch(() => {});
  return () => notice.destroy();
}
