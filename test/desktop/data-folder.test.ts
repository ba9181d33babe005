import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openStore } from '../../src/core/store/store.ts';
import { choiceFile, readChoice } from '../../src/main/data-folder/choice.ts';
import { addRun, temporaryHome } from '../store/home.ts';
import { startShell, type TestShell } from './browser-shell.ts';

async function change({ client }: TestShell, path: string, move: boolean): Promise<string> {
  const steps = await client.settings.changeHome({ path, move });
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value.home;
  }
}

const runsOf = async ({ client }: TestShell) =>
  (await client.runs.table({ metrics: [], config: [] })).rows.map(({ id }) => id);

it('the data folder moves with its content, and another one opens without', async () => {
  const user = temporaryHome();
  const shell = await startShell(join(user, 'first'));
  const run = addRun(shell.hub.store, { config: { steps: 5 } }).id;
  const events: string[] = [];
  const heard = (async () => {
    for await (const { type } of await shell.client.events()) {
      events.push(type);
      if (type === 'home') return;
    }
  })();
  const [second, third] = [join(user, 'a', 'second'), join(user, 'third')];
  expect(await change(shell, second, true)).toBe(second);
  await heard;
  expect(events.at(-1)).toBe('home');
  expect(await runsOf(shell)).toEqual([run]);
  // What the test put beside the home's own files stays.
  expect(readdirSync(join(user, 'first')).sort()).toEqual(['secret.html', 'user', 'window']);
  expect(await shell.client.settings.system()).toMatchObject({ home: second, homeSource: 'chosen' });
  expect(await change(shell, third, false)).toBe(third);
  expect(await runsOf(shell)).toEqual([]);
  expect(readChoice(choiceFile(shell.machine))).toEqual({ home: third, move: null });
  expect(await change(shell, second, false)).toBe(second);
  expect(await runsOf(shell)).toEqual([run]);
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
  const cases: [path: string, move: boolean, problem: RegExp][] = [
    ['relative/path', false, /absolute path/],
    [home, false, /is the current data folder/],
    [join(home, 'inside'), true, /is inside the current/],
    [join(folders.full, 'thesis.tex'), false, /is a file/],
    [join(folders.full, 'thesis.tex', 'below'), false, /thesis.tex is a file/],
    [folders.full, false, /not empty/],
    [folders.newer, false, /newer Tessera \(schema 9999/],
    [folders.foreign, false, /another program/],
    [folders.other, true, /already holds data/],
  ];
  for (const [path, move, problem] of cases) {
    await expect(change(shell, path, move), path).rejects.toThrow(problem);
  }
  const { check } = await shell.client.settings.checkHome({ path: folders.other });
  expect(check).toMatchObject({ problem: null, notes: ['It holds 0 data sets and 0 runs.'] });
  expect(shell.holder.hub).toBe(shell.hub);
  expect(readChoice(choiceFile(shell.machine)).home).toBeNull();
});

it('it stays while a run trains, and says which', async () => {
  const user = temporaryHome();
  const shell = await startShell(join(user, 'home'));
  const { store, scheduler } = shell.hub;
  const run = addRun(store, { name: 'slow', config: { steps: 100_000, pause: 5 } });
  mkdirSync(store.datasets.folder(store.datasets.list()[0].id), { recursive: true });
  shell.holder.start();
  store.queue.put(run.id, 'end');
  scheduler.wake();
  await expect.poll(() => store.runs.get(run.id).status).toBe('running');
  const path = join(user, 'elsewhere');
  const { obstacle } = await shell.client.settings.checkHome({ path });
  expect(obstacle).toMatch(/^slow trains: wait, or pause/);
  await expect(change(shell, path, true)).rejects.toThrow(/^slow trains/);
  expect(store.runs.get(run.id).status).toBe('running');
  await shell.client.queue.pause({ run: run.id });
  await expect.poll(() => store.runs.get(run.id).status).toBe('queued');
  await change(shell, path, true);
  const { waiting } = await shell.client.queue.show();
  expect(waiting.map(({ run: { id }, held }) => [id, held])).toEqual([[run.id, true]]);
});
