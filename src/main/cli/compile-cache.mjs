/**
 * Reading the program takes longer than most commands do: Node keeps what it has compiled, for workers too. These
 * first files are JavaScript: for TypeScript Node would load what takes types away, before the cache makes that unnecessary.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import nodeModule from 'node:module';
import os from 'node:os';
import { join } from 'node:path';

// Without this Node ends at the first TypeScript file, in words of its own.
if (!process.features.typescript) {
  console.error(`tessera: needs Node 22.18 or newer, not ${process.version}; "npm start" has one of its own`);
  process.exit(1);
}
// The variable is how child processes learn of it.
process.env.NODE_COMPILE_CACHE ??= ownFolder() ?? '';
if (process.env.NODE_COMPILE_CACHE === '') delete process.env.NODE_COMPILE_CACHE;
else nodeModule.enableCompileCache();

/** Node runs what it finds there: so no folder that another user has made, as in that of temporary files. Null without one. */
function ownFolder() {
  const { env, platform } = process;
  const caches =
    platform === 'win32'
      ? env.LOCALAPPDATA
      : platform === 'darwin'
        ? join(os.homedir(), 'Library', 'Caches')
        : env.XDG_CACHE_HOME || join(os.homedir(), '.cache');
  if (!caches) return null;
  const folder = join(caches, 'tessera', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (platform === 'win32') return folder;
    const { uid, mode } = lstatSync(folder);
    return uid === process.getuid?.() && (mode & 0o777) === 0o700 ? folder : null;
  } catch {
    return null;
  }
}
