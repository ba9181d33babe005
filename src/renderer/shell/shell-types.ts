/** What the window can ask of the shell around it, whichever it is. */
import type { ClientContext, ClientLink } from '@orpc/client';

export interface Connection {
  link: ClientLink<ClientContext>;
  /** Resolves when the connection has ended. */
  closed: Promise<void>;
}

/** Watches files on their way to the machine that imports. */
export interface TransferWatch {
  /** In bytes. */
  onProgress(sent: number, total: number): void;
  /** Stops the transfer, which then rejects. */
  signal: AbortSignal;
}

export interface WindowShell {
  readonly kind: 'electron' | 'browser';
  /** Opens the way to the api. Rejects where nobody answers. */
  connect(): Promise<Connection>;
  /** Whether somebody answers who does not know this window, as after a restart of the program. */
  isRefused?(): Promise<boolean>;
  /**
   * Makes dropped files and folders readable for an import, and returns their paths on the machine that
   * imports. `watch` hears of the transfer where there is one.
   */
  takeDrop(transfer: DataTransfer, watch: TransferWatch): Promise<string[]>;
  /** The same for files chosen in a file dialog. */
  takeFiles(files: readonly File[], watch: TransferWatch): Promise<string[]>;
  /** The system's own dialog; null where the user chose nothing. Absent where a shell has none that tells paths. */
  chooseFolder?(): Promise<string | null>;
  /** Gives the user a file. Returns where it went, or null where the user did not want it or only the browser knows. */
  saveFile(name: string, content: Blob): Promise<string | null>;
  /** As `saveFile`, of a page that is printed. Absent where the browser's own print must do. */
  savePdf?(name: string, html: string): Promise<string | null>;
  /** Files opened with the program: double click, dock, command line. */
  onOpenPaths(listener: (paths: string[]) => void): void;
  /** Chosen menu entries, by action id. */
  onAction(listener: (id: string) => void): void;
  /** Tells the menu bar what can be done now. */
  setMenu(entries: MenuEntry[]): void;
}

export interface MenuEntry {
  id: string;
  label: string;
  group: string;
  /** As in "Mod+K". */
  shortcut: string | null;
  enabled: boolean;
}
