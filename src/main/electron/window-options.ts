import type { BrowserWindowConstructorOptions } from 'electron';
import type { WindowState } from './window-state.ts';

/** As in the page's tokens.css, for what is seen before its first frame. */
export const backgroundOf = (dark: boolean) => (dark ? '#151614' : '#ffffff');

/** Options of the one window. What a page may do is set here and loosened nowhere. */
export function windowOptions(
  preload: string,
  { maximised: _, ...place }: WindowState,
  dark: boolean,
): BrowserWindowConstructorOptions {
  return {
    ...place,
    minWidth: 720,
    minHeight: 480,
    title: 'Tessera',
    backgroundColor: backgroundOf(dark),
    // Shown when its first page is ready.
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  };
}
