import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, UserError } from '../../core/errors.ts';
import { isInside } from '../hub/uploads.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
};

/** The folder that holds package.json: of the clone, or of the packaged program. */
export function programFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json above ${import.meta.dirname}`);
  }
}

/** A file of the window, or null for a path that is none: outside the folder, a folder, or not there. */
export function windowFile(folder: string, urlPath: string): { path: string; mediaType: string } | null {
  let name: string;
  try {
    name = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (name.includes('\0') || name.includes('\\')) return null;
  const path = join(folder, name === '/' ? 'index.html' : name);
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()];
  if (!isInside(folder, path) || mediaType === undefined) return null;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? { path, mediaType } : null;
}

/**
 * The folder of the built window. In a clone it is built where it is missing or older than its sources,
 * which takes some seconds; `onBuild` is told first. Throws UserError where there is nothing to build it with.
 */
export async function windowFolder(onBuild: () => void): Promise<string> {
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

/** Vite as a process of its own: it is a tool of the clone, and no part of the program. */
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

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...entries
      .filter((entry) => entry.isFile())
      .map((file) => statSync(join(file.parentPath, file.name)).mtimeMs),
  );
}
