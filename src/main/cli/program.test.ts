import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from './program.ts';

const commandsOf = async (...args: string[]) => (await createProgram(args)).commands.map((one) => one.name());

test('reads the files of the command that is asked for, and of all where none is', async () => {
  const all = await commandsOf();
  expect(await commandsOf('--help', 'serve')).toEqual(all);
  expect(await commandsOf('trian')).toEqual(all);
  expect(await commandsOf('--home', 'train', '--json', 'runs', 'list')).toEqual(['runs']);
  // One file has two.
  expect(await commandsOf('sweep')).toEqual(['study', 'sweep']);
  for (const name of all) expect((await commandsOf(name, '--help')).length, name).toBeLessThan(3);
});

test('says in a line which Node it needs', () => {
  const entry = join(import.meta.dirname, 'main.mjs');
  const older = spawnSync(process.execPath, ['--no-strip-types', entry, 'runs', 'list'], {
    encoding: 'utf8',
  });
  expect(older).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^tessera: needs Node 22\.18 or newer, not v[^\n]+\n$/),
  });
});
