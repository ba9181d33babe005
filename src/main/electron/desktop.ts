import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import { app, type BrowserWindow, clipboard, dialog, nativeTheme, utilityProcess } from 'electron';
import { messageOf } from '../../core/errors.ts';
import { isInside } from '../../core/files/inside.ts';
import { currentEnvironment } from '../data-folder/choice.ts';
import { type FoundHome, findHome } from '../data-folder/home.ts';
import type { HubSwitch } from '../hub/hub-switch.ts';
import { openHub } from '../hub/open-hub.ts';
import { readSettings } from '../services/settings.ts';
import { serveWindow } from './ipc.ts';
import { takeLoginEnvironment } from './login-environment.ts';
import { openMainWindow } from './main-window.ts';
import { showNotice } from './notice.ts';
import { PageMessages } from './page-messages.ts';
import { Quitting } from './quitting.ts';
import { argumentsOf, type StartRequest } from './start-request.ts';
import { utilityLauncher } from './utility-launcher.ts';

/** The start script of an AppImage adds the switch where the system keeps user namespaces from programs that it does not know. */
const NO_SANDBOX = {
  type: 'notice',
  level: 'warn',
  title: 'Tessera runs without a sandbox',
  text: 'This system gives none to an AppImage. Install the deb package to have one.',
  run: null,
} as const;

/** The file of the AppImage that this runs from. A terminal within another one has that one's variables. */
function ownAppImage(): string | undefined {
  const { APPIMAGE, APPDIR } = process.env;
  return APPDIR && isInside(APPDIR, process.execPath) ? APPIMAGE : undefined;
}

/** Starts the program again once it has ended. */
function startAgain(args: string[]): void {
  const file = ownAppImage();
  if (file === undefined) {
    app.relaunch({ args: [...process.argv.slice(1, app.isPackaged ? 1 : 2), ...args] });
    return;
  }
  // Electron's own process that waits for the end lies in the AppImage, whose files go with it (electron-builder#1727).
  const wait = 'for _ in $(seq 300); do kill -0 "$PPID" || break; sleep 0.1; done; exec "$0" "$@"';
  spawn('/bin/sh', ['-c', wait, file, ...args], { cwd: '/', detached: true, stdio: 'ignore' }).unref();
}

/** Elsewhere the program ends with its window; on macOS it goes on without one. */
const endsWithWindow = () => process.platform !== 'darwin';

/** The desktop program: its home, its one window, and how it ends. */
export class Desktop {
  readonly #messages = new PageMessages();
  readonly quitting: Quitting;
  /** Set once the home is open. */
  hubSwitch: HubSwitch | null = null;
  /** The data folder that is being opened. */
  #found: FoundHome | null = null;
  #window: BrowserWindow | null = null;
  #opening: Promise<unknown> = Promise.resolve();
  /** What the start after this end is asked for. */
  #next: Pick<StartRequest, 'home' | 'paths'> = { home: null, paths: [] };

  /** @param exitCode that of the program's end */
  constructor(exitCode: () => number = () => 0) {
    this.quitting = new Quitting({
      close: async () => {
        // A home that is being brought up to date is not left half way.
        await this.#opening.catch(() => {});
        await this.hubSwitch?.close();
      },
      quit: () => (exitCode() === 0 ? app.quit() : app.exit(exitCode())),
      relaunch: () => startAgain(argumentsOf(this.#next)),
      onProblem: (error) => process.stderr.write(`tessera: ${messageOf(error)}\n`),
    });
  }

  /** Opens the home and the window. Rejects with UserError where the home cannot be used. */
  async start({ home: requested, paths }: StartRequest): Promise<void> {
    this.#next = { home: requested, paths: [] };
    const environment = currentEnvironment();
    const launch = utilityLauncher((entry) =>
      utilityProcess.fork(entry, [], {
        stdio: ['ignore', 'ignore', 'pipe'],
        serviceName: `Tessera ${parse(entry).name}`,
      }),
    );
    this.#found = findHome(requested ?? undefined, environment);
    let closeNotice = () => {};
    const onUpdate = () => {
      closeNotice = showNotice(
        'Tessera brings your data folder up to date. This happens once, and can take some minutes.',
      );
    };
    const opening = openHub({ ...this.#found, environment, shell: 'electron', launch, onUpdate });
    this.#opening = opening;
    const hubSwitch = await opening;
    this.hubSwitch = hubSwitch;
    // It was told to end while the home was brought up to date.
    if (!this.quitting.isOpen) return;
    const environmentTaken = takeLoginEnvironment();
    followTheme(hubSwitch);
    if (ownAppImage() && process.argv.includes('--no-sandbox')) hubSwitch.hub.bus.emit(NO_SANDBOX);
    const perform = (id: string) => {
      if (!this.#window) this.showWindow();
      this.#messages.send('tessera:action', id);
    };
    serveWindow({ hubSwitch, window: () => this.#window, perform });
    this.openPaths(paths);
    this.showWindow();
    closeNotice();
    // What trains on hosts is followed with it.
    await environmentTaken;
    if (this.quitting.isOpen) hubSwitch.start();
  }

  get window(): BrowserWindow | null {
    return this.#window;
  }

  /** Offers files to the window, which is shown, or opened once the home is. */
  openPaths(paths: readonly string[]): void {
    if (paths.length > 0) this.#messages.send('tessera:open-paths', [...paths]);
  }

  /** Does nothing before the home is open: then the window opens by itself. */
  showWindow(): void {
    if (this.#window) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
      return;
    }
    if (!this.hubSwitch || !this.quitting.mayOpen()) return;
    const window = openMainWindow(this.#messages);
    this.#window = window;
    window.on('close', (event) => this.quitting.windowCloses(event, endsWithWindow()));
    // Windows ends the program with the session, and asks its windows alone.
    window.on('query-session-end', (event) => this.endSession(event));
    window.on('closed', () => {
      this.#window = null;
    });
  }

  /** The program was started again while it runs. While it ends, the start waits for that. */
  startedAgain(request: StartRequest): void {
    const opens = this.quitting.mayOpen();
    this.showWindow();
    if (!opens) {
      this.#next = request;
      return;
    }
    const open = this.hubSwitch?.hub.store.home ?? this.#found?.home;
    const { home, paths } = request;
    if (home !== null && open !== undefined && home !== open) void this.#tellOpen(open, home, paths);
    else this.openPaths(paths);
  }

  /** Another data folder is open than was asked for. Files may be opened in that one all the same. */
  async #tellOpen(open: string, home: string, paths: readonly string[]): Promise<void> {
    const { response } = await dialog.showMessageBox({
      message: `Tessera is open already with the data folder ${open}`,
      detail: `Quit it first to open ${home}, or change the data folder in Settings.`,
      ...(paths.length > 0 && { buttons: ['Open the files here', 'Close'], cancelId: 1 }),
    });
    if (response === 0) this.openPaths(paths);
  }

  allWindowsClosed(): void {
    if (endsWithWindow()) app.quit();
  }

  /** The user logs off, or the machine shuts down: it waits until trainings have saved what they reached. */
  endSession(event: { preventDefault(): void }): void {
    event.preventDefault();
    app.quit();
  }

  /** A web link that no program could open. */
  async tellLink(url: string): Promise<void> {
    const { response } = await dialog.showMessageBox({
      message: 'No browser could be opened for this link',
      detail: url,
      buttons: ['Copy link', 'Close'],
      cancelId: 1,
    });
    if (response === 0) clipboard.writeText(url);
  }
}

/** Frames, menus and the first frame of pages follow the theme that is chosen in Settings. */
function followTheme(hubSwitch: HubSwitch): void {
  const { bus, store } = hubSwitch.hub;
  const apply = () => {
    nativeTheme.themeSource = readSettings(store).theme;
  };
  apply();
  const stop = bus.watch(({ type }) => {
    if (type === 'settings') apply();
    if (type !== 'home') return;
    stop();
    followTheme(hubSwitch);
  });
}

/** Beside the bundle's folder; in the sources, where this file lies one level deeper, beside src/main. */
export function rendererFolder(): string {
  const places = ['../renderer', '../../renderer'].map((path) => join(import.meta.dirname, path));
  return places.find((place) => existsSync(place)) ?? places[0];
}
