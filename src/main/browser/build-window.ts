/** The built window of a clone, made by Vite when it is missing or out of date. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
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

/**
 * Returns the folder of the built window. In a clone it is built first if it is missing or older than its sources, which
 * takes some seconds; `onBuild` is called before that. Throws UserError if it is missing and there is nothing to build it from.
 */
export async function builtPageFolder(onBuild: () => void): Promise<string> {
  const program = programFolder();
  const folder = join(program, 'out', 'renderer');
  const sources = join(program, 'src', 'renderer');
  const built = statSync(join(folder, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (!existsSync(sources)) {
    if (built > 0) return folder;
    throw new UserError(`${folder}: the window's files are missing; install Tessera again`);
  }
  if (built < Math.max(newest(sources), newest(join(program, 'src', 'core', 'api')))) {
    onBuild();
    await build(program);
  }
  return folder;
}

/** Vite runs in its own process: it is a tool of the clone, not a part of the program. */
async function build(program: string): Promise<void> {
  const vite = join(program, 'node_modules', 'vite', 'bin', 'vite.js');
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: program });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new UserError(
      `the window cannot be built: ${output || messageOf(error)}; run "npm ci" and try again`,
    );
  }
}

/** Newest modification time of the files in a folder, in Unix milliseconds. */
function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...entries
      .filter((entry) => entry.isFile())
      .map((file) => statSync(join(file.parentPath, file.name)).mtimeMs),
  );
}
