import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt } from './build-window.ts';

const clone = join(mkdtempSync(join(tmpdir(), 'tessera-clone-')), 'clone');
/** Stands for Vite: writes what it was told to build. */
const TOOL = `require('node:fs').mkdirSync('out/main', { recursive: true });
require('node:fs').writeFileSync('out/main/electron.js', process.argv.slice(2).join(' '));`;

function put(path: string, text = '', minutesAgo = 10): void {
  const file = join(clone, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const time = Date.now() / 1000 - 60 * minutesAgo;
  utimesSync(file, time, time);
}

const output = () => readFileSync(join(clone, 'out/main/electron.js'), 'utf8');

describe('the desktop app of a clone', () => {
  const told: string[] = [];
  const build = () => ensureBuilt('desktop app', (line) => told.push(line), { program: clone });

  beforeEach(() => {
    told.length = 0;
    put('node_modules/electron-vite/bin/electron-vite.js', TOOL);
    put('resources/migrations/001.sql');
    put('src/main/a.ts');
  });

  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  it('is built once, and again when its sources change, but not for a test', async () => {
    await build();
    expect([output(), told]).toEqual(['build --logLevel warn', ['building the desktop app, once']]);
    put('out/main/electron.js', 'earlier', 5);
    put('src/main/a.test.ts', '', 0);
    await build();
    expect([output(), told.length]).toEqual(['earlier', 1]);
    put('src/main/a.ts', '', 1);
    await build();
    expect([output(), told.length]).toEqual(['build --logLevel warn', 2]);
  });

  it('is taken as it is from a clone that cannot be written, which says what to do where there is none', async () => {
    const readOnly = () =>
      ensureBuilt('desktop app', (line) => told.push(line), { program: clone, writable: () => false });
    await expect(readOnly()).rejects.toThrow('cannot be written: run "npm run build" as its owner, or copy');
    put('out/main/electron.js', 'earlier', 20);
    await readOnly();
    expect([output(), told]).toEqual(['earlier', [expect.stringContaining('before its sources changed')]]);
  });

  it('is missing in an installed program that lost it', async () => {
    rmSync(join(clone, 'src'), { recursive: true });
    await expect(build()).rejects.toThrow('electron.js is missing; install Tessera again');
  });
});
