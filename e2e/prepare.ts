/**
 * Sees to it that there is a browser for the specs: the system's, else Debian's package where this is Debian's
 * root, else Playwright's own; and says where Electron's part is skipped. Run before Playwright starts, which looks
 * for a browser when it reads its config.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumPath } from './fixtures/chromium.ts';
import { desktopObstacle } from './fixtures/desktop-shell.ts';

function run(file: string, ...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // What installers say goes to stderr, and only errors of theirs are of interest.
  return spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}

function aptInstalls(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  process.stderr.write('e2e: installing chromium-headless-shell with apt-get\n');
  return (
    run('apt-get', 'update', '-qq') &&
    run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium-headless-shell') &&
    run('/usr/bin/chromium-headless-shell', '--version')
  );
}

function playwrightInstalls(): boolean {
  process.stderr.write("e2e: installing Playwright's own Chromium\n");
  const cli = join(import.meta.dirname, '../node_modules/@playwright/test/cli.js');
  return run(process.execPath, cli, 'install', 'chromium');
}

const found = chromiumPath() !== undefined || existsSync(chromium.executablePath());
if (!found && !aptInstalls() && !playwrightInstalls()) {
  process.stderr.write(
    'e2e: there is no browser and none can be installed: install Chromium or Chrome, or set TESSERA_CHROMIUM to its path\n',
  );
  process.exitCode = 1;
}

const obstacle = desktopObstacle();
if (obstacle !== null) process.stderr.write(`e2e: skipping the specs in Electron: ${obstacle}\n`);
