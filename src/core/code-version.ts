import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });
const DESCRIBE = ['describe', '--always', '--dirty', '--exclude=*'];

let known: string | null = null;

/**
 * The program's version; in a clone also the commit, such as "0.1.0+1a2b3c4", with "-dirty" where tracked
 * files differ from it. The first call waits for git, unless `findCodeVersion` has done so.
 */
export function codeVersion(): string {
  known ??= versionText((clone) =>
    execFileSync('git', DESCRIBE, { cwd: clone, encoding: 'utf8', stdio: 'pipe', windowsHide: true }),
  );
  return known;
}

/** Finds the version out while the thread goes on: for a process that answers a window. */
export async function findCodeVersion(): Promise<void> {
  const { clone } = program();
  const asked =
    clone === null
      ? null
      : await promisify(execFile)('git', DESCRIBE, { cwd: clone, windowsHide: true }).catch(() => null);
  known ??= versionText(() => asked?.stdout ?? '');
}

function versionText(describe: (clone: string) => string): string {
  const { version, clone } = program();
  if (clone === null) return version;
  try {
    const commit = describe(clone).trim();
    return commit === '' ? version : `${version}+${commit}`;
  } catch {
    return version;
  }
}

/** `clone` is the folder of the program's own git clone, where it runs from one. */
function program(): { version: string; clone: string | null } {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { version } = packageSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { version, clone: existsSync(join(folder, '.git')) ? folder : null };
  }
  return { version: 'unknown', clone: null };
}
