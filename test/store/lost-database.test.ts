/** Homes whose database is gone, forbidden or behind: nothing is begun over their data, and each is told apart. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { backUp, beginNew, restoreBackup } from '../../src/core/store/db/backup.ts';
import { listBackups } from '../../src/core/store/db/damage.ts';
import { isOutdated } from '../../src/core/store/db/migrations.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { checkHome } from '../../src/main/data-folder/check.ts';
import { choiceFile, writeChoice } from '../../src/main/data-folder/choice.ts';
import { findHome } from '../../src/main/data-folder/home.ts';
import { removeLeftovers } from '../../src/main/services/runs/leftovers.ts';
import { unpack } from '../fixtures/old-home/answers.ts';
import { addRun, temporaryHome, temporaryStore } from './home.ts';
import { tessera } from './tessera.ts';

beforeAll(() => {
  process.stdout.setMaxListeners(0);
  process.stderr.setMaxListeners(0);
});

/** A home with a backup and a run that only its database knows; returns the run and its checkpoint. */
async function homeWithRun(home: string): Promise<{ run: string; checkpoint: string }> {
  const store = openStore(home);
  addRun(store);
  await backUp(home);
  const { id } = addRun(store, { name: 'newer', seed: 2 });
  store.close();
  const checkpoint = join(home, 'runs', id, 'checkpoints', 'last-1.safetensors');
  mkdirSync(join(checkpoint, '..'), { recursive: true });
  writeFileSync(checkpoint, 'tensors');
  return { run: id, checkpoint };
}

describe.each(['empty', 'missing'])('a home whose database is %s', (state) => {
  const lose = (home: string) => {
    rmSync(join(home, 'tessera.db'));
    if (state === 'empty') writeFileSync(join(home, 'tessera.db'), '');
  };

  it('is refused with what is there and what to do, and opens again with its backup', async () => {
    const home = temporaryHome();
    const { run, checkpoint } = await homeWithRun(home);
    lose(home);
    for (const args of [
      ['runs', 'list'],
      ['datasets', 'list'],
      ['train', '--dataset', 'beauty', '--model', 'popularity'],
    ]) {
      expect(await tessera(home, ...args)).toEqual({
        code: 1,
        out: '',
        error: expect.stringMatching(
          `tessera.db is ${state}, but the folder still holds 1 run and 1 backup; restore the newest backup, of 20\\d\\d-\\d\\d-\\d\\d, with "\\./tessera backup restore", make it again from the folders with "\\./tessera backup rebuild", or start with an empty database, which will not list them, with "\\./tessera backup begin-new"\n$`,
        ),
      });
    }
    expect(existsSync(join(home, 'tessera.db'))).toBe(state === 'empty');
    const { out } = await tessera(home, 'backup', 'restore');
    expect(out).toContain(`It does not know 1 run, ${run}: the files stay, and "trash list" names them.`);
    const store = temporaryStore(home);
    await removeLeftovers(store, new AbortController().signal);
    expect(store.runs.list()).toHaveLength(1);
    expect(existsSync(checkpoint)).toBe(true);
    expect(await store.trash.list()).toMatchObject([{ kind: 'folder', id: `runs/${run}`, bytes: 7 }]);
  });

  it('is begun anew only by command, beside what is there', async () => {
    const home = temporaryHome();
    const { checkpoint } = await homeWithRun(home);
    lose(home);
    expect((await tessera(home, 'backup', 'begin-new')).code).toBe(0);
    expect(temporaryStore(home).runs.list()).toEqual([]);
    expect(existsSync(checkpoint)).toBe(true);
    expect(() => beginNew(home)).toThrow('is there already');
  });

  it('keeps its log beside whatever is put in its place', async () => {
    const home = temporaryHome();
    const path = join(home, 'tessera.db');
    const store = openStore(home);
    const { id } = addRun(store);
    await backUp(home);
    addRun(store, { name: 'newer', seed: 2 });
    const log = readFileSync(`${path}-wal`);
    store.close();
    const ways: [begin: () => unknown, runs: string[]][] = [
      [() => restoreBackup(home, listBackups(home)[0].path), [id]],
      [() => beginNew(home), []],
    ];
    for (const [at, [begin, runs]] of ways.entries()) {
      lose(home);
      writeFileSync(`${path}-wal`, log);
      expect(() => openStore(home)).toThrow(
        `is ${state}, but the folder still holds 1 database log and 1 backup`,
      );
      expect(isOutdated(path)).toBe(false);
      await begin();
      const logs = readdirSync(home).filter((name) => /^tessera-replaced-.*\.db-wal$/.test(name));
      const kept = logs.filter((name) => readFileSync(join(home, name)).equals(log));
      expect(kept).toHaveLength(at + 1);
      const again = openStore(home);
      expect(again.runs.list().map((run) => run.id)).toEqual(runs);
      again.close();
    }
  });

  it('is not called missing as the chosen data folder, unless it is', async () => {
    const user = temporaryHome();
    const machine = { env: {}, platform: 'linux', userFolder: user } as const;
    // The default folder may hold other things too.
    const home = join(user, '.local/share/tessera');
    await homeWithRun(home);
    lose(home);
    writeChoice(choiceFile(machine), { home, move: null });
    expect(findHome(undefined, machine)).toEqual({ home, source: 'chosen' });
    expect(checkHome(home, join(user, 'current'), machine).problem).toMatch(
      /^it has lost its database, and holds 1 run and 1 backup/,
    );
    rmSync(home, { recursive: true });
    mkdirSync(home);
    expect(() => findHome(undefined, machine)).toThrow('is missing: connect its disk');
  });
});

it('a backup is not restored while another program works in the home', async () => {
  const home = temporaryHome();
  const store = openStore(home);
  const { path } = await backUp(home);
  await expect(restoreBackup(home, path)).rejects.toThrow(`${home} is open in another process`);
  store.close();
  expect((await restoreBackup(home, path)).replaced).not.toBeNull();
});

it('a backup that is restored names the runs that it does not know, and an empty one is refused', async () => {
  const home = temporaryHome();
  const { run, checkpoint } = await homeWithRun(home);
  const [{ path }] = listBackups(home);
  const empty = join(home, 'empty.db');
  writeFileSync(empty, '');
  await expect(restoreBackup(home, empty)).rejects.toThrow('is damaged (it is empty): choose another backup');
  // What cannot be opened at all is not called damaged.
  await expect(restoreBackup(home, join(home, 'runs'))).rejects.toThrow(/^(?!.* is damaged)/);
  const { replaced, unknown } = await restoreBackup(home, path);
  expect(unknown).toEqual({ runs: [{ id: run, name: 'newer' }], datasets: [] });
  expect(existsSync(checkpoint)).toBe(true);
  // Puts back what was there, as its name invites to.
  expect((await restoreBackup(home, String(replaced))).unknown.runs).toEqual([]);
  expect(temporaryStore(home).runs.get(run).name).toBe('newer');
});

const isPosix = process.platform !== 'win32';
const canMount =
  process.getuid?.() === 0 &&
  process.platform === 'linux' &&
  spawnSync('unshare', ['--mount', 'true']).status === 0;

describe('permissions', () => {
  it.skipIf(!isPosix)(
    'of homes of earlier versions and of every copy become those of a new one',
    async () => {
      const home = temporaryHome();
      unpack(home);
      mkdirSync(join(home, 'backups'));
      writeFileSync(join(home, 'backups', 'b.db'), readFileSync(join(home, 'tessera.db')));
      for (const name of ['tessera.db', join('backups', 'b.db')]) chmodSync(join(home, name), 0o644);
      for (const name of ['', 'runs', 'datasets', 'backups']) chmodSync(join(home, name), 0o755);
      openStore(home).close();
      const mode = (path: string) => statSync(path).mode & 0o777;
      const modes = () => [
        ...['', 'runs', 'datasets', 'backups'].map((name) => mode(join(home, name))),
        ...[join(home, 'tessera.db'), ...listBackups(home).map(({ path }) => path)].map(mode),
      ];
      expect(listBackups(home)).toHaveLength(2);
      expect(modes()).toEqual([0o700, 0o700, 0o700, 0o700, 0o600, 0o600, 0o600]);
      chmodSync(home, 0o755);
      chmodSync(join(home, 'tessera.db'), 0o644);
      openStore(home).close();
      expect(modes()).toEqual([0o700, 0o700, 0o700, 0o700, 0o600, 0o600, 0o600]);
      const { path } = await backUp(home);
      expect(mode(path)).toBe(0o600);
      chmodSync(path, 0o644);
      await restoreBackup(home, path);
      chmodSync(path, 0o600);
      expect(modes()).toEqual([0o700, 0o700, 0o700, 0o700, 0o600, 0o600, 0o600, 0o600]);
    },
  );

  it.skipIf(!canMount)('that are missing are named as such, in the same line by every command', async () => {
    const home = temporaryHome();
    await homeWithRun(home);
    const file = join(home, '..', 'ratings.csv');
    writeFileSync(file, 'user,item,time\na,b,1\n');
    onTestFinished(() => rmSync(file));
    execFileSync('mount', ['--bind', home, home]);
    onTestFinished(() => void execFileSync('umount', [home]));
    execFileSync('mount', ['-o', 'remount,ro,bind', home]);
    // A hub that starts has nothing to write.
    await temporaryStore(home).trash.purgeAll();
    for (const args of [
      ['datasets', 'import', file],
      ['datasets', 'delete', 'beauty', '--force'],
      ['runs', 'delete', 'newer'],
      ['projects', 'create', 'a'],
      ['backup', 'create'],
      ['backup', 'restore'],
    ]) {
      const { code, error } = await tessera(home, ...args);
      expect([args, code, error]).toEqual([
        args,
        1,
        `tessera: ${home}/tessera.db cannot be written (SQLITE_READONLY); check its permissions, or choose another home with --home\n`,
      ]);
    }
  });

  it.skipIf(!canMount)('that hide the database are not taken for damage', (context) => {
    const home = temporaryHome();
    openStore(home).close();
    chmodSync(home, 0o711);
    chmodSync(join(home, 'tessera.db'), 0);
    const cli = join(import.meta.dirname, '..', '..', 'src', 'main', 'cli', 'main.mjs');
    const { stderr, error } = spawnSync(process.execPath, [cli, '--home', home, 'runs', 'list'], {
      uid: 65534,
      env: { ...process.env, HOME: home },
      encoding: 'utf8',
    });
    if (error) context.skip(`this folder is closed to other users (${error.message})`);
    expect(stderr).toMatch(/tessera.db cannot be opened \(SQLITE_CANTOPEN\); check its permissions/);
    expect(stderr).not.toContain('damaged');
  });
});
