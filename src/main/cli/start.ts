import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { ensureBuilt, programFolder } from '../browser/build-window.ts';
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

/** A desktop app that fails sooner than this has shown no window: it has no sandbox, or a library is missing. */
const EARLY_MS = 15_000;

/** Options that only the browser shell has. */
const isForBrowser = (argument: string) => /^--(port|no-open|help)\b|^-h$/.test(argument);

/** What is not the same on every machine. */
export interface StartPorts {
  obstacle(): Promise<string | null>;
  /** Runs the desktop app with these arguments, to its end. Returns its exit code. */
  runDesktop(args: string[]): Promise<number>;
  runBrowser(args: string[]): Promise<number>;
}

/** Builds the desktop app where it is not built yet. Returns why that cannot be done, or null. */
async function buildObstacle(): Promise<string | null> {
  try {
    await ensureBuilt('desktop app', (line) => process.stderr.write(`tessera: ${line}\n`));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

const startPorts: StartPorts = {
  obstacle: async () =>
    (await desktopObstacle(process.env, process.platform, fetchElectron)) ?? buildObstacle(),
  runDesktop: (args) => {
    const electron = join(programFolder(), 'node_modules', 'electron');
    // The app runs in the program's folder, and knows nothing of this one.
    const absolute = args.map((argument, at) =>
      args[at - 1] === '--home' || existsSync(argument) ? resolve(argument) : argument,
    );
    // A terminal's Ctrl-C reaches the app as well, which saves what trains: this process waits for it.
    process.on('SIGINT', () => {});
    const binary = join(electron, 'dist', readFileSync(join(electron, 'path.txt'), 'utf8'));
    return run(binary, ['.', ...absolute], 'inherit');
  },
  runBrowser: runCommandLine,
};

/**
 * Opens the desktop app if possible, else the browser shell with one line that says why. `args` are --home and files to
 * open, or options of the browser shell, which is then meant. Returns the exit code.
 */
export async function runStart(args: string[], ports = startPorts): Promise<number> {
  if (args.some(isForBrowser)) return ports.runBrowser(['serve', ...args]);
  let obstacle = await ports.obstacle();
  if (obstacle === null) {
    const begun = performance.now();
    const code = await ports.runDesktop(args);
    if (code === 0 || performance.now() - begun > EARLY_MS) return code;
    obstacle = `the desktop app ended at its start (exit code ${code})`;
  }
  process.stderr.write(`tessera: opening the window in a browser, for ${obstacle}\n`);
  if (args.includes('--self-test')) return ports.runBrowser(['--self-test']);
  return ports.runBrowser(['serve', ...args.filter((argument, at) => keptForBrowser(args, argument, at))]);
}

/** Files cannot be opened with a page: they are dropped on it. */
function keptForBrowser(args: readonly string[], argument: string, at: number): boolean {
  return argument.startsWith('-') || args[at - 1] === '--home';
}
