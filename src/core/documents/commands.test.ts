import { expect, test } from 'vitest';
import { importCommand } from './commands.ts';

test('a file that is called as an option is imported as a file', () => {
  const data = { name: 'club', files: ['--help.csv', 'a b.csv'], options: {} };
  expect(importCommand({ commandLine: 'tessera', platform: '' }, data)).toBe(
    "tessera datasets import ./--help.csv 'a b.csv' --name club",
  );
});
