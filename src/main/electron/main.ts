/** The desktop shell: one window, its menu, app:// and the connection to the api. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import { join, parse } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { findCodeVersion } from '../../core/code-version.ts';
import { messageOf } from '../../core/errors.ts';
import { findHome } from '../data-folder/home.ts';
import { HubSwitch } from '../hub/hub-switch.ts';
import { updateHome } from '../hub/update-home.ts';
import { APP_SCHEME, appHandler } from './app-protocol.ts';
import { sendToPage } from './channels.ts';
import { guardApp, guardSession, WINDOW_URL } from './guards.ts';
import { serveWindow } from './ipc.ts';
import { showNotice } from './notice.ts';
import { homeOption, PendingPaths, pathsOf } from './open-paths.ts';
import { printPdf } from './print-pdf.ts';
import { Quitting } from './quitting.ts';
import { utilityLauncher } from './utility-launcher.ts';
import { loadPage } from './window-failures.ts';
import { windowOptions } from './window-options.ts';
import { readWindowState, writeWindowState } from './window-state.ts';

let window: BrowserWindow | null = null;
let hubSwitch: HubSwitch | null = null;
const pendingPaths = new PendingPaths();
const quitting = new Quitting({
  close: async () => hubSwitch?.close(),
  quit: () => app.quit(),
  relaunch: () => app.relaunch(),
  onProblem: (error) => process.stderr.write(`tessera: ${messageOf(error)}\n`),
});
/** Elsewhere the program ends with its window; on macOS it goes on without one. */
const endsWithWindow = process.platform !== 'darwin';

function openWindow(): void {
  const stateFile = join(app.getPath('userData'), 'window.json');
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const state = readWindowState(stateFile, areas);
  const created = new BrowserWindow(
    windowOptions(join(import.meta.dirname, '../preload/preload.cjs'), state),
  );
  window = created;
  if (state.maximised) created.maximize();
  created.once('ready-to-show', () => created.show());
  created.on('close', (event) => {
    quitting.windowCloses(event, endsWithWindow);
    const { width, height, x, y } = created.getNormalBounds();
    writeWindowState(stateFile, { width, height, x, y, maximised: created.isMaximized() });
  });
  created.on('closed', () => {
    window = null;
    pendingPaths.disconnect();
  });
  created.webContents.on('did-finish-load', () =>
    pendingPaths.connect((paths) => sendToPage(created.webContents, 'tessera:open-paths', paths)),
  );
  loadPage(created, WINDOW_URL, (problem) => dialog.showErrorBox('Tessera', problem));
}

function showWindow(): void {
  // Nothing can be shown before the home is open.
  if (!window) {
    if (hubSwitch && quitting.mayOpen()) openWindow();
  } else {
    if (window.isMinimized()) window.restore();
    window.focus();
  }
}

/** Beside the bundle's folder; in the sources, where this file lies one level deeper, beside src/main. */
function rendererFolder(): string {
  const places = ['../renderer', '../../renderer'].map((path) => join(import.meta.dirname, path));
  return places.find((place) => existsSync(place)) ?? places[0];
}

async function start(): Promise<void> {
  const environment = { env: process.env, platform: process.platform, userFolder: os.homedir() };
  const launch = utilityLauncher((entry) =>
    utilityProcess.fork(entry, [], {
      stdio: ['ignore', 'ignore', 'pipe'],
      serviceName: `Tessera ${parse(entry).name}`,
    }),
  );
  const { home, rest } = homeOption(process.argv);
  protocol.handle(APP_SCHEME.scheme, appHandler(rendererFolder()));
  guardSession(session.defaultSession);
  const found = findHome(home, environment);
  await findCodeVersion();
  let closeNotice = () => {};
  await updateHome(found.home, launch, () => {
    closeNotice = showNotice(
      'Tessera brings your data folder up to date. This happens once, and can take some minutes.',
    );
  });
  hubSwitch = new HubSwitch({ ...found, environment, shell: 'electron', launch });
  serveWindow({ ipcMain, dialog, menu: Menu, hubSwitch, window: () => window, printPdf });
  pendingPaths.add(pathsOf(rest, process.cwd(), app.isPackaged));
  openWindow();
  closeNotice();
  hubSwitch.start();
}

protocol.registerSchemesAsPrivileged([APP_SCHEME]);
app.enableSandbox();
guardApp(app, (url) => void shell.openExternal(url));
app.on('open-file', (event, path) => {
  event.preventDefault();
  pendingPaths.add([path]);
});
app.on('second-instance', (_event, args, workingFolder) => {
  // A second start means a window, also where one still shows what is being stopped.
  quitting.mayOpen();
  showWindow();
  pendingPaths.add(pathsOf(homeOption(args).rest, workingFolder, app.isPackaged));
});
app.on('activate', showWindow);
app.on('window-all-closed', () => {
  if (endsWithWindow) app.quit();
});
app.on('before-quit', (event) => quitting.beforeQuit(event));

if (!app.requestSingleInstanceLock()) app.exit(0);
else {
  void app
    .whenReady()
    .then(start)
    .catch((error) => {
      dialog.showErrorBox('Tessera cannot start', messageOf(error, 'window'));
      app.exit(1);
    });
}
