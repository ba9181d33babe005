import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isOutdated, shippedMigrations } from '../../src/core/store/db/migrations.ts';
import { openConnection } from '../../src/core/store/db/open.ts';
import { isWhole } from '../form.ts';
import { temporaryHome } from '../store/home.ts';
import { lineCoverage } from './stand-in/line-coverage.ts';
import { Program } from './stand-in/program.ts';

const coverage = mkdtempSync(join(tmpdir(), 'tessera-coverage-'));
beforeAll(() => {
  process.env.DESKTOP_COVERAGE = coverage;
});
afterAll(() => rmSync(coverage, { recursive: true, force: true }));

/** Its mount is where Node lies, in place of Electron. */
function runFromAppImage(file: string): void {
  Object.assign(process.env, { APPIMAGE: file, APPDIR: dirname(process.execPath) });
  onTestFinished(() => {
    delete process.env.APPIMAGE;
    delete process.env.APPDIR;
  });
}

const DARK = '#151614';

/** What one program does one after the other, each start of which takes longer than all that is asked of it. */
describe('the desktop program, once it is open,', () => {
  const home = mkdtempSync(join(tmpdir(), 'tessera-program-'));
  const file = join(home, 'saved.csv');
  let program: Program;
  beforeAll(() => {
    program = Program.launch(home, [], {
      chosen: file,
      openExternalFails: true,
      answers: { 'No browser': 0 },
    });
  });
  afterAll(async () => {
    await program.kill();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('guards itself before it opens its one window', async () => {
    const { calls, windows, answer, channels, modelId, uncaught } = await program.shown();
    expect(calls.slice(0, 4)).toEqual([
      'registerSchemesAsPrivileged app',
      'enableSandbox',
      'requestSingleInstanceLock',
      'whenReady',
    ]);
    expect(calls).toEqual(
      expect.arrayContaining([
        'setPermissionRequestHandler',
        'setPermissionCheckHandler',
        'setDevicePermissionHandler',
      ]),
    );
    expect(modelId).toBe('io.github.tessera-lab.tessera');
    expect(windows).toHaveLength(1);
    expect(windows[0]).toMatchObject({
      loaded: 'app://tessera/index.html',
      options: {
        show: false,
        webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
      },
    });
    expect(answer).toEqual({
      status: 200,
      policy: expect.stringContaining("default-src 'none'; script-src 'self';"),
    });
    expect(channels).toEqual([
      'tessera:choose-folder',
      'tessera:connect',
      'tessera:save-file',
      'tessera:save-pdf',
      'tessera:set-menu',
    ]);
    expect(uncaught).toEqual([]);
  });

  it('has a menu bar before the page, without what only developers need, and has the actions of the page', async () => {
    const [{ menu }] = (await program.shown()).windows;
    expect([menu.includes('copy'), menu.includes('toggleDevTools'), menu.includes('New run')]).toEqual([
      true,
      false,
      false,
    ]);
    await program.do('menu', 'New run');
    // The page has heard these keys itself.
    await program.do('menu', 'Show all commands', true);
    expect((await program.record()).actions).toEqual(['run.new']);
  });

  it('has a menu for texts where one is edited or selected, and the page has none of its own', async () => {
    await program.do('pointAt', { isEditable: true, selectionText: '' });
    await program.do('pointAt', { isEditable: false, selectionText: ' ' });
    await program.do('pointAt', { isEditable: false, selectionText: 'ndcg@10' });
    expect((await program.record()).popups).toEqual([['cut', 'copy', 'paste', 'selectAll'], ['copy']]);
  });

  it('takes back the offer to load its page again where that answers', async () => {
    await program.do('hang');
    await program.until(({ boxes }) => expect(boxes).toHaveLength(1));
    await program.do('answerAgain');
    const { calls, uncaught } = await program.record();
    expect([calls.includes('reload'), uncaught]).toEqual([false, []]);
  });

  it('says where no browser can be opened for a link, and copies it', async () => {
    const url = 'https://arxiv.org/abs/1';
    expect(await program.do('link', url)).toEqual({ action: 'deny' });
    const { boxes, uncaught } = await program.until(({ clipboard }) => expect(clipboard).toBe(url));
    expect([boxes.at(-1)?.detail, uncaught]).toEqual([url, []]);
  });

  it('takes the files of a second start, and shows the window', async () => {
    await program.do('minimise');
    await program.do('secondInstance', { home: null, paths: ['/a.csv'], selfTest: false });
    const { windows, opened } = await program.until(({ windows }) => expect(windows[0].focused).toBe(true));
    expect([windows[0].minimised, opened]).toEqual([false, [['/a.csv']]]);
    // Of another program.
    await program.do('secondInstance', { paths: 'none' });
    expect((await program.record()).uncaught).toEqual([]);
  });

  it('tells a second start with another data folder which one is open', async () => {
    await program.do('secondInstance', { home: '/other', paths: ['/b.csv'], selfTest: false });
    const { opened } = await program.until(({ boxes }) =>
      expect(boxes.at(-1)?.message).toBe(`Tessera is open already with the data folder ${home}`),
    );
    expect(opened.flat()).not.toContain('/b.csv');
  });

  it('answers its page over the message port, and saves what that asks for', async () => {
    expect(await program.do('call', 'settings.system', undefined)).toMatchObject({ shell: 'electron', home });
    await expect(program.do('call', 'runs.show', { run: 'none' })).rejects.toThrow(/run/);
    expect(await program.do('bridge', 'saveFile', 'a.csv', new Uint8Array([97]))).toBe(file);
    expect(readFileSync(file, 'utf8')).toBe('a');
    const earlier = join(home, 'earlier.csv');
    linkSync(file, earlier);
    expect(await program.do('bridge', 'savePdf', 'a.pdf', '<p>report</p>')).toBe(file);
    expect(readFileSync(file, 'latin1')).toMatch(/^%PDF-/);
    // What was there is whole until something else takes its place.
    expect(readFileSync(earlier, 'utf8')).toBe('a');
    rmSync(file);
    mkdirSync(file);
    await expect(program.do('bridge', 'saveFile', 'a.csv', new Uint8Array())).rejects.toThrow(
      /^Error: \S+saved\.csv: is a folder; choose another name$/,
    );
    await expect(program.do('bridge', 'saveFile', 'no-ending', new Uint8Array())).rejects.toThrow(/pattern/);
    expect(await program.do('bridge', 'chooseFolder')).toBe(file);
    expect(await program.do('bridge', 'pathOf', { name: 'a.csv' })).toBe('/files/a.csv');
    expect((await program.record()).windows.at(-1)).toMatchObject({ shown: false, destroyed: true });
  });

  it('loads its page again after its process has died, once', async () => {
    // As when a page is left.
    await program.do('crash', 'clean-exit');
    await program.do('crash', 'crashed');
    await program.shown();
    await program.do('crash', 'oom');
    await program.until(({ boxes }) => expect(boxes.at(-1)?.message).toMatch(/ended twice \(oom\)/));
  });

  it('ends with its window', async () => {
    await program.do('closeWindow');
    expect(await program.ended).toBe(0);
    // The window stays while everything stops; then it closes.
    expect(program.last?.calls.slice(-3)).toEqual(['before-quit', 'will-quit', 'quit 0']);
  });
});

describe('the desktop program', () => {
  it('trains in a utility process, and ends with its checkpoint when it is told to quit', async () => {
    const home = temporaryHome();
    const program = Program.start(home, [], { packaged: false });
    await program.shown();
    const { paths } = await program.do<{ paths: string[] }>('call', 'datasets.sample', undefined);
    const { id } = await program.do<{ id: string }>('call', 'datasets.import', { paths, name: 'sample' });
    await expect
      .poll(() => program.do('call', 'datasets.imports', undefined))
      .toEqual([expect.objectContaining({ id, status: 'completed' })]);
    const request = {
      model: 'bprmf',
      overrides: { epochs: 500, dim: 16, batchSize: 1024 },
      dataset: 'sample',
      seeds: [1],
      device: 'cpu',
      threads: 1,
    };
    const { runs } = await program.do<{ runs: string[] }>('call', 'queue.enqueue', { requests: [request] });
    type Shown = { run: { status: string }; progress: { epoch: number } | null };
    const epochOf = async (at: Program) => {
      const { run, progress } = await at.do<Shown>('call', 'runs.show', { run: runs[0] });
      expect(['queued', 'starting', 'running']).toContain(run.status);
      return progress?.epoch ?? 0;
    };
    await expect.poll(() => epochOf(program)).toBeGreaterThan(1);
    const reached = await epochOf(program);
    expect((await program.record()).calls).toContain('fork Tessera trainer');
    await program.do('quit');
    expect(await program.ended).toBe(0);
    const log = readFileSync(join(home, 'logs/tessera.log'), 'utf8');
    for (const line of [
      / opened: Tessera .*, electron, /,
      / trainer: ended after [\d.]+ s, exit code \d$/m,
      / closed$/m,
    ])
      expect(log).toMatch(line);
    expect(log).not.toContain(home);
    // Held up until the trainer had saved.
    expect(program.last?.calls.filter((call) => call === 'before-quit')).toHaveLength(2);
    const again = Program.start(home);
    await again.shown();
    // The first that is told of it is where it goes on.
    let first = 0;
    await expect
      .poll(async () => {
        first = await epochOf(again);
        return first;
      })
      .toBeGreaterThan(0);
    expect(first).toBeGreaterThanOrEqual(reached);
    await again.do('quit');
    expect(await again.ended).toBe(0);
  });

  // packaging.test tries the same of the packed program.
  it.skipIf(!isWhole)('tries itself with --self-test, on a home of its own', async () => {
    const home = temporaryHome();
    const program = Program.start(home, ['--self-test']);
    expect(await program.ended).toBe(0);
    expect(
      program.stdout
        .trim()
        .split('\n')
        .map((line) => line.split(':', 1)[0]),
    ).toEqual([
      'ok    window',
      'ok    import',
      'ok    devices',
      'ok    measure',
      'ok    train',
      'ok    checkpoint',
      'ok    compare',
      'ok    report',
      'ok    quit',
    ]);
    expect(program.stdout).toMatch(/report: PDF of \d+ bytes/);
    expect(existsSync(join(home, 'tessera.db'))).toBe(false);
    expect(program.last?.calls).toContain('setPath userData');
  });

  it('says where an AppImage runs without a sandbox', async () => {
    runFromAppImage('/home/ada/Tessera.AppImage');
    const program = Program.start(temporaryHome(), ['--no-sandbox']);
    await program.until(({ notices }) => expect(notices).toEqual(['Tessera runs without a sandbox']));
  });

  it('says by its exit code that the test of itself has failed', async () => {
    const program = Program.start(temporaryHome(), ['--self-test'], { page: 'fails' });
    await program.until(({ boxes }) => expect(boxes[0]?.message).toMatch(/cannot be loaded/));
    await program.do('quit');
    expect(await program.ended).toBe(1);
  });
});

describe.skipIf(process.platform === 'win32')('the login shell', () => {
  /** A start by the Dock or a launcher, whose user has this shell. */
  function launched(script: string, home = temporaryHome()): Program {
    const shell = join(home, 'shell');
    writeFileSync(shell, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const { SHELL, TERM } = process.env;
    process.env.SHELL = shell;
    delete process.env.TERM;
    try {
      return Program.start(home);
    } finally {
      for (const [name, value] of Object.entries({ SHELL, TERM })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  }

  it('is asked once for where programs, the agent and the ticket are', async () => {
    const sets =
      'PATH="/opt/tools/bin:$PATH" SSH_AUTH_SOCK=/tmp/agent OTHER=1; export PATH SSH_AUTH_SOCK OTHER';
    const program = launched(`[ "$1" = -ilc ] || exit 1\necho welcome\n${sets}\neval "$2"`);
    const names = ['PATH', 'SSH_AUTH_SOCK', 'OTHER'];
    await expect
      .poll(() => program.do('environment', names))
      .toEqual([expect.stringMatching(/^\/opt\/tools\/bin:/), '/tmp/agent', null]);
  });

  it.each(['sleep 100', 'exit 3', 'echo nothing'])(
    'holds up no window where it fails: %s',
    async (script) => {
      const home = temporaryHome();
      const program = launched(script, home);
      await program.shown();
      expect(await program.do('environment', ['PATH'])).toEqual([process.env.PATH]);
      const log = join(home, 'logs/tessera.log');
      const said = () => existsSync(log) && readFileSync(log, 'utf8').includes('login shell: it did not say');
      // The other one has ten seconds.
      if (script !== 'sleep 100') await expect.poll(said).toBe(true);
      await program.do('quit');
      expect(await program.ended).toBe(0);
    },
  );
});

describe('the window', () => {
  it('appears where it is never ready to be shown, as under Wayland', async () => {
    const program = Program.start(temporaryHome(), [], { wayland: { loadMs: 0 } });
    const { windows } = await program.shown();
    expect(windows[0].shownAfter).toBeLessThan(2_900);
  });

  it('appears after three seconds, whatever its page does', async () => {
    const program = Program.start(temporaryHome(), [], { wayland: { loadMs: 60_000 } });
    await program.until(({ windows }) => expect(windows[0]?.shown).toBe(true));
  });

  it('appears to say that its page cannot be loaded', async () => {
    const program = Program.start(temporaryHome(), [], { page: 'fails' });
    const { windows } = await program.until(({ boxes }) =>
      expect(boxes[0]?.message).toMatch(/page cannot be loaded: ERR_FAILED/),
    );
    expect(windows[0].shown).toBe(true);
  });

  it('opens maximised at once, dark from the first frame, where it was closed so', async () => {
    const home = temporaryHome();
    const place = { x: 40, y: 60, width: 900, height: 640 };
    writeFileSync(join(home, 'window.json'), JSON.stringify({ ...place, maximised: true }));
    const program = Program.start(home, [], { dark: true });
    const { windows } = await program.shown();
    expect(windows[0]).toMatchObject({ maximised: true, flashed: false });
    expect(windows[0].options).toMatchObject({ backgroundColor: DARK, ...place });
    await program.do('closeWindow');
    await program.ended;
    expect(JSON.parse(readFileSync(join(home, 'window.json'), 'utf8'))).toEqual({
      ...place,
      maximised: true,
    });
  });

  it('follows the theme of Settings, also where the system has another', async () => {
    const home = temporaryHome();
    const program = Program.start(home, [], { dark: true });
    expect((await program.shown()).theme).toBe('system');
    await program.do('call', 'settings.write', { theme: 'light' });
    await program.until(({ theme }) => expect(theme).toBe('light'));
    await program.do('quit');
    await program.ended;
    const { windows, theme } = await Program.start(home, [], { dark: true }).shown();
    expect([theme, windows[0].options.backgroundColor]).toEqual(['light', '#ffffff']);
  });

  it('offers to load a page that does not answer again', async () => {
    const program = Program.start(temporaryHome(), [], { answers: { 'does not respond': 1 } });
    await program.shown();
    await program.do('hang');
    await program.until(({ calls }) => expect(calls).toContain('reload'));
    await program.shown();
  });
});

describe('the menu bar', () => {
  it('opens the window that an action needs, on macOS', async () => {
    const program = Program.start(temporaryHome(), [], { platform: 'darwin' });
    await program.shown();
    await program.do('closeWindow');
    const { calls } = await program.until(({ windows }) => expect(windows[0].destroyed).toBe(true));
    expect([calls.includes('window-all-closed'), calls.includes('before-quit')]).toEqual([true, false]);
    await program.do('menu', 'New run');
    await program.until(({ actions }) => expect(actions).toEqual(['run.new']));
    await program.do('quit');
    expect(await program.ended).toBe(0);
  });
});

describe('files opened with the program', () => {
  it('are offered to the page once it listens', async () => {
    const home = temporaryHome();
    const file = join(home, 'a.csv');
    writeFileSync(file, '');
    const program = Program.start(home, [file, 'missing.csv']);
    await program.until(({ opened }) => expect(opened).toEqual([[file]]));
  });

  it('open a window where there is none, as from the Dock', async () => {
    const program = Program.start(temporaryHome(), [], { platform: 'darwin' });
    await program.shown();
    await program.do('closeWindow');
    await program.do('openFile', '/somewhere/a.csv');
    await program.until(({ opened, windows }) =>
      expect([opened, windows.length]).toEqual([[['/somewhere/a.csv']], 2]),
    );
    await program.do('closeWindow');
    await program.do('activate');
    await program.until(({ windows }) => expect(windows).toHaveLength(3));
  });
});

describe('a second start', () => {
  it('with another data folder and files may open those in the one that is open', async () => {
    const answers = { 'open already': 0 };
    const program = Program.start(temporaryHome(), [], { answers });
    await program.shown();
    await program.do('secondInstance', { home: '/other', paths: ['/a.csv'], selfTest: false });
    await program.until(({ opened }) => expect(opened).toEqual([['/a.csv']]));
  });

  it('while the program ends begins after that, with what it asked for', async () => {
    const program = Program.start(temporaryHome());
    await program.shown();
    await program.do('quitAndStart', { home: '/other', paths: ['/a.csv'], selfTest: false });
    await program.ended;
    expect(program.last?.relaunches).toEqual([
      { args: [expect.stringMatching(/main\.ts$/), '--home', '/other', '/a.csv'] },
    ]);
  });

  it('with a folder and no files begins again there, without those of the first', async () => {
    const [home, file] = [temporaryHome(), join(temporaryHome(), 'a.csv')];
    writeFileSync(file, '');
    const program = Program.start(home, ['--home', home, file], { platform: 'darwin' });
    await program.shown();
    await program.do('closeWindow');
    await program.do('quitAndStart', { home, paths: [], selfTest: false });
    await program.ended;
    expect(program.last?.relaunches).toEqual([
      { args: [expect.stringMatching(/main\.ts$/), '--home', home] },
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'of an AppImage, whose files go with its end, begins from the file itself',
    async () => {
      const [file, said] = ['Tessera.AppImage', 'said'].map((name) => join(temporaryHome(), name));
      runFromAppImage(file);
      const program = Program.start(temporaryHome());
      await program.shown();
      const script = `(kill -0 ${program.pid} 2>/dev/null && echo too early; printf '%s\\n' "$@"; pwd) > ${said}.new; mv ${said}.new ${said}`;
      writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      await program.do('quitAndStart', { home: '/other', paths: ['/a b.csv'], selfTest: false });
      await program.ended;
      expect(program.last?.relaunches).toEqual([]);
      await expect.poll(() => existsSync(said)).toBe(true);
      expect(readFileSync(said, 'utf8')).toBe('--home\n/other\n/a b.csv\n/\n');
    },
  );

  it('is all that happens where another instance has the lock', async () => {
    const program = Program.start(temporaryHome(), [], { locked: true });
    expect(await program.ended).toBe(0);
    expect(program.last?.calls).not.toContain('whenReady');
  });
});

describe('the end of the session', () => {
  it.each(['shutDown', 'logOff'])('waits until everything is saved: %s', async (event) => {
    const program = Program.start(temporaryHome());
    await program.shown();
    expect(await program.do(event)).toBe(true);
    expect(await program.ended).toBe(0);
  });
});

describe('a home of an earlier version', () => {
  /** With the first migrations alone. */
  function earlierHome(): string {
    const home = temporaryHome();
    const earlier = join(home, 'migrations');
    mkdirSync(earlier);
    for (const name of readdirSync(shippedMigrations()).slice(0, 3)) {
      cpSync(join(shippedMigrations(), name), join(earlier, name));
    }
    openConnection(home, earlier).close();
    return home;
  }

  it('is brought up to date under a notice that cannot be closed, before the window opens', async () => {
    const home = earlierHome();
    const program = Program.start(home);
    const { windows } = await program.shown();
    expect(windows).toHaveLength(2);
    const [notice] = windows;
    expect(decodeURIComponent(notice.loaded ?? '')).toMatch(/^data:.*up to date/);
    expect(notice).toMatchObject({ destroyed: true, options: { closable: false } });
    expect(isOutdated(join(home, 'tessera.db'))).toBe(false);
  });

  it('is the one that is open for a start with another data folder meanwhile', async () => {
    const home = earlierHome();
    const startsAgainAtOnce = { home: '/other', paths: ['/a.csv'], selfTest: false };
    const program = Program.start(home, [], { startsAgainAtOnce });
    const { boxes, opened } = await program.shown();
    expect(boxes.map(({ message }) => message)).toEqual([
      `Tessera is open already with the data folder ${home}`,
    ]);
    expect(opened).toEqual([]);
  });

  it('is whole where the program is told to quit meanwhile', async () => {
    const home = earlierHome();
    const program = Program.start(home, [], { quitsAtOnce: true });
    expect(await program.ended).toBe(0);
    expect([program.last?.windows.length, program.last?.relaunches]).toEqual([1, []]);
    expect(isOutdated(join(home, 'tessera.db'))).toBe(false);
  });

  it('that cannot be used is said, and the program ends', async () => {
    const home = temporaryHome();
    writeFileSync(join(home, 'tessera.db'), 'no database');
    const program = Program.start(home);
    expect(await program.ended).toBe(1);
    expect(program.last?.boxes[0].message).toMatch(/tessera\.db/);
  });
});

// The last: it looks at what all others have run.
it('runs 95 % of the lines of what needs Electron', () => {
  const folder = join(import.meta.dirname, '../../src/main/electron');
  const { covered, lines, missing } = lineCoverage(coverage, folder);
  expect(lines).toBeGreaterThan(500);
  expect(covered / lines, `not run: ${missing.slice(0, 100).join(', ')}`).toBeGreaterThan(0.95);
});
