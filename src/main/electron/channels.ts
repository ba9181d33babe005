/**
 * Every message between the preload script and Electron's main process: its name and what it carries. Both sides infer
 * from this map; main checks what arrives all the same.
 */
import type { MenuEntries } from './menu.ts';

/** Requests of the page that are answered. */
export interface RequestChannels {
  /** The folder that was chosen, or null. */
  'tessera:choose-folder': () => string | null;
  /** The path that the file was saved to, or null if the user cancelled. */
  'tessera:save-file': (name: string, content: Uint8Array) => string | null;
  'tessera:save-pdf': (name: string, html: string) => string | null;
}

/** Messages from the page that are not answered. */
export interface PageChannels {
  /** Carries a MessagePort, over which the page then calls the api. */
  'tessera:connect': () => void;
  'tessera:set-menu': (entries: MenuEntries) => void;
}

/** Messages to the page. */
export interface MainChannels {
  /** An item of the menu was chosen. */
  'tessera:action': (id: string) => void;
  /** Files were opened with the program. */
  'tessera:open-paths': (paths: string[]) => void;
}
