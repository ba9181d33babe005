/** In place of Electron's module: records what main asks of it, and ends the program once the window is loaded. */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { registerHooks } from 'node:module';

export interface MainRecord {
  /** Names of what was called, in order. */
  calls: string[];
  window: { webPreferences: Record<string, unknown> } | null;
  loaded: string | null;
  schemes: { scheme: string }[];
  /** What app:// answers to the address that was loaded. */
  page: { status: number; policy: string | null } | null;
  /** Channels that are heard. */
  channels: string[];
}

const record: MainRecord = { calls: [], window: null, loaded: null, schemes: [], page: null, channels: [] };
let answer: ((request: Request) => Promise<Response>) | null = null;

const noted =
  (name: string) =>
  (...values: unknown[]) => {
    record.calls.push(name);
    return values[0];
  };

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly enableSandbox = noted('enableSandbox');
  readonly getPath = () => process.env.TESSERA_HOME;

  requestSingleInstanceLock(): boolean {
    record.calls.push('requestSingleInstanceLock');
    return true;
  }

  async whenReady(): Promise<void> {
    record.calls.push('whenReady');
  }

  quit(): void {
    record.calls.push('quit');
    process.stdout.write(JSON.stringify(record), () => process.exit(0));
  }

  exit(code: number): void {
    process.exit(code);
  }
}

class BrowserWindow extends EventEmitter {
  readonly webContents = Object.assign(new EventEmitter(), {
    send: noted('send'),
    setWindowOpenHandler: noted('setWindowOpenHandler'),
  });

  constructor(options: { webPreferences: Record<string, unknown> }) {
    super();
    if (options.webPreferences.preload) record.window = options;
    app.emit('web-contents-created', {}, this.webContents);
  }

  destroy(): void {
    record.calls.push('destroy');
  }

  async loadURL(url: string): Promise<void> {
    if (url.startsWith('data:')) {
      record.calls.push(`notice ${decodeURIComponent(url)}`);
      return;
    }
    record.calls.push('loadURL');
    record.loaded = url;
    const response = await answer?.(new Request(url));
    if (response) {
      const policy = response.headers.get('content-security-policy');
      record.page = { status: response.status, policy };
    }
    this.webContents.emit('did-finish-load');
    setTimeout(() => app.emit('before-quit', { preventDefault: noted('preventDefault') }), 100);
  }
}

/** A child process of Node in place of Electron's. */
function utility(entry: string) {
  const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return Object.assign(child, { postMessage: (message: object) => child.send(message, () => {}) });
}

const app = new App();
const heard = (channel: string) => record.channels.push(channel);

Object.assign(globalThis, {
  electronStandIn: {
    app,
    BrowserWindow,
    Menu: {},
    shell: {},
    dialog: { showErrorBox: noted('showErrorBox') },
    ipcMain: { on: heard, handle: heard },
    protocol: {
      registerSchemesAsPrivileged: (schemes: { scheme: string }[]) => {
        record.calls.push('registerSchemesAsPrivileged');
        record.schemes = schemes;
      },
      handle: (_scheme: string, handler: typeof answer) => {
        answer = handler;
      },
    },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: {
      defaultSession: {
        setPermissionRequestHandler: noted('setPermissionRequestHandler'),
        setPermissionCheckHandler: noted('setPermissionCheckHandler'),
        setDevicePermissionHandler: noted('setDevicePermissionHandler'),
      },
    },
    utilityProcess: { fork: (entry: string) => utility(entry) },
  },
});

const NAMES =
  'app, BrowserWindow, Menu, shell, dialog, ipcMain, protocol, screen, session, utilityProcess'.split(', ');

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: 'stand-in:electron', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'stand-in:electron'
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export const { ${NAMES.join(', ')} } = globalThis.electronStandIn;`,
        }
      : next(url, context),
});
