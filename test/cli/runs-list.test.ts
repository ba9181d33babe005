import { expect, test } from 'vitest';
import { openStore } from '../../src/core/store/store.ts';
import { addRun } from '../store/home.ts';
import { CommandLine } from './command-line.ts';

test('many runs are listed in part as text, with a word about the rest, and whole as JSON', async () => {
  const cli = new CommandLine();
  const store = openStore(cli.home);
  for (let seed = 0; seed < 250; seed++) addRun(store, { seed, name: `run-${seed}` });
  store.close();
  const lines = async (...args: string[]) =>
    (await cli.run('runs', 'list', ...args)).stdout.trim().split('\n');
  const text = await lines();
  expect(text.filter((line) => / run-\d+ /.test(line))).toHaveLength(100);
  expect(text[2]).toContain('run-249');
  expect(text.at(-1)).toMatch(/^150 more; .* runs list --limit 250$/);
  expect((await lines('--limit', '250')).at(-1)).toContain('run-0 ');
  const listed = await cli.json<{ name: string }[]>('runs', 'list');
  expect(listed.map(({ name }) => name)).toEqual(Array.from({ length: 250 }, (_, at) => `run-${249 - at}`));
  expect(await cli.json('runs', 'list', '--limit', '3')).toHaveLength(3);
});
