import { BrowserShell } from './browser-shell.ts';
import { type Bridge, DesktopShell } from './desktop-shell.ts';
import type { WindowShell } from './shell-types.ts';

declare global {
  interface Window {
    tessera?: Bridge;
  }
}

export const shell: WindowShell = window.tessera ? new DesktopShell(window.tessera) : new BrowserShell();
