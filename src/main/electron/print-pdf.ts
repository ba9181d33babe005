import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrowserWindow } from 'electron';

/** Prints a report as PDF in a hidden window without scripts and without a preload. */
export async function printPdf(html: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-print-'));
  const file = join(folder, 'report.html');
  const hidden = new BrowserWindow({
    show: false,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
  });
  try {
    await writeFile(file, html);
    await hidden.loadFile(file);
    return await hidden.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true });
  } finally {
    hidden.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}
