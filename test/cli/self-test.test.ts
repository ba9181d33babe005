import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../src/main/cli/main.mjs');

it('the program tries itself in its browser shell', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, '--self-test']);
  const lines = stdout.trim().split('\n');
  expect(lines.map((line) => line.split(':', 1)[0])).toEqual(
    ['window', 'import', 'devices', 'measure', 'train', 'checkpoint', 'compare', 'report', 'quit'].map(
      (step) => `ok    ${step}`,
    ),
  );
  expect(lines[3]).toMatch(/parameters, \d+\.\d+ s on \w+/);
  expect(lines[4]).toMatch(/popularity-self-test-seed1 0\.\d{4}, sasrec-self-test-seed1 0\.\d{4}/);
});
