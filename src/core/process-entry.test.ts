import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PROJECT = join(import.meta.dirname, '../..');

it('every process that the program starts is an entry of its bundle', () => {
  const sources = globSync('src/{core,main}/**/*.ts', { cwd: PROJECT }).filter(
    (path) => !path.endsWith('.test.ts'),
  );
  const text = sources.map((path) => readFileSync(join(PROJECT, path), 'utf8')).join('\n');
  const started = [...text.matchAll(/processEntry\(\s*import\.meta\.dirname,\s*'([\w-]+)'/g)].map(
    ([, name]) => name,
  );
  expect(started.length).toBeGreaterThan(5);
  const config = readFileSync(join(PROJECT, 'electron.vite.config.ts'), 'utf8');
  const entries = [...config.matchAll(/^\s+'?([\w-]+)'?: entry\(/gm)].map(([, name]) => name);
  expect(started.filter((name) => !entries.includes(name))).toEqual([]);
  // A file that is forked by its own path is not there once it is packed.
  expect(text).not.toMatch(/fork\(join\(import\.meta\.dirname/);
});
