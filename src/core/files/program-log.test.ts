import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { keepProgramLog, logLine, logOften, programLogOf } from './program-log.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

it('keeps lines without paths in a private file, and no more than three files', () => {
  const home = temporaryHome();
  keepProgramLog(home);
  const path = programLogOf(home);
  logLine(
    'worker',
    "trainer: Error: EACCES: permission denied, open '/home/ada/my secrets/x.csv'\n  at line 2",
  );
  logLine(
    'machine',
    'ssh box: looking for /scratch/ada/.cache/tessera/node-1 (~/keys/id) C:\\Users\\ada\\x.txt failed',
  );
  vi.stubEnv(process.platform === 'win32' ? 'USERPROFILE' : 'HOME', '/home/Ada King');
  logLine('program', 'at main (/home/Ada King/tessera/main.js:1:2), box:/scratch/ada, [/etc/x] `/etc/y`');
  logLine('program', 'https://registry.npmjs.org answers 404, 3/4 done');
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  expect(lines.map((line) => line.replace(/^\S+Z \d+ info [a-z]+: /, ''))).toEqual([
    'trainer: Error: EACCES: permission denied, open … at line 2',
    'ssh box: looking for … (…) … failed',
    'at main (…), box:…, [… `…',
    'https://registry.npmjs.org answers 404, 3/4 done',
  ]);
  if (process.platform !== 'win32') {
    expect([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777]).toEqual([0o600, 0o700]);
  }
  for (let at = 0; at < 5_000; at++) logLine('run', `${at} ${'x'.repeat(1_000)}`);
  expect(readdirSync(dirname(path)).sort()).toEqual(['tessera.log', 'tessera.log.1', 'tessera.log.2']);
  for (const name of readdirSync(dirname(path)))
    expect(statSync(join(dirname(path), name)).size).toBeLessThan(2 ** 20 + 2_000);
  expect(readFileSync(path, 'utf8')).toContain(' info run: 4999 x');
});

it('counts an event that keeps happening instead of repeating its line', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const home = temporaryHome();
  keepProgramLog(home);
  for (let at = 0; at < 1_801; at++) {
    logOften('machine', 'ssh box: reading journals');
    vi.setSystemTime(Date.now() + 2_000);
  }
  expect(
    readFileSync(programLogOf(home), 'utf8').match(/(?<=warn machine: ssh box: )reading journals.*/g),
  ).toEqual(['reading journals', 'reading journals: 1800 times more']);
});

it('makes no home that is gone, and throws nothing', () => {
  const home = temporaryHome();
  keepProgramLog(home);
  rmSync(home, { recursive: true });
  logLine('store', 'a line');
  expect(existsSync(home)).toBe(false);
});
