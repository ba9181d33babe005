import { RPCLink } from '@orpc/client/message-port';
import type { Connection, MenuEntry, WindowShell } from './shell-types.ts';

/** What the preload script puts into the page. */
export interface Bridge {
  readonly platform: string;
  /** Asks for a port to the api; it comes as a message to the page. */
  connect(): void;
  pathOf(file: File): string;
  chooseFolder(): Promise<string | null>;
  saveFile(name: string, content: Uint8Array): Promise<string | null>;
  savePdf(name: string, html: string): Promise<string | null>;
  setMenu(entries: MenuEntry[]): void;
  onAction(listener: (id: string) => void): void;
  onOpenPaths(listener: (paths: string[]) => void): void;
}

/** Name of the message that carries the port. */
export const PORT_MESSAGE = 'tessera-port';

/** The window in Electron: the api over a MessagePort, files by their paths. */
export class DesktopShell implements WindowShell {
  readonly kind = 'electron';
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  connect(): Promise<Connection> {
    return new Promise((resolve) => {
      const handleEvent = ({ data, ports, source }: MessageEvent) => {
        if (source !== window || data !== PORT_MESSAGE || ports.length === 0) return;
        window.removeEventListener('message', handleEvent);
        const [port] = ports;
        const closed = new Promise<void>((ended) => {
          port.addEventListener('close', () => ended(), { once: true });
        });
        port.start();
        resolve({ link: new RPCLink({ port }), closed });
      };
      window.addEventListener('message', handleEvent);
      this.#bridge.connect();
    });
  }

  async takeDrop(transfer: DataTransfer): Promise<string[]> {
    return this.takeFiles([...transfer.files]);
  }

  async takeFiles(files: readonly File[]): Promise<string[]> {
    return files.map((file) => this.#bridge.pathOf(file));
  }

  chooseFolder(): Promise<string | null> {
    return this.#bridge.chooseFolder();
  }

  async saveFile(name: string, content: Blob): Promise<string | null> {
    return this.#bridge.saveFile(name, new Uint8Array(await content.arrayBuffer()));
  }

  savePdf(name: string, html: string): Promise<string | null> {
    return this.#bridge.savePdf(name, html);
  }

  onOpenPaths(listener: (paths: string[]) => void): void {
    this.#bridge.onOpenPaths(listener);
  }

  onAction(listener: (id: string) => void): void {
    this.#bridge.onAction(listener);
  }

  setMenu(entries: MenuEntry[]): void {
    this.#bridge.setMenu(entries);
  }
}
