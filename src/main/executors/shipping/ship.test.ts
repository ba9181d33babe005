import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thisMachine } from '../../../../test/remote/this-machine.ts';
import { cleanHost } from '../hosts/clean.ts';
import { shipFolder } from './ship.ts';
import { memoryFile } from './tar.ts';

const root = () => mkdtempSync(join(tmpdir(), 'tessera-there-'));
const sent = { what: 'Tessera', files: () => [memoryFile('program.js', Buffer.from('ours'))] };

describe.skipIf(process.platform === 'win32')('a folder that is sent', () => {
  it('is there once, where another program unpacks the same one in the same moment', async () => {
    const folder = join(root(), 'program-1');
    // The other one is first by the time of a step.
    const first =
      'mv() { case "$1" in *.tmp) mkdir "$2" && : > "$2/.complete" && echo theirs > "$2/program.js" ;; esac; command mv "$@"; }';
    await shipFolder(thisMachine(first), folder, sent);
    expect(readdirSync(folder).sort()).toEqual(['.complete', 'program.js']);
    expect(readFileSync(join(folder, 'program.js'), 'utf8')).toBe('theirs\n');
    expect(readdirSync(join(folder, '..'))).toEqual(['program-1']);
  });

  it('is not cleaned up a day after it was sent where it is still used', async () => {
    const there = root();
    writeFileSync(join(there, '.tessera'), '');
    for (const name of ['program-used', 'program-unused']) {
      mkdirSync(join(there, name));
      writeFileSync(join(there, name, '.complete'), '');
      const before = Date.now() / 1000 - 2 * 86_400;
      utimesSync(join(there, name), before, before);
    }
    await shipFolder(thisMachine(), join(there, 'program-used'), sent);
    await cleanHost(thisMachine(), there, false);
    expect(readdirSync(there)).toEqual(['.tessera', 'program-used']);
  });
});
