/**
 * A page with the real preload script, and with the renderer's own side of the bridge in place of React. In Electron it has a
 * process of its own: here, whatever crosses is cloned.
 */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import type { ApiClient } from '../../../src/core/api/contract.ts';
import { type Bridge, DesktopShell } from '../../../src/renderer/shell/desktop-shell.ts';
import { record } from './state.ts';

/** Electron's: a port in the main process is an EventEmitter (lib/browser/message-port-main.ts). */
class MessagePortMain extends EventEmitter {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('message', (data) => this.emit('message', { data, ports: [] }));
    port.on('close', () => this.emit('close'));
  }

  start(): void {
    this.#port.start();
  }

  postMessage(message: unknown): void {
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }
}

type Listener = (event: unknown, ...values: unknown[]) => void;

class IpcMain extends EventEmitter {
  readonly #handlers = new Map<string, Listener>();

  handle(channel: string, handler: Listener): void {
    if (this.#handlers.has(channel))
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  get channels(): string[] {
    return [...new Set([...this.#handlers.keys(), ...this.eventNames().map(String)])].sort();
  }

  /** What lib/renderer/api/ipc-renderer.ts makes of an answer. */
  async invoke(event: unknown, channel: string, values: unknown[]): Promise<unknown> {
    try {
      const handler = this.#handlers.get(channel);
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      return structuredClone(await handler(event, ...values));
    } catch (error) {
      throw new Error(`Error invoking remote method '${channel}': ${error}`);
    }
  }
}

export const ipcMain = new IpcMain();

/** The page that is being opened: its preload script asks for it. */
let opening: Page | null = null;

export const contextBridge = {
  exposeInMainWorld: (name: string, value: object) => {
    if (opening) Object.assign(opening.world, { [name]: value });
  },
};

export const ipcRenderer = {
  on: (channel: string, listener: Listener) => currentPage().listeners.on(channel, listener),
  invoke: (channel: string, ...values: unknown[]) =>
    ipcMain.invoke(currentPage().event(), channel, structuredClone(values)),
  postMessage: (channel: string, message: unknown, ports: MessagePort[]) =>
    ipcMain.emit(
      channel,
      { ...currentPage().event(), ports: ports.map((port) => new MessagePortMain(port)) },
      structuredClone(message),
    ),
};

export const webUtils = { getPathForFile: ({ name }: { name: string }) => `/files/${name}` };

function currentPage(): Page {
  const page = Page.current;
  if (!page) throw new Error('there is no page');
  return page;
}

let pages = 0;

export class Page {
  static current: Page | null = null;
  readonly listeners = new EventEmitter();
  /** Its `window`. */
  readonly world: EventTarget & { tessera?: Bridge };
  readonly #url: string;
  client: ApiClient | null = null;

  private constructor(url: string) {
    this.#url = url;
    const target = new EventTarget();
    this.world = Object.assign(target, {
      postMessage: (data: unknown, _origin: string, ports: MessagePort[]) =>
        target.dispatchEvent(Object.assign(new Event('message'), { data, ports, source: target })),
    });
  }

  /** @param preload as the window was told; a clone that is not built has it among its sources. */
  static async open(url: string, preload: string): Promise<Page> {
    const page = new Page(url);
    opening = page;
    Page.current = page;
    Object.assign(globalThis, { window: page.world, MessageChannel });
    const isBuilt = !process.argv[1].endsWith('.ts');
    const script = isBuilt ? pathToFileURL(preload).href : '../../../src/main/electron/preload.ts';
    await import(`${script}?page=${pages++}`);
    opening = null;
    const shell = new DesktopShell(page.bridge);
    shell.onAction((id) => record.actions.push(id));
    shell.onOpenPaths((paths) => record.opened.push(paths));
    const { link } = await shell.connect();
    page.client = createORPCClient(link);
    void page.#listen();
    shell.setMenu([
      { id: 'run.new', label: 'New run', group: 'Run', shortcut: 'n', enabled: true },
      { id: 'help.palette', label: 'Show all commands', group: 'Help', shortcut: 'Mod+K', enabled: true },
    ]);
    return page;
  }

  async #listen(): Promise<void> {
    for await (const event of (await this.client?.events()) ?? []) {
      if (event.type === 'notice') record.notices.push(event.title);
    }
  }

  get bridge(): Bridge {
    if (!this.world.tessera) throw new Error('the preload script has put nothing into the page');
    return this.world.tessera;
  }

  event() {
    return { senderFrame: { url: this.#url, parent: null } };
  }

  receive(channel: string, values: unknown[]): void {
    this.listeners.emit(channel, {}, ...values);
  }

  leave(): void {
    this.listeners.removeAllListeners();
    if (Page.current === this) Page.current = null;
  }
}
