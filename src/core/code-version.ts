import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

let known: string | null = null;

/**
 * The program's version; in a clone also the commit, such as "0.1.0+1a2b3c4", with "-dirty" where tracked
 * files differ from it.
 */
export function codeVersion(): string {
  known ??= readVersion();
  return known;
}

function readVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { version } = packageSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const commit = existsSync(join(folder, '.git')) ? commitOf(folder) : '';
    return commit === '' ? version : `${version}+${commit}`;
  }
  return 'unknown';
}

function commitOf(folder: string): string {
  try {
    const describe = ['describe', '--always', '--dirty', '--exclude=*'];
    return execFileSync('git', describe, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
