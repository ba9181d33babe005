/** Electron's `app`: the order in which it ends is that of shell/browser/browser.cc. */
import { EventEmitter } from 'node:events';
import { noted, options, record } from './state.ts';

class Preventable {
  prevented = false;
  preventDefault(): void {
    this.prevented = true;
  }
}

export const preventable = () => new Preventable();

export interface ClosableWindow {
  close(): boolean;
  destroy(): void;
}

class App extends EventEmitter {
  readonly isPackaged = options.packaged ?? false;
  isReady = false;
  readonly open = new Set<ClosableWindow>();
  readonly #paths: Record<string, string> = { userData: process.env.STAND_IN_USER_DATA ?? '' };
  #quitting = false;
  #exitCode: number | null = null;

  getPath(name: string): string {
    return this.#paths[name] ?? '';
  }

  setPath(name: string, path: string): void {
    record.calls.push(`setPath ${name}`);
    this.#paths[name] = path;
  }

  setAppUserModelId(id: string): void {
    record.modelId = id;
  }

  enableSandbox(): void {
    this.requireUnready('app.enableSandbox()');
    record.calls.push('enableSandbox');
  }

  requestSingleInstanceLock(data: unknown): boolean {
    structuredClone(data);
    record.calls.push('requestSingleInstanceLock');
    return !options.locked;
  }

  async whenReady(): Promise<void> {
    record.calls.push('whenReady');
    await new Promise(setImmediate);
    this.isReady = true;
  }

  requireReady(what: string): void {
    if (!this.isReady) throw new Error(`${what} cannot be used before the app is ready`);
  }

  requireUnready(what: string): void {
    if (this.isReady) throw new Error(`${what} should be called before app is ready`);
  }

  relaunch(given: unknown): void {
    record.relaunches.push(given ?? null);
  }

  quit(): void {
    if (this.#quitting) return;
    const event = preventable();
    record.calls.push('before-quit');
    this.emit('before-quit', event);
    this.#quitting = !event.prevented;
    if (!this.#quitting) return;
    if (this.open.size === 0) this.#willQuit();
    // A window that stays takes the end back.
    else for (const window of this.open) if (!window.close()) this.#quitting = false;
  }

  exit(code = 0): void {
    this.#quitting = true;
    this.#exitCode = code;
    for (const window of this.open) window.destroy();
    this.#shutDown();
  }

  windowClosed(window: ClosableWindow): void {
    this.open.delete(window);
    if (this.open.size > 0 || this.#exitCode !== null) return;
    if (this.#quitting) this.#willQuit();
    else if (this.listenerCount('window-all-closed') === 0) this.quit();
    else {
      record.calls.push('window-all-closed');
      this.emit('window-all-closed');
    }
  }

  #willQuit(): void {
    const event = preventable();
    record.calls.push('will-quit');
    this.emit('will-quit', event);
    if (event.prevented) this.#quitting = false;
    else this.#shutDown();
  }

  #shutDown(): void {
    const code = this.#exitCode ?? 0;
    record.calls.push(`quit ${code}`);
    this.emit('quit', {}, code);
    const end = () => process.exit(code);
    if (process.connected) process.send?.({ record }, end);
    else end();
  }
}

export const app = new App();

class Menu {
  readonly template: MenuItem[];
  constructor(template: MenuItem[]) {
    this.template = template;
  }

  popup(): void {
    record.popups.push(this.template.map(({ role }) => role));
  }
}

export interface MenuItem {
  label?: string;
  role?: string;
  submenu?: MenuItem[];
  click?(item: MenuItem, window: object | undefined, event: { triggeredByAccelerator?: boolean }): void;
}

let menu: MenuItem[] = [];
export const menuItems = (): MenuItem[] => menu.flatMap(({ submenu = [] }) => submenu);

export const menuModule = {
  buildFromTemplate: (template: MenuItem[]) => new Menu(template),
  setApplicationMenu: ({ template }: Menu) => {
    app.requireReady('Menu');
    record.calls.push('setApplicationMenu');
    menu = template;
    record.menu = menuItems().map(({ label, role }) => label ?? role ?? '');
  },
};

/** A box that is answered as the test says, or when its signal fires. */
export async function showMessageBox(...given: unknown[]): Promise<{ response: number }> {
  const box = given.at(-1) as { message: string; detail?: string; cancelId?: number; signal?: AbortSignal };
  record.boxes.push({ message: box.message, detail: box.detail });
  const pressed = Object.entries(options.answers ?? {}).find(([message]) => box.message.includes(message));
  if (pressed && pressed[1] !== null) return { response: pressed[1] };
  return new Promise((resolve) => {
    box.signal?.addEventListener('abort', () => resolve({ response: box.cancelId ?? 0 }));
  });
}

export const protocol = {
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  registerSchemesAsPrivileged: (schemes: { scheme: string }[]) => {
    app.requireUnready('protocol.registerSchemesAsPrivileged');
    record.calls.push(`registerSchemesAsPrivileged ${schemes.map(({ scheme }) => scheme)}`);
  },
  handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
    app.requireReady('protocol.handle');
    protocol.handlers.set(scheme, handler);
  },
};

export const nativeTheme = {
  get shouldUseDarkColors(): boolean {
    return record.theme === 'system' ? options.dark === true : record.theme === 'dark';
  },
  set themeSource(theme: string) {
    record.theme = theme;
  },
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler: noted('setPermissionRequestHandler'),
    setPermissionCheckHandler: noted('setPermissionCheckHandler'),
    setDevicePermissionHandler: noted('setDevicePermissionHandler'),
  },
};
