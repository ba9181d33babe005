import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryHome } from '../store/home.ts';
import type { MainRecord } from './electron-stand-in.ts';

const MAIN = join(import.meta.dirname, '../../src/main/electron/main.ts');
const STAND_IN = pathToFileURL(join(import.meta.dirname, 'electron-stand-in.ts')).href;

it('the desktop program guards itself before it opens its one window, and ends when told to', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', STAND_IN, MAIN], {
    env: { ...process.env, TESSERA_HOME: temporaryHome() },
  });
  const { calls, window, loaded, schemes, page, channels } = JSON.parse(stdout) as MainRecord;
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
