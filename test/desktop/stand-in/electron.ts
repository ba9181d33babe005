/**
 * In place of Electron's module, which has no binary where these tests run: the real main process, preload script, protocol,
 * messages and utility processes run on it. It does what Electron 45 does in the order in which that does it
 * (docs/decisions/016-electron-stand-in.md); a test tells it what a user or the system does.
 */
import { EventEmitter } from 'node:events';
import { registerHooks } from 'node:module';
import { takeCoverage } from 'node:v8';
import {
  app,
  menuItems,
  menuModule,
  nativeTheme,
  preventable,
  protocol,
  session,
  showMessageBox,
} from './app.ts';
import { contextBridge, ipcMain, ipcRenderer, Page, webUtils } from './page.ts';
import { options, record } from './state.ts';
import { utilityProcess } from './utility.ts';
import { BrowserWindow } from './windows.ts';

const powerMonitor = new EventEmitter();

const electron = {
  app,
  BrowserWindow,
  Menu: menuModule,
  clipboard: { writeText: (text: string) => void Object.assign(record, { clipboard: text }) },
  contextBridge,
  dialog: {
    showErrorBox: (_title: string, message: string) => void record.boxes.push({ message }),
    showMessageBox,
    showSaveDialog: async () => ({ canceled: options.chosen === null, filePath: options.chosen ?? '' }),
    showOpenDialog: async () => ({
      canceled: options.chosen === null,
      filePaths: options.chosen ? [options.chosen] : [],
    }),
  },
  ipcMain,
  ipcRenderer,
  nativeTheme,
  powerMonitor,
  protocol,
  screen: {
    getAllDisplays: () => {
      app.requireReady('screen');
      return [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }];
    },
  },
  session,
  shell: {
    openExternal: async (url: string) => {
      record.calls.push(`openExternal ${url}`);
      if (options.openExternalFails) throw new Error('no application is registered');
    },
  },
  utilityProcess,
  webUtils,
};
Object.assign(globalThis, { electronStandIn: electron });

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: 'stand-in:electron', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'stand-in:electron'
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export const { ${Object.keys(electron).join(', ')} } = globalThis.electronStandIn;`,
        }
      : next(url, context),
});

const firstWindow = () => [...BrowserWindow.all].find(({ state }) => state.loaded?.startsWith('app:'));

/** What a test can do, by name. */
const controls = {
  record: () => ({ ...record, channels: ipcMain.channels }),
  environment: (names: string[]) => names.map((name) => process.env[name] ?? null),
  /** What V8 has counted so far is written, as at a normal end. */
  takeCoverage,
  secondInstance: (data: unknown) => {
    // Reordered and added to by Chromium, as the documentation says.
    const argv = ['--original-process-start-time=1', ...process.argv].reverse();
    app.emit('second-instance', {}, argv, '/', data);
  },
  openFile: (path: string) => app.emit('open-file', preventable(), path),
  activate: () => app.emit('activate'),
  quit: () => app.quit(),
  quitAndStart: (data: unknown) => {
    app.quit();
    controls.secondInstance(data);
  },
  closeWindow: () => firstWindow()?.close(),
  minimise: () => firstWindow()?.minimize(),
  shutDown: () => {
    const event = preventable();
    powerMonitor.emit('shutdown', event);
    return event.prevented;
  },
  logOff: () => {
    const event = preventable();
    firstWindow()?.emit('query-session-end', event);
    return event.prevented;
  },
  hang: () => firstWindow()?.emit('unresponsive'),
  answerAgain: () => firstWindow()?.emit('responsive'),
  crash: (reason: string) => firstWindow()?.webContents.emit('render-process-gone', {}, { reason }),
  menu: (label: string, triggeredByAccelerator = false) => {
    const item = menuItems().find((one) => one.label === label);
    item?.click?.(item, firstWindow(), { triggeredByAccelerator });
  },
  pointAt: (params: { isEditable: boolean; selectionText: string }) =>
    firstWindow()?.webContents.emit('context-menu', {}, params),
  link: (url: string) => firstWindow()?.webContents.openHandler({ url }),
  call: async (path: string, input: unknown) => {
    const procedure = path
      .split('.')
      .reduce(
        (at: Record<string, unknown>, name) => at[name] as typeof at,
        (Page.current?.client ?? {}) as never,
      );
    return (procedure as unknown as (input: unknown) => Promise<unknown>)(input);
  },
  bridge: async (method: 'saveFile' | 'savePdf' | 'chooseFolder' | 'pathOf', ...values: unknown[]) => {
    const bridge = Page.current?.bridge as unknown as Record<string, (...values: unknown[]) => unknown>;
    return bridge[method](...values);
  },
};
export type Controls = typeof controls;

process.on('message', async ({ id, name, values }: { id: number; name: keyof Controls; values: never[] }) => {
  try {
    const value = await (controls[name] as (...values: never[]) => unknown)(...values);
    process.send?.({ id, value: value ?? null });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
