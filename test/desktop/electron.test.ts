import { EventEmitter } from 'node:events';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { App, Session, UtilityProcess, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { desktopObstacle, runStart } from '../../src/main/cli/start.ts';
import { appHandler } from '../../src/main/electron/app-protocol.ts';
import { guardApp, guardSession, isOwnSender, WINDOW_URL } from '../../src/main/electron/guards.ts';
import { serveWindow } from '../../src/main/electron/ipc.ts';
import { menuTemplate } from '../../src/main/electron/menu.ts';
import { PageMessages } from '../../src/main/electron/page-messages.ts';
import { argumentsOf, startRequestOf } from '../../src/main/electron/start-request.ts';
import { utilityLauncher } from '../../src/main/electron/utility-launcher.ts';
import { windowOptions } from '../../src/main/electron/window-options.ts';
import { readWindowState, writeWindowState } from '../../src/main/electron/window-state.ts';
import { LocalExecutor } from '../../src/main/executors/local.ts';
import { temporaryHome } from '../store/home.ts';

/** Of Electron, which desktop-program.test.ts has a stand-in for, what one test here looks at. */
const electron = vi.hoisted(() => ({
  ipcMain: { on: vi.fn(), handle: vi.fn() },
  dialog: { showSaveDialog: vi.fn() },
  Menu: {},
  BrowserWindow: null,
}));
vi.mock('electron', () => electron);
vi.mock('../../src/main/electron/print-pdf.ts', () => ({ printPdf: async () => new Uint8Array([37]) }));

const STATE = { width: 1000, height: 700, x: 10, y: 20, maximised: false };

describe('the desktop window', () => {
  it('is sandboxed, isolated and without Node', () => {
    const { webPreferences, show, backgroundColor } = windowOptions('/preload.cjs', STATE, true);
    expect([show, backgroundColor]).toEqual([false, '#151614']);
    expect(webPreferences).toMatchObject({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
    });
  });

  it('goes nowhere, opens no windows and embeds nothing', () => {
    const app = new EventEmitter();
    const contents = new EventEmitter() as EventEmitter & { setWindowOpenHandler: ReturnType<typeof vi.fn> };
    contents.setWindowOpenHandler = vi.fn();
    const outside: string[] = [];
    guardApp(app as unknown as Pick<App, 'on'>, (url) => outside.push(url));
    app.emit('web-contents-created', {}, contents as unknown as WebContents);
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview']) {
      const event = { preventDefault: vi.fn() };
      contents.emit(name, event);
      expect([name, event.preventDefault.mock.calls.length]).toEqual([name, 1]);
    }
    const [open] = contents.setWindowOpenHandler.mock.calls[0];
    for (const url of [
      'https://arxiv.org/abs/1',
      'http://a.b',
      'file:///etc/passwd',
      'javascript:alert(1)',
    ]) {
      expect(open({ url })).toEqual({ action: 'deny' });
    }
    expect(outside).toEqual(['https://arxiv.org/abs/1']);
  });

  it('is granted writing to the clipboard and notifications, and only to its own page', () => {
    const session = {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
    };
    guardSession(session as unknown as Session);
    const [request] = session.setPermissionRequestHandler.mock.calls[0];
    const [check] = session.setPermissionCheckHandler.mock.calls[0];
    const [device] = session.setDevicePermissionHandler.mock.calls[0];
    const granted = (permission: string, url: string) => {
      const answers: boolean[] = [];
      request(null, permission, (answer: boolean) => answers.push(answer), { requestingUrl: url });
      return [...answers, check(null, permission, url)];
    };
    expect(granted('notifications', WINDOW_URL)).toEqual([true, true]);
    expect(granted('notifications', 'https://evil.example/')).toEqual([false, false]);
    for (const permission of ['media', 'geolocation', 'clipboard-read', 'fileSystem', 'openExternal']) {
      expect(granted(permission, WINDOW_URL)).toEqual([false, false]);
    }
    expect(device({})).toBe(false);
  });

  it('opens where it was, unless that is out of sight by now', () => {
    const file = join(temporaryHome(), 'window.json');
    const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
    expect(readWindowState(file, screens)).toEqual({ width: 1280, height: 800, maximised: false });
    writeWindowState(file, STATE);
    expect(readWindowState(file, screens)).toEqual(STATE);
    writeWindowState(file, { ...STATE, x: 5000 });
    expect(readWindowState(file, screens)).toEqual({ width: 1000, height: 700, maximised: false });
    writeFileSync(file, '{"width":');
    expect(readWindowState(file, screens)).toEqual({ width: 1280, height: 800, maximised: false });
  });
});

describe('app://', () => {
  it('gives the window its files under a strict policy, and nothing that lies outside', async () => {
    const home = temporaryHome();
    const folder = join(home, 'window');
    mkdirSync(folder);
    writeFileSync(join(folder, 'index.html'), '<title>window</title>');
    writeFileSync(join(home, 'secret.html'), 'secret');
    const answer = appHandler(folder);
    const page = await answer(new Request(WINDOW_URL));
    expect([page.status, await page.text()]).toEqual([200, '<title>window</title>']);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';.*connect-src 'self';/,
    );
    const paths = [
      '/../secret.html',
      '/%2e%2e/secret.html',
      '/..%2fsecret.html',
      '/%2e%2e%5csecret.html',
      '/'.repeat(3),
    ];
    for (const path of paths) {
      const refused = await answer(new Request(`app://tessera${path}`));
      expect([path, refused.status, (await refused.text()).includes('secret')]).toEqual([path, 404, false]);
    }
    expect((await answer(new Request('app://other/index.html'))).status).toBe(404);
    expect((await answer(new Request(WINDOW_URL, { method: 'POST' }))).status).toBe(404);
  });
});

describe('messages', () => {
  const frame = (url: string, parent: unknown = null) => ({ senderFrame: { url, parent } });

  it('are heard from the own page alone', () => {
    const own = (sender: unknown) => isOwnSender(sender as Parameters<typeof isOwnSender>[0]);
    expect(own(frame(WINDOW_URL))).toBe(true);
    expect(own(frame(WINDOW_URL, {}))).toBe(false);
    expect(own(frame('https://evil.example/'))).toBe(false);
    expect(own(frame('app://tessera.evil/index.html'))).toBe(false);
    expect(own({ senderFrame: null })).toBe(false);
  });

  it('save a file where the user says, and refuse any other sender', async () => {
    const home = temporaryHome();
    electron.dialog.showSaveDialog.mockImplementation(async (_owner, { defaultPath = '' }) => ({
      canceled: false,
      filePath: join(home, defaultPath),
    }));
    serveWindow({ window: () => ({}) } as unknown as Parameters<typeof serveWindow>[0]);
    const handlers = new Map<string, (event: unknown, ...values: unknown[]) => Promise<string | null>>(
      electron.ipcMain.handle.mock.calls as never,
    );
    const listeners = new Map<string, (event: unknown, values: unknown) => void>(
      electron.ipcMain.on.mock.calls as never,
    );
    const save = handlers.get('tessera:save-file');
    const content = new TextEncoder().encode('a,b\n');
    expect(await save?.(frame(WINDOW_URL), '../../etc/table.csv', content)).toBe(join(home, 'table.csv'));
    await expect(save?.(frame('https://evil.example/'), 'x.csv', content)).rejects.toThrow('may not ask');
    const savePdf = handlers.get('tessera:save-pdf');
    expect(await savePdf?.(frame(WINDOW_URL), 'report.pdf', '<p></p>')).toBe(join(home, 'report.pdf'));
    await expect(savePdf?.(frame(WINDOW_URL), 'report.html', '<p></p>')).rejects.toThrow('.pdf');
    await expect(save?.(frame(WINDOW_URL), 'x.csv', 'no bytes')).rejects.toThrow('Uint8Array');
    expect(() => listeners.get('tessera:set-menu')?.(frame(WINDOW_URL), [['no menu']])).not.toThrow();
  });
});

describe('the menu bar', () => {
  it('has every action once, with its shortcut shown and not registered', () => {
    const performed: string[] = [];
    const entry = {
      id: 'help.palette',
      label: 'Show all commands',
      group: 'Help',
      shortcut: 'Mod+K',
      enabled: true,
    } as const;
    const template = menuTemplate([entry], (id) => performed.push(id), false);
    const help = template.find(({ label }) => label === 'Help');
    const [item] = (help?.submenu ?? []) as {
      click(item: unknown, window: unknown, event: { triggeredByAccelerator?: boolean }): void;
      accelerator: string;
      registerAccelerator: boolean;
    }[];
    item.click(item, undefined, {});
    item.click(item, {}, { triggeredByAccelerator: true });
    expect(performed).toEqual(['help.palette']);
    item.click(item, undefined, { triggeredByAccelerator: true });
    expect(performed).toEqual(['help.palette', 'help.palette']);
    expect([item.accelerator, item.registerAccelerator]).toEqual(['CmdOrCtrl+K', false]);
  });
});

describe('files opened with the program', () => {
  it('are found among its arguments', () => {
    const home = temporaryHome();
    writeFileSync(join(home, 'a.csv'), '');
    const asked = (...args: string[]) => startRequestOf(args, home, false);
    const file = join(home, 'a.csv');
    expect(asked('electron', '.', '--flag', 'a.csv', 'missing.csv')).toEqual({
      home: null,
      paths: [file],
      selfTest: false,
    });
    const request = { home: join(home, 'x'), paths: [file], selfTest: false };
    expect(asked('electron', '.', '--home', 'x', 'a.csv')).toEqual(request);
    expect(asked('electron', '.', 'a.csv', '--home=x')).toEqual(request);
    expect(asked('electron', '.', ...argumentsOf(request))).toEqual(request);
    expect(startRequestOf(['tessera', '--self-test', '--home'], home, true)).toEqual({
      home: '',
      paths: [],
      selfTest: true,
    });
  });

  it('wait for a page that listens', () => {
    const messages = new PageMessages();
    const sent: unknown[] = [];
    messages.send('tessera:open-paths', ['early']);
    messages.connect({ send: (_channel, paths) => sent.push(paths) });
    messages.send('tessera:open-paths', ['late']);
    messages.disconnect();
    messages.send('tessera:open-paths', ['while it loads again']);
    expect(sent).toEqual([['early'], ['late']]);
    messages.connect({ send: (_channel, paths) => sent.push(paths) });
    expect(sent.slice(2)).toEqual([['while it loads again']]);
  });
});

describe('workers as utility processes', () => {
  const where = { datasetDir: '', runDir: '', resumeFrom: null };
  const spec = { runId: 'r', model: 'm', config: {}, seed: 1, device: 'cpu', threads: 1, ...where } as const;

  /** A trainer in a stand-in for Electron's process. */
  function started() {
    const child = Object.assign(new EventEmitter(), {
      pid: undefined as number | undefined,
      stderr: new PassThrough(),
      postMessage: vi.fn(),
      kill: vi.fn(),
    });
    const launch = utilityLauncher(() => child as unknown as UtilityProcess, 'linux');
    const heard: string[] = [];
    const host = new LocalExecutor(launch, { entry: 'trainer.js' });
    const worker = host.start(spec, {
      onReport: ({ events }) => heard.push(...events.map(({ type }) => type)),
      onPlace: () => {},
    });
    return { child, worker, heard };
  }

  it('are told what to do, heard and acknowledged', async () => {
    const { child, worker, heard } = started();
    expect(child.postMessage).toHaveBeenCalledWith({ type: 'call', id: 1, input: spec });
    child.emit('message', {
      type: 'progress',
      id: 1,
      value: { events: [{ type: 'log', level: 'info', message: 'hello' }], offset: null },
    });
    child.emit('message', { type: 'failed', id: 1, name: 'TypeError', message: 'x', stack: '' });
    expect(child.postMessage).toHaveBeenLastCalledWith({ type: 'acknowledge', id: 1 });
    child.emit('exit', 1);
    child.stderr.end();
    expect(await worker.ended).toMatchObject({ kind: 'failed', message: 'TypeError: x' });
    expect(heard).toEqual(['log']);
    worker.cancel();
    expect(child.postMessage).toHaveBeenCalledTimes(2);
  });

  const report = JSON.stringify({
    header: { event: 'Allocation failed - JavaScript heap out of memory', filler: 'x'.repeat(50_000) },
  });
  const endings: [name: string, status: number, lastWords: string, fatal: boolean, exit: object][] = [
    ['a kill from outside', 9, '', false, { kind: 'killed', message: expect.stringContaining('SIGKILL') }],
    [
      'a crash with a core dump',
      0x80 + 11,
      '',
      false,
      { kind: 'crashed', message: 'the trainer died of SIGSEGV' },
    ],
    ['words that follow the exit', 1, 'std::bad_alloc', false, { kind: 'out-of-memory' }],
    [
      'a report of Node',
      5,
      '',
      true,
      { kind: 'out-of-memory', message: expect.stringContaining('heap out of memory') },
    ],
    [
      'words that mention an error',
      1,
      'loading /home/error/x.so\nerror: no such symbol\n',
      false,
      { message: 'the trainer exited with code 1 (error: no such symbol)' },
    ],
  ];
  it.each(endings)('end by %s', async (_name, status, lastWords, fatal, exit) => {
    const { child, worker } = started();
    if (fatal) child.emit('error', 'FatalError', 'v8::Heap', report);
    child.emit('exit', status);
    // As Electron does behind it.
    child.stderr.removeAllListeners();
    setTimeout(() => child.stderr.end(lastWords), 20);
    expect(await worker.ended).toMatchObject(exit);
  });
});

describe('npm start', () => {
  it('gets the arguments of npm start, and hands over to the browser where it dies early', async () => {
    const calls: string[][] = [];
    const ports = (obstacle: string | null, code: number) => ({
      obstacle: async () => obstacle,
      runDesktop: async (args: string[]) => calls.push(['desktop', ...args]) * 0 + code,
      runBrowser: async (args: string[]) => calls.push(args) * 0,
    });
    await runStart(['--home', 'x', 'a.csv'], ports(null, 0));
    await runStart(['--home', 'x', 'a.csv'], ports(null, 133));
    await runStart(['--home', 'x'], ports('there is no display', 0));
    await runStart(['--port', '4000'], ports(null, 0));
    await runStart(['--self-test'], ports('there is no display', 0));
    expect(calls).toEqual([
      ['desktop', '--home', 'x', 'a.csv'],
      ['desktop', '--home', 'x', 'a.csv'],
      ['serve', '--home', 'x'],
      ['serve', '--home', 'x'],
      ['serve', '--port', '4000'],
      ['--self-test'],
    ]);
  });

  it('says why the desktop app cannot open', async () => {
    const fetched = async () => null;
    expect(await desktopObstacle({}, 'linux', fetched)).toBe('there is no display');
    expect(await desktopObstacle({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', fetched)).toBeNull();
    expect(await desktopObstacle({}, 'darwin', async () => "Electron's binary cannot be fetched")).toMatch(
      /cannot be fetched/,
    );
  });
});

it('programs that run beside the window open no console of their own on Windows', () => {
  const sources = globSync('src/{core,main}/**/*.ts')
    .map((file) => file.replaceAll('\\', '/'))
    .filter(
      // In a terminal, or on other systems alone.
      (file) => !/\.test\.ts$|^src\/main\/(cli|browser)\//.test(file),
    );
  const calls = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:spawn|execFile(?:Sync)?\)?)\('(?!\/bin).*?\}/gs)].map(
      ([call]) => call,
    ),
  );
  expect(calls).toHaveLength(5);
  for (const call of calls) expect(call).toContain('windowsHide: true');
});
