/** Opens the system's browser on a link whose token no other user of this machine may see. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** How long the page that leads to the link is kept for a browser that is still starting. */
const PAGE_LIFETIME_MS = 120_000;

/**
 * Everybody can read the arguments of a process, so that the browser is given a page only its user can read, which leads
 * on to the link. Without a browser to open, the printed link is enough.
 */
export async function openInBrowser(link: string): Promise<void> {
  let page: string;
  try {
    page = writePage(link, pageFolder(await defaultBrowser(), os.homedir()));
  } catch {
    return;
  }
  const [file, ...args] = opener(pathToFileURL(page).href);
  spawn(file, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

/** The name of its desktop file, where the system tells: "firefox_firefox.desktop". */
async function defaultBrowser(): Promise<string> {
  if (process.platform !== 'linux') return '';
  const asked = promisify(execFile)('xdg-settings', ['get', 'default-web-browser'], { timeout: 2_000 });
  return asked.then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}

/**
 * Where a browser can read the page. One that is a snap has a folder for temporary files of its own and sees nothing in that of the
 * system; one of Flatpak likewise. Both see the folder that is theirs in the user's.
 */
export function pageFolder(browser: string, userFolder: string): string {
  const [, snap] = /^([a-z0-9-]+)_[\w-]+\.desktop$/.exec(browser) ?? [];
  const [, flatpak] = /^([\w-]+(?:\.[\w-]+){2,})\.desktop$/.exec(browser) ?? [];
  const own = snap
    ? join(userFolder, 'snap', snap, 'common')
    : join(userFolder, '.var', 'app', flatpak ?? '', 'cache');
  return (snap || flatpak) && existsSync(own) ? own : os.tmpdir();
}

function opener(url: string): string[] {
  if (process.platform === 'darwin') return ['open', url];
  return process.platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler', url] : ['xdg-open', url];
}

/** Writes the page in a folder of its own, which goes with the process or after a while. Returns its path. */
export function writePage(link: string, parent = os.tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'tessera-open-'));
  chmodSync(folder, 0o700);
  const page = join(folder, 'tessera.html');
  const content = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${link}"><title>Tessera</title><a href="${link}">Tessera</a>`;
  writeFileSync(page, `${content}\n`, { mode: 0o600, flag: 'wx' });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  setTimeout(() => {
    process.off('exit', remove);
    remove();
  }, PAGE_LIFETIME_MS).unref();
  return page;
}
