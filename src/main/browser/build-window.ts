/** What a clone runs from out/, made by Vite when it is missing or out of date. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, UserError } from '../../core/errors.ts';

/** The folder that holds package.json: of the clone, or of the packaged program. */
export function programFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json above ${import.meta.dirname}`);
  }
}

/** What a clone builds: a file that stands for all of it, what it is made of, and the tool. */
const BUILDS = {
  window: {
    output: 'out/renderer/index.html',
    sources: ['src/renderer', 'src/page', 'src/core/api', 'src/core/documents/page'],
    tool: 'vite/bin/vite.js',
  },
  'desktop app': {
    output: 'out/main/electron.js',
    sources: ['src', 'resources/migrations'],
    tool: 'electron-vite/bin/electron-vite.js',
  },
};

/**
 * Builds the window, or the whole desktop app, where it is missing or older than its sources, which takes some seconds;
 * `tell` gets a line before that, and where an older one is taken because the clone cannot be written. Throws UserError if
 * there is none and it cannot be built.
 */
export async function ensureBuilt(
  what: keyof typeof BUILDS,
  tell: (line: string) => void,
  { program = programFolder(), writable = isWritable } = {},
): Promise<void> {
  const { output, sources, tool } = BUILDS[what];
  const built = statSync(join(program, output), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (!existsSync(join(program, sources[0]))) {
    if (built > 0) return;
    throw new UserError(`${join(program, output)} is missing; install Tessera again`);
  }
  if (built >= Math.max(...sources.map((folder) => newest(join(program, folder))))) return;
  if (writable(program)) {
    tell(`building the ${what}, once`);
    return build(program, what, tool);
  }
  if (built === 0) {
    throw new UserError(
      `the ${what} is not built, and ${program} cannot be written: run "npm run build" as its owner, or copy the folder`,
    );
  }
  tell(`taking the ${what} as it was built before its sources changed, for ${program} cannot be written`);
}

/** The folder of the built window, which is built first as `ensureBuilt` does. */
export async function builtPageFolder(tell: (line: string) => void): Promise<string> {
  await ensureBuilt('window', tell);
  return join(programFolder(), 'out', 'renderer');
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Vite runs in its own process: it is a tool of the clone, not a part of the program. */
async function build(program: string, what: string, tool: string): Promise<void> {
  const script = join(program, 'node_modules', tool);
  try {
    await promisify(execFile)(process.execPath, [script, 'build', '--logLevel', 'warn'], { cwd: program });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new UserError(
      `the ${what} cannot be built: ${output || messageOf(error)}; run "npm ci" and try again`,
    );
  }
}

/** Newest modification time of the files in a folder, tests left out, in Unix milliseconds. */
function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...entries
      .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
      .map((file) => statSync(join(file.parentPath, file.name)).mtimeMs),
  );
}
