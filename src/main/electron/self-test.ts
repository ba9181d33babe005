/** `--self-test`: the desktop program tries itself, its window included, on a temporary home. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { app, ipcMain } from 'electron';
import { router } from '../hub/router.ts';
import { runSelfTest } from '../self-test/self-test.ts';
import type { Desktop } from './desktop.ts';
import { printPdf } from './print-pdf.ts';

/** Takes a folder of its own for all that the program keeps, so that a program that is open is not met. Call it first. */
export function selfTest() {
  const folder = mkdtempSync(join(os.tmpdir(), 'tessera-self-test-'));
  app.setPath('userData', join(folder, 'electron'));
  let passed = false;
  // The page sends its menu once it has drawn itself.
  const drawn = once(ipcMain, 'tessera:set-menu');
  // Whole before the program ends. On Windows a program with windows may have no output.
  const write = (line: string) => attempt(() => writeSync(1, `${line}\n`));
  app.on('quit', (_event, code) => {
    if (passed) write(`${code === 0 ? 'ok   ' : 'FAIL '} quit: exit code ${code}`);
    // Windows keeps what Chromium still has open.
    attempt(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  });
  return {
    home: join(folder, 'home'),
    /** Of the program: 0 if all went well. */
    exitCode: () => (passed ? 0 : 1),
    run: async ({ hubSwitch, window }: Desktop) => {
      if (!hubSwitch || !window) return;
      const client = createRouterClient(router, { context: { hubSwitch, readsAnywhere: true } });
      const shown = async () => {
        const [, [entries]] = await drawn;
        if (!window.isVisible()) await once(window, 'show');
        const { width, height } = (await window.webContents.capturePage()).getSize();
        if (width === 0) throw new Error('the window is shown and has drawn nothing');
        return `${width} x ${height} pixels, ${entries.length} actions in the menu`;
      };
      passed = await runSelfTest({ client, window: shown, printPdf }, write);
    },
  };
}

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // The exit code says how the test went.
  }
}
