import { expect, test } from 'vitest';
import { openStore } from '../../src/core/store/open-store.ts';
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

test('projects are made, filled by commands, listed with their runs, and deleted without them', async () => {
  const cli = new CommandLine();
  const store = openStore(cli.home);
  for (const seed of [1, 2, 3]) addRun(store, { seed, name: `run-${seed}` });
  store.close();
  await cli.run('projects', 'create', 'Long histories', '--description', 'Do 200 items help?');
  const added = await cli.run('projects', 'add', 'Long histories', 'run-1', 'run-2');
  expect(added.stdout).toBe('Put 2 runs into the project Long histories.\n');
  const namesIn = async (project: string) =>
    (await cli.json<{ name: string }[]>('runs', 'list', '--project', project)).map(({ name }) => name);
  expect(await namesIn('Long histories')).toEqual(['run-2', 'run-1']);
  await cli.run('projects', 'remove', 'run-1');
  await cli.run('projects', 'change', 'Long histories', '--name', 'Histories');
  expect((await cli.run('projects', 'list')).stdout).toMatch(/^Histories +1 +Do 200 items help\?$/m);
  const unknown = await cli.run('runs', 'list', '--project', 'None');
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    'tessera: there is no project "None"; there are: Histories\n',
  ]);
  await cli.run('projects', 'delete', 'Histories');
  expect(await cli.json('runs', 'list')).toHaveLength(3);
});

test('runs get another name, notes, tags and a star, and a change of nothing or of several names is refused', async () => {
  const cli = new CommandLine();
  const store = openStore(cli.home);
  for (const seed of [1, 2]) addRun(store, { seed, name: `run-${seed}` });
  store.close();
  expect(await cli.text('runs', 'change', 'run-1', 'run-2', '--tag', 'draft', '--star')).toBe(
    'Changed 2 runs.\n',
  );
  const options = [
    '--tag',
    'paper',
    '--untag',
    'draft',
    '--name',
    'base',
    '--notes',
    'The first',
    '--no-star',
  ];
  await cli.run('runs', 'change', 'run-1', ...options);
  const after = openStore(cli.home);
  const [first, second] = ['base', 'run-2'].map((name) => after.runs.find(name).id);
  expect(after.table.annotationsOf([first, second])).toMatchObject({
    [first]: { tags: ['paper'], starred: false, notes: 'The first' },
    [second]: { tags: ['draft'], starred: true },
  });
  after.close();
  const refused = async (...args: string[]) => (await cli.run('runs', 'change', ...args)).stderr;
  expect(await refused('base')).toMatch(/say what changes, with --name/);
  expect(await refused('base', 'run-2', '--name', 'both')).toMatch(/--name is for one run/);
  expect(await cli.text('runs', 'change', 'run-2', '--star')).toBe('Changed 0 runs.\n');
});
