import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../store/home.ts';

const CACHE = join(import.meta.dirname, '../../src/main/cli/compile-cache.mjs');

/** The folder of the cache in a process of a user whose caches are in a folder; empty without one. */
function chosen(caches: string): string {
  const script = `await import(${JSON.stringify(CACHE)}); process.stdout.write(process.env.NODE_COMPILE_CACHE ?? '')`;
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...env, XDG_CACHE_HOME: caches },
    encoding: 'utf8',
  });
}

it.skipIf(process.platform !== 'linux')(
  'compiled code is kept in a folder of its user alone, or nowhere',
  () => {
    const caches = temporaryHome();
    const folder = join(caches, 'tessera', 'compiled');
    expect(chosen(caches)).toBe(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    chmodSync(folder, 0o777);
    expect(chosen(caches)).toBe('');
    const planted = temporaryHome();
    mkdirSync(join(planted, 'tessera', 'compiled'), { recursive: true, mode: 0o755 });
    expect(chosen(planted)).toBe('');
  },
);
