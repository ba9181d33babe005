/** Electron's windows. Whatever is asked of a destroyed one throws, as there. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { app, preventable, protocol } from './app.ts';
import { Page } from './page.ts';
import { options, record, type WindowState } from './state.ts';

class WebContents extends EventEmitter {
  readonly #window: BrowserWindow;
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  page: Page | null = null;

  constructor(window: BrowserWindow) {
    super();
    this.#window = window;
  }

  send(channel: string, ...values: unknown[]): void {
    this.#window.requireAlive();
    this.page?.receive(channel, structuredClone(values));
  }

  setWindowOpenHandler(handler: typeof this.openHandler): void {
    this.openHandler = handler;
  }

  reload(): void {
    this.#window.requireAlive();
    record.calls.push('reload');
    void this.#window.loadURL(this.#window.state.loaded ?? '');
  }

  async capturePage() {
    this.#window.requireAlive();
    const { shown, options: given } = this.#window.state;
    const size = shown ? { width: given.width, height: given.height } : { width: 0, height: 0 };
    return { getSize: () => size };
  }

  async printToPDF(): Promise<Uint8Array> {
    this.#window.requireAlive();
    if (this.#window.html === null) throw new Error('nothing is loaded');
    return new TextEncoder().encode(`%PDF-1.4 of ${this.#window.html.length} characters`);
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly all = new Set<BrowserWindow>();
  readonly webContents = new WebContents(this);
  readonly state: WindowState;
  html: string | null = null;
  readonly #made = performance.now();

  constructor(given: WindowState['options'] & { show?: boolean }) {
    super();
    app.requireReady('BrowserWindow');
    const { platform = process.platform } = options;
    Object.defineProperty(process, 'platform', { value: platform });
    const shown = given.show !== false;
    this.state = {
      shown,
      shownAfter: shown ? 0 : null,
      focused: false,
      maximised: false,
      minimised: false,
      destroyed: false,
      flashed: shown,
      options: given,
      loaded: null,
      menu: [...record.menu],
    };
    record.windows.push(this.state);
    if (options.quitsAtOnce) setImmediate(() => app.quit());
    if (options.startsAgainAtOnce && record.windows.length === 1)
      setImmediate(() => app.emit('second-instance', {}, [], '/', options.startsAgainAtOnce));
    app.open.add(this);
    BrowserWindow.all.add(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  requireAlive(): void {
    if (this.state.destroyed) throw new TypeError('Object has been destroyed');
  }

  isDestroyed = () => this.state.destroyed;
  isVisible = () => this.#alive().shown;
  isMinimized = () => this.#alive().minimised;
  isMaximized = () => this.#alive().maximised;
  getNormalBounds = () => this.#alive() && { x: 40, y: 60, width: 900, height: 640 };
  focus = () => void Object.assign(this.#alive(), { focused: true });
  minimize = () => void Object.assign(this.#alive(), { minimised: true });
  restore = () => void Object.assign(this.#alive(), { minimised: false });

  show(): void {
    this.requireAlive();
    if (!this.state.shown) this.emit('show');
    this.state.shownAfter ??= performance.now() - this.#made;
    this.state.shown = true;
  }

  /** Shows a hidden window, too. */
  maximize(): void {
    this.requireAlive();
    this.state.flashed ||= this.state.shown;
    this.state.maximised = true;
    this.show();
  }

  /** What the user does. Returns whether it has closed. */
  close(): boolean {
    if (this.state.destroyed) return true;
    const event = preventable();
    this.emit('close', event);
    if (!event.prevented) this.destroy();
    return !event.prevented;
  }

  destroy(): void {
    if (this.state.destroyed) return;
    this.state.destroyed = true;
    BrowserWindow.all.delete(this);
    this.webContents.page?.leave();
    this.emit('closed');
    app.windowClosed(this);
  }

  async loadFile(path: string): Promise<void> {
    this.html = readFileSync(path, 'utf8');
  }

  async loadURL(url: string): Promise<void> {
    this.requireAlive();
    this.state.loaded = url;
    this.webContents.page?.leave();
    this.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    if (url.startsWith('data:')) return;
    if (options.page === 'fails') throw new Error(`ERR_FAILED (-2) loading '${url}'`);
    const response = await protocol.handlers.get('app')?.(new Request(url));
    const policy = response?.headers.get('content-security-policy') ?? null;
    record.answer = { status: response?.status ?? 0, policy };
    if (options.wayland) await new Promise((resolve) => setTimeout(resolve, options.wayland?.loadMs));
    if (this.state.destroyed) throw new Error('ERR_ABORTED (-3)');
    const { preload } = this.state.options.webPreferences;
    this.webContents.page = typeof preload === 'string' ? await Page.open(url, preload) : null;
    this.webContents.emit('did-finish-load');
    // A report in a frame, and an address of the page itself.
    this.webContents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false });
    this.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
    if (!options.wayland && !this.state.shown) this.emit('ready-to-show');
  }

  #alive(): WindowState {
    this.requireAlive();
    return this.state;
  }
}
