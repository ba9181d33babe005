import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programFolder } from '../browser/build-window.ts';
import { runCommandLine } from './program.ts';

/** Why the desktop app cannot open, or null. `fetchElectron` downloads the binary if it is missing. */
export async function desktopObstacle(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  fetchElectron: () => Promise<string | null>,
): Promise<string | null> {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  return fetchElectron();
}

function run(file: string, args: string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: programFolder(), stdio });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Electron's package downloads its binary with a separate script, not at installation. */
async function fetchElectron(): Promise<string | null> {
  const folder = join(programFolder(), 'node_modules', 'electron');
  if (!existsSync(folder)) return 'Electron is not installed';
  if (existsSync(join(folder, 'path.txt'))) return null;
  process.stderr.write('tessera: fetching Electron, once\n');
  const code = await run(process.execPath, [join(folder, 'install.js')], 'ignore');
  return code === 0 && existsSync(join(folder, 'path.txt')) ? null : "Electron's binary cannot be fetched";
}

/** Opens the desktop app if possible, else the browser shell with one line that says why. Returns the exit code. */
export async function runStart(args: string[]): Promise<number> {
  const obstacle = await desktopObstacle(process.env, process.platform, fetchElectron);
  if (obstacle === null) {
    const electronVite = join(programFolder(), 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    return run(process.execPath, [electronVite, 'preview'], 'inherit');
  }
  process.stderr.write(`tessera: opening the window in a browser, for ${obstacle}\n`);
  return runCommandLine(['serve', ...args]);
}
