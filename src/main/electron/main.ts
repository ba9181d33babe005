/** The desktop shell: what Electron tells it, in one place. */
import { app, dialog, Menu, powerMonitor, protocol, session, shell } from 'electron';
import { messageOf } from '../../core/errors.ts';
import { APP_SCHEME, appHandler } from './app-protocol.ts';
import { Desktop, rendererFolder } from './desktop.ts';
import { guardApp, guardSession } from './guards.ts';
import { menuTemplate } from './menu.ts';
import { selfTest } from './self-test.ts';
import { startRequest, startRequestOf } from './start-request.ts';

const given = startRequestOf(process.argv, process.cwd(), app.isPackaged);
const test = given.selfTest ? selfTest() : null;
const request = test ? { ...given, home: test.home } : given;
const desktop = new Desktop(() => test?.exitCode() ?? 0);

async function start(): Promise<void> {
  // In place of Electron's own, which reloads pages; the window's page brings its actions.
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate([], () => {}, process.platform === 'darwin')));
  protocol.handle(APP_SCHEME.scheme, appHandler(rendererFolder()));
  guardSession(session.defaultSession);
  powerMonitor.on('shutdown', (...[event]: unknown[]) =>
    desktop.endSession(event as { preventDefault(): void }),
  );
  await desktop.start(request);
  if (test) void test.run(desktop).finally(() => app.quit());
}

protocol.registerSchemesAsPrivileged([APP_SCHEME]);
// By this name Windows shows notifications and pins the program to the taskbar.
app.setAppUserModelId('io.github.tessera-lab.tessera');
app.enableSandbox();
guardApp(app, (url) => void shell.openExternal(url).catch(() => desktop.tellLink(url)));
app.on('open-file', (event, path) => {
  event.preventDefault();
  desktop.openPaths([path]);
  desktop.showWindow();
});
app.on('second-instance', (_event, _args, _workingFolder, data) => {
  const { data: again } = startRequest.safeParse(data);
  desktop.startedAgain(again ?? { home: null, paths: [], selfTest: false });
});
app.on('activate', () => desktop.showWindow());
app.on('window-all-closed', () => desktop.allWindowsClosed());
app.on('before-quit', (event) => desktop.quitting.beforeQuit(event));

if (!app.requestSingleInstanceLock(request)) app.exit(0);
else {
  void app
    .whenReady()
    .then(start)
    .catch((error) => {
      if (test) process.stderr.write(`${messageOf(error)}\n`);
      else dialog.showErrorBox('Tessera cannot start', messageOf(error, 'window'));
      app.exit(1);
    });
}
