import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { readPackage } from './tar.ts';

it.skipIf(process.platform === 'win32').each(['ustar', 'pax', 'gnu'])(
  'reads a package with short and long names, as %s has them',
  (format) => {
    const folder = temporaryHome();
    const long = format === 'ustar' ? 'long' : `${'long/'.repeat(30)}${'n'.repeat(120)}`;
    const files = { 'bin/node': 'node', [`lib/${long}.js`]: 'long', 'lib/ü.js': 'after it' };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, 'package', path, '..'), { recursive: true });
      writeFileSync(join(folder, 'package', path), text);
    }
    chmodSync(join(folder, 'package/bin/node'), 0o755);
    execFileSync('tar', [`--format=${format}`, '-czf', 'package.tgz', 'package'], { cwd: folder });
    const read = readPackage(readFileSync(join(folder, 'package.tgz')));
    expect(read.map(({ path }) => path).sort()).toEqual(Object.keys(files).sort());
    expect(read.filter(({ executable }) => executable).map(({ path }) => path)).toEqual(['bin/node']);
  },
);
