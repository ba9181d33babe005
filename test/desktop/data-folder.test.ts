import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../src/core/store/open-store.ts';
import { checkHome } from '../../src/main/data-folder/check.ts';
import { choiceFile, readChoice } from '../../src/main/data-folder/choice.ts';
import { addRun, temporaryHome } from '../store/home.ts';
import { startShell, type TestShell } from './browser-shell.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');

const change = async ({ client }: TestShell, path: string): Promise<string> =>
  (await client.settings.changeHome({ path })).home;

const runsOf = async ({ client }: TestShell) =>
  (await client.runs.table({ metrics: [], config: [] })).rows.map(({ id }) => id);

it('another data folder opens, stays chosen, and leaves the one before as it was', async () => {
  const user = temporaryHome();
  const [first, second] = [join(user, 'first'), join(user, 'a', 'second')];
  const shell = await startShell(first);
  const run = addRun(shell.hub.store, { config: { steps: 5 } }).id;
  const events: string[] = [];
  const heard = (async () => {
    for await (const { type } of await shell.client.events()) {
      events.push(type);
      if (type === 'home') return;
    }
  })();
  await expect.poll(() => shell.client.settings.write({}).then(() => events.length)).toBeGreaterThan(0);
  expect(await change(shell, second)).toBe(second);
  await heard;
  expect(events.at(-1)).toBe('home');
  expect(await runsOf(shell)).toEqual([]);
  expect(await shell.client.settings.system()).toMatchObject({ home: second, homeSource: 'chosen' });
  expect(readChoice(choiceFile(shell.environment))).toEqual({ home: second, move: null });
  expect(await change(shell, first)).toBe(first);
  expect(await runsOf(shell)).toEqual([run]);
});

it('the analyst of the next data folder is that of the last, which it has closed', async () => {
  const user = temporaryHome();
  const [first, second] = [join(user, 'first'), join(user, 'second')];
  const started: string[] = [];
  const shell = await startShell(first, (entry) => started.push(parse(entry).name));
  addRun(shell.hub.store);
  await shell.client.codebooks.list();
  expect(await change(shell, second)).toBe(second);
  expect(await shell.client.codebooks.list()).toEqual([]);
  expect(started).toEqual(['analyst']);
  // Whoever closes a database last removes its log.
  expect(readdirSync(first).filter((name) => name.startsWith('tessera.db'))).toEqual(['tessera.db']);
});

it.skipIf(process.platform === 'win32')('two commands take the data along into a new folder', async () => {
  const user = temporaryHome();
  const [home, copy] = [join(user, "ada's home"), join(user, 'new', 'copy')];
  const store = openStore(home);
  const run = addRun(store).id;
  store.close();
  const environment = { env: {}, platform: process.platform, userFolder: user };
  const [copies, chooses] = checkHome(copy, home, environment).moveCommands;
  expect(chooses).toBe(`./tessera data-folder ${copy}`);
  execFileSync('sh', ['-c', copies]);
  expect(statSync(copy).mode & 0o777).toBe(0o700);
  const env = { ...process.env, HOME: user, XDG_CONFIG_HOME: join(user, 'config'), TESSERA_HOME: '' };
  const tessera = (...args: string[]) =>
    execFileSync(process.execPath, [CLI, '--json', ...args], { env, encoding: 'utf8' });
  expect(JSON.parse(tessera('data-folder', copy))).toEqual({ home: copy, source: 'chosen' });
  expect(JSON.parse(tessera('runs', 'list'))).toMatchObject([{ id: run }]);
});

it('on Windows the commands are its own, and quote by double quotes', () => {
  const environment = { env: {}, platform: 'win32', userFolder: temporaryHome() } as const;
  const to = join(environment.userFolder, 'the copy');
  expect(checkHome(to, '/data/tessera', environment).moveCommands).toEqual([
    `robocopy ${resolve('/data/tessera')} "${to}" /E`,
    `.\\tessera data-folder "${to}"`,
  ]);
});

it('where the choice cannot be stored, the present folder stays open', async () => {
  const user = temporaryHome();
  const shell = await startShell(join(user, 'home'));
  mkdirSync(shell.environment.userFolder);
  const blocked = dirname(choiceFile(shell.environment));
  mkdirSync(dirname(blocked), { recursive: true });
  writeFileSync(blocked, 'a file where a folder belongs');
  await expect(change(shell, join(user, 'other'))).rejects.toThrow(/could not be written, so the choice/);
  expect(shell.hubSwitch.hub).toBe(shell.hub);
  expect(await runsOf(shell)).toEqual([]);
});

it('a folder that cannot be the data folder is refused with the reason, and nothing changes', async () => {
  const user = temporaryHome();
  const home = join(user, 'home');
  const shell = await startShell(home);
  const folders = Object.fromEntries(
    ['other', 'full', 'newer', 'foreign'].map((name) => [name, join(user, name)]),
  );
  for (const folder of Object.values(folders)) mkdirSync(folder);
  writeFileSync(join(folders.full, 'thesis.tex'), '');
  openStore(folders.other).close();
  for (const [name, sql] of [
    ['newer', 'PRAGMA application_id = 0x54657373; PRAGMA user_version = 9999; CREATE TABLE a (b)'],
    ['foreign', 'CREATE TABLE a (b)'],
  ]) {
    const database = new Database(join(folders[name], 'tessera.db'));
    database.exec(sql);
    database.close();
  }
  const cases: [path: string, problem: RegExp][] = [
    ['relative/path', /absolute path/],
    [home, /is the current data folder/],
    [join(home, 'inside'), /is inside the current/],
    [join(folders.full, 'thesis.tex'), /is a file/],
    [join(folders.full, 'thesis.tex', 'below'), /thesis.tex is a file/],
    [folders.full, /not empty/],
    [folders.newer, /newer Tessera \(schema 9999/],
    [folders.foreign, /another program/],
  ];
  for (const [path, problem] of cases) await expect(change(shell, path), path).rejects.toThrow(problem);
  // Of what is elsewhere, a page in the browser learns nothing, be it there or not.
  const link = join(user, 'link');
  symlinkSync('/etc', link);
  for (const path of ['/etc', '/etc/passwd', join(link, 'new'), join(user, '..', 'other')]) {
    const only = new RegExp(`: from the browser a data folder in ${user} alone is opened`);
    await expect(change(shell, path)).rejects.toThrow(only);
    await expect(shell.client.settings.checkHome({ path })).rejects.toThrow(only);
  }
  const { check } = await shell.client.settings.checkHome({ path: folders.other });
  // A copy would be mixed with what is there.
  expect(check).toMatchObject({
    problem: null,
    notes: ['It holds 0 data sets and 0 runs.'],
    moveCommands: [],
  });
  expect(shell.hubSwitch.hub).toBe(shell.hub);
  expect(readChoice(choiceFile(shell.environment)).home).toBeNull();
});

it('it stays while a run trains, and says which', async () => {
  const user = temporaryHome();
  const shell = await startShell(join(user, 'home'));
  const { store, scheduler } = shell.hub;
  const run = addRun(store, { name: 'slow', config: { steps: 100_000, pause: 5 } });
  mkdirSync(store.datasets.folder(store.datasets.list()[0].id), { recursive: true });
  shell.hubSwitch.start();
  store.queue.put(run.id, 'end');
  scheduler.wake();
  await expect.poll(() => store.runs.get(run.id).status).toBe('running');
  const path = join(user, 'elsewhere');
  const { obstacle } = await shell.client.settings.checkHome({ path });
  expect(obstacle).toMatch(/^slow trains: wait, or pause/);
  await expect(change(shell, path)).rejects.toThrow(/^slow trains/);
  expect(store.runs.get(run.id).status).toBe('running');
  await shell.client.queue.pause({ run: run.id });
  await expect.poll(() => store.runs.get(run.id).status).toBe('queued');
  expect(await change(shell, path)).toBe(path);
  expect(await change(shell, join(user, 'home'))).toBe(join(user, 'home'));
  const { waiting } = await shell.client.queue.show();
  expect(waiting.map(({ run: { id }, held }) => [id, held])).toEqual([[run.id, true]]);
});
