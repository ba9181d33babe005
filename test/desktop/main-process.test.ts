import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { isOutdated, shippedMigrations } from '../../src/core/store/db/migrations.ts';
import { openConnection } from '../../src/core/store/db/open.ts';
import { temporaryHome } from '../store/home.ts';
import type { MainRecord } from './electron-stand-in.ts';

const MAIN = join(import.meta.dirname, '../../src/main/electron/main.ts');
const STAND_IN = pathToFileURL(join(import.meta.dirname, 'electron-stand-in.ts')).href;

async function recordOf(home: string): Promise<MainRecord> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', STAND_IN, MAIN], {
    env: { ...process.env, TESSERA_HOME: home },
  });
  return JSON.parse(stdout) as MainRecord;
}

it('a home of an earlier version is brought up to date under a notice, before the window and the hub open', async () => {
  const home = temporaryHome();
  const earlier = join(home, 'migrations');
  mkdirSync(earlier);
  for (const name of readdirSync(shippedMigrations()).slice(0, 3)) {
    cpSync(join(shippedMigrations(), name), join(earlier, name));
  }
  openConnection(home, earlier).close();
  const { calls } = await recordOf(home);
  const [notice, loaded, closed] = [/^notice .*up to date/, /^loadURL$/, /^destroy$/].map((pattern) =>
    calls.findIndex((call) => pattern.test(call)),
  );
  expect(notice).toBeGreaterThan(0);
  expect([notice < loaded, loaded < closed]).toEqual([true, true]);
  expect(calls).not.toContain('showErrorBox');
  expect(isOutdated(join(home, 'tessera.db'))).toBe(false);
});

it('the desktop program guards itself before it opens its one window, and ends when told to', async () => {
  const { calls, window, loaded, schemes, page, channels } = await recordOf(temporaryHome());
  expect(calls.slice(0, 4)).toEqual([
    'registerSchemesAsPrivileged',
    'enableSandbox',
    'requestSingleInstanceLock',
    'whenReady',
  ]);
  expect(calls).toEqual(
    expect.arrayContaining([
      'setPermissionRequestHandler',
      'setPermissionCheckHandler',
      'setDevicePermissionHandler',
      'setWindowOpenHandler',
    ]),
  );
  expect(calls.slice(-2)).toEqual(['preventDefault', 'quit']);
  expect(calls).not.toContain('showErrorBox');
  expect(window?.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    preload: expect.stringMatching(/preload\.cjs$/),
  });
  expect(schemes).toEqual([expect.objectContaining({ scheme: 'app' })]);
  expect([loaded, page?.status]).toEqual(['app://tessera/index.html', 200]);
  expect(page?.policy).toContain("default-src 'none'; script-src 'self';");
  expect(channels.sort()).toEqual([
    'tessera:choose-folder',
    'tessera:connect',
    'tessera:save-file',
    'tessera:save-pdf',
    'tessera:set-menu',
  ]);
});
