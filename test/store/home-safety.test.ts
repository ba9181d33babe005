/** Homes: whom they are for, what of one that cannot be written or is damaged can still be had, and backups. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/math/random.ts';
import { backUp, backUpAfterCommand, backUpWhenDue, restoreBackup } from '../../src/core/store/db/backup.ts';
import { explainFailure } from '../../src/core/store/db/check.ts';
import { listBackups } from '../../src/core/store/db/damage.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { unpack } from '../fixtures/old-home/answers.ts';
import { isWhole, some } from '../form.ts';
import { addRun, temporaryHome, temporaryStore } from './home.ts';
import { runLimited } from './limited.ts';
import { tessera } from './tessera.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-safety-'));
const old = join(folder, 'old');

beforeAll(() => {
  unpack(old);
  process.stdout.setMaxListeners(0);
  process.stderr.setMaxListeners(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const isRoot = process.getuid?.() === 0;
const canMount =
  isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0 && process.platform === 'linux';

/** Mounts a folder on itself for reading, until the test ends. */
function mountReadOnly(path: string): void {
  execFileSync('mount', ['--bind', path, path]);
  onTestFinished(() => void execFileSync('umount', [path]));
  execFileSync('mount', ['-o', 'remount,ro,bind', path]);
}

describe('a home', () => {
  it.skipIf(process.platform === 'win32')('is made for its user alone', () => {
    const home = join(temporaryHome(), 'a', 'home');
    addRun(temporaryStore(home));
    expect(statSync(home).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(home).filter((file) => file.startsWith('tessera.db'))) {
      expect([name, statSync(join(home, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  it('whose path is too long says so', () => {
    const home = join(temporaryHome(), ...Array.from({ length: 8 }, () => 'x'.repeat(100)));
    expect(() => openStore(home)).toThrow(/the path of the home is too long: .*choose another with --home/);
    expect(existsSync(home)).toBe(false);
  });

  it.skipIf(!canMount)('that cannot be written is read, whatever its schema, and not changed', async () => {
    const current = temporaryHome();
    execFileSync('cp', ['-a', `${old}/.`, current]);
    openStore(current).close();
    for (const home of [old, current]) {
      mountReadOnly(home);
      const runs = await tessera(home, '--json', 'runs', 'list');
      expect([runs.code, runs.error]).toEqual([0, '']);
      const ids = (JSON.parse(runs.out) as { id: string; status: string; model: string }[])
        .filter(({ status, model }) => status === 'completed' && ['popularity', 'sasrec'].includes(model))
        .map(({ id }) => id);
      for (const args of [
        ['datasets', 'list'],
        ['runs', 'show', ids[0]],
        ['compare', ...ids.slice(0, 2)],
        ['study', 'list'],
      ]) {
        const { code, error } = await tessera(home, ...args);
        expect([args, code, error]).toEqual([args, 0, '']);
      }
      const refused = await tessera(home, 'runs', 'delete', ids[0]);
      expect([refused.code, refused.error]).toEqual([
        1,
        expect.stringMatching(/cannot be written .*permissions/),
      ]);
    }
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tessera-read-only-'))).toEqual([]);
  });

  it.skipIf(!isRoot)('of an earlier version is read where its files may only be read', (context) => {
    const home = temporaryHome();
    execFileSync('cp', ['-a', `${old}/.`, home]);
    execFileSync('chmod', ['-R', 'a+rX,a-w', home]);
    const scratch = temporaryHome();
    chmodSync(scratch, 0o777);
    const cli = join(import.meta.dirname, '..', '..', 'src', 'main', 'cli', 'main.mjs');
    const { stdout, stderr, error } = spawnSync(process.execPath, [cli, '--home', home, 'runs', 'list'], {
      uid: 65534,
      env: { ...process.env, HOME: scratch, TMPDIR: scratch },
      encoding: 'utf8',
    });
    if (error) context.skip(`this folder is closed to other users (${error.message})`);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/completed/);
  });
});

describe('backups', () => {
  it('are whole copies of a database in use, and are put back beside what was there', async () => {
    const home = temporaryHome();
    const store = openStore(home);
    const { id } = addRun(store);
    const { path } = await backUp(home);
    await store.trash.purgeDirectly('run', id);
    await expect(restoreBackup(home, path)).rejects.toThrow(/is open in another process/);
    store.close();
    const { replaced } = await restoreBackup(home, path);
    expect(replaced !== null && existsSync(replaced)).toBe(true);
    expect(temporaryStore(home).runs.get(id).id).toBe(id);
    await expect(backUp(home, path)).rejects.toThrow('is there already');
  }, 30_000);

  it.skipIf(process.platform === 'win32')(
    'too large for the shell say so in one line, and nothing is left',
    () => {
      const home = temporaryHome();
      const store = temporaryStore(home);
      const { id } = addRun(store);
      for (let at = 0; at < 40; at++)
        store.logs.append(id, [{ time: at, level: 'info', message: 'x'.repeat(9000) }]);
      const script = `
      import { backUp } from ${JSON.stringify(join(import.meta.dirname, '../../src/core/store/db/backup.ts'))};
      await backUp(${JSON.stringify(home)}).catch((error) => console.error(error.name, error.message));`;
      const folder = join(home, 'backups');
      expect(runLimited(script, 100).trim()).toBe(
        `UserError ${folder}: this shell or the file system allows no file of this size; no backup was made; ` +
          'raise the limit (ulimit -f unlimited) or choose another disk, and back up again',
      );
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('finish beside a process that commits all the time', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const { id } = addRun(store);
    for (let at = 0; at < 400; at++)
      store.logs.append(id, [{ time: at, level: 'info', message: 'x'.repeat(9000) }]);
    let turns = 0;
    let writer = setImmediate(function write() {
      turns++;
      store.logs.append(id, [{ time: turns, level: 'info', message: 'beside it' }]);
      writer = setImmediate(write);
    });
    const { path } = await backUp(home).finally(() => clearImmediate(writer));
    expect(turns).toBeGreaterThan(0);
    const copy = new Database(path, { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    copy.close();
  }, 10_000);

  it('are made by themselves once a day, and some of the last days, weeks and months are kept', async () => {
    const home = temporaryHome();
    temporaryStore(home);
    expect(await backUpWhenDue(home)).not.toBeNull();
    expect(await backUpWhenDue(home)).toBeNull();
    const [first] = listBackups(home);
    const made = Array.from({ length: 120 }, (_, age) => {
      const at = Date.UTC(2025, 5, 30) - age * 24 * 3_600_000;
      const name = join(home, 'backups', `tessera-${20200000 + age}-000000000.db`);
      copyFileSync(first.path, name);
      utimesSync(name, at / 1000, at / 1000);
      return { name, day: new Date(at).toISOString().slice(0, 10) };
    });
    rmSync(first.path);
    const newest = await backUpWhenDue(home);
    const dayOf = (path: string) => made.find(({ name }) => name === path)?.day;
    const kept = listBackups(home).map(({ path }) => (path === newest?.path ? 'now' : dayOf(path)));
    // Of the days and weeks this one is the first, of the months June the second.
    expect(kept).toEqual(['now', '2025-06-30', '2025-06-29', '2025-06-25', '2025-05-31']);
  });

  it('are due where the newest one is of a clock that was ahead, and none of them is old for one that jumps', async () => {
    const home = temporaryHome();
    temporaryStore(home);
    await backUpWhenDue(home);
    const [first] = listBackups(home);
    const ahead = Date.now() + 400 * 24 * 3_600_000;
    utimesSync(first.path, ahead / 1000, ahead / 1000);
    expect(await backUpWhenDue(home)).not.toBeNull();
    expect(await backUpWhenDue(home)).toBeNull();
    expect(await backUpWhenDue(home, ahead + 24 * 3_600_000)).not.toBeNull();
    // Of this day the newest one, as on any day.
    expect(listBackups(home).map(({ path }) => path)).toContain(first.path);
    expect(listBackups(home)).toHaveLength(2);
  });

  it('are made by commands, too, but not of a home that is new', async () => {
    const home = temporaryHome();
    temporaryStore(home);
    const aDay = 24 * 3_600_000;
    expect(await backUpAfterCommand(home)).toBeNull();
    expect(await backUpAfterCommand(home, Date.now() + 2 * aDay)).not.toBeNull();
    expect(await backUpAfterCommand(home)).toBeNull();
    const [{ path }] = listBackups(home);
    utimesSync(path, 1, 1);
    expect((await tessera(home, 'projects', 'list')).code).toBe(0);
    expect(listBackups(home)).toHaveLength(1);
    expect((await tessera(home, 'projects', 'create', 'Films')).code).toBe(0);
    expect(listBackups(home)).toHaveLength(2);
  });

  it('of another program, or of a later version, are refused, and one in use is restored with its log', async () => {
    const home = temporaryHome();
    openStore(home).close();
    const other = join(home, 'places.sqlite');
    new Database(other).exec('CREATE TABLE places (id); PRAGMA user_version = 3').close();
    await expect(restoreBackup(home, other)).rejects.toThrow('belongs to another program');
    const later = join(home, 'later.db');
    copyFileSync(join(home, 'tessera.db'), later);
    new Database(later).exec('PRAGMA user_version = 9999').close();
    await expect(restoreBackup(home, later)).rejects.toThrow('was written by a newer version');
    const source = temporaryHome();
    const { id } = addRun(temporaryStore(source));
    const copy = join(home, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(join(source, `tessera.db${end}`), `${copy}${end}`);
    await restoreBackup(home, copy);
    expect(temporaryStore(home).runs.get(id).id).toBe(id);
  });

  it('are made, listed and restored by command', async () => {
    const home = temporaryHome();
    openStore(home).close();
    expect((await tessera(home, 'backup', 'create')).out).toMatch(
      /^Wrote .*backups.tessera-\d{8}-\d{9}\.db\.\n$/,
    );
    expect((await tessera(home, 'backup', 'list')).out.trim().split('\n')).toHaveLength(1);
    expect((await tessera(home, 'backup', 'restore')).out).toMatch(/^Restored .* What was there is now /);
    expect((await tessera(temporaryHome(), 'backup', 'restore')).error).toMatch(/there is no backup in it/);
  });
});

it('only rows that this program cannot have written are called damage', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const { id } = addRun(store);
  const { error } = z.object({ id: z.string() }).safeParse({});
  expect(explainFailure(error, home)).toBe(error);
  const database = new Database(join(home, 'tessera.db'));
  database.prepare(`UPDATE runs SET config = 'x' WHERE id = ?`).run(id);
  database.close();
  expect(() => store.runs.get(id)).toThrow(/tessera\.db is damaged \(config/);
});

describe('a damaged database', () => {
  /** Overwrites pages, or parts of them, with what disks leave there. */
  function damage(path: string, random: Random): void {
    const { size } = statSync(path);
    const file = openSync(path, 'r+');
    for (let count = 1 + Math.floor(random.uniform() * 4); count > 0; count--) {
      const page = Math.floor((random.uniform() * size) / 4096) * 4096;
      const at = page + (random.uniform() < 0.5 ? 0 : Math.floor(random.uniform() * 4000));
      const length = random.uniform() < 0.5 ? 4096 : 1 + Math.floor(random.uniform() * 60);
      const bytes = Buffer.alloc(Math.min(length, size - at));
      if (random.uniform() < 0.7) for (let i = 0; i < bytes.length; i++) bytes[i] = random.uniform() * 256;
      writeSync(file, bytes, 0, bytes.length, at);
    }
  }

  it('is named as such in one line that says which backup there is, whatever page it is', async () => {
    const home = temporaryHome();
    const path = join(home, 'tessera.db');
    copyFileSync(join(old, 'tessera.db'), path);
    const { runs } = temporaryStore(home);
    const [id] = runs.list().map((run) => run.id);
    expect(id).toBeDefined();
    await backUp(home);
    const whole = readFileSync(listBackups(home)[0].path);
    let named = 0;
    for (const number of some([...Array(60).keys()], 12)) {
      const damaged = temporaryHome();
      mkdirSync(join(damaged, 'backups'));
      if (number % 2 === 0) writeFileSync(join(damaged, 'backups', 'b.db'), whole);
      writeFileSync(join(damaged, 'tessera.db'), whole);
      damage(join(damaged, 'tessera.db'), new Random(1, number, 'damage'));
      for (const args of [
        ['runs', 'list'],
        ['runs', 'show', id],
        ['datasets', 'list'],
      ]) {
        const { code, error } = await tessera(damaged, ...args);
        expect([number, args, error]).toEqual([
          number,
          args,
          expect.not.stringContaining('unexpected error'),
        ]);
        expect(error.split('\n').length).toBeLessThanOrEqual(2);
        if (code === 0 || !/is damaged/.test(error)) continue;
        named++;
        expect(error).toMatch(
          number % 2 === 0 ? /restore the backup of .*b\.db, with/ : /there is no backup of it/,
        );
      }
    }
    expect(named).toBeGreaterThan(isWhole ? 10 : 0);
  });

  it('is not blamed for what is no damage', () => {
    const home = temporaryHome();
    temporaryStore(home);
    const error = new TypeError('a defect');
    expect(explainFailure(error, home)).toBe(error);
    expect(explainFailure(new UserError('a mistake'), home)).toBeInstanceOf(UserError);
  });
});
