import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, test, vi } from 'vitest';
import { addRun, temporaryHome } from '../../../test/store/home.ts';
import { ownIdentity } from '../../core/process-identity.ts';
import { HeldDatabase } from '../../core/store/db/held-database.ts';
import { openStore } from '../../core/store/store.ts';
import { choiceFile, readChoice, writeChoice } from './choice.ts';
import { findHome } from './home.ts';
import { copyHome, INCOMING, ownEntries, renameEntries } from './move.ts';

/** A home with a run, a checkpoint and files that are not ours; returns the run. */
function makeHome(home: string): string {
  const store = openStore(home);
  const { id } = addRun(store);
  store.close();
  for (const [path, content] of [
    [`runs/${id}/checkpoints/last-1.safetensors`, 'tensors'],
    ['datasets/beauty-0a1b/dataset.json', '{}'],
    ['datasets/beauty-0a1b/empty.parquet', ''],
    ['uploads/a/ratings.csv', '1,2'],
    ['tessera-before-migration-from-1.db', 'backup'],
    ['backups/tessera-20260102-030405006.db', 'backup'],
    ['tessera-replaced-20260102-030405006.db', 'replaced'],
    ['tessera-replaced-20260102-030405006.db-wal', 'its log'],
    ['Preferences', 'of Electron'],
  ]) {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  return id;
}

/** Path → content of all files but the database's and what is not ours. */
function contentOf(home: string): Record<string, string> {
  const own = ownEntries(home).filter((name) => name !== 'tessera.db');
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .filter((path) => own.includes(path.split(sep)[0]));
  return Object.fromEntries(files.sort().map((path) => [path, readFileSync(join(home, path), 'utf8')]));
}

const runsOf = (home: string) => {
  const store = openStore(home);
  const ids = store.runs.list().map(({ id }) => id);
  store.close();
  return ids;
};

test.each(['renamed', 'copied'])('a home that is %s survives an interruption at any name', (how) => {
  const user = temporaryHome();
  const on = { env: {}, platform: 'linux', userFolder: user } as const;
  const template = join(user, 'template');
  const run = makeHome(template);
  const whole = { ...contentOf(template) };
  const names = ownEntries(template);
  for (let renamed = 0; renamed <= names.length; renamed++) {
    const [home, to] = [join(user, `home-${renamed}`), join(user, `to-${renamed}`)];
    cpSync(template, home, { recursive: true });
    const from = how === 'renamed' ? home : join(to, INCOMING);
    mkdirSync(to);
    if (how === 'copied') cpSync(template, from, { recursive: true });
    writeChoice(choiceFile(on), { home, move: { from, to, copied: how === 'copied' ? home : null } });
    for (const name of names.slice(0, renamed)) renameSync(join(from, name), join(to, name));
    // Killed here; whoever starts next, for whatever home, finishes it.
    expect(findHome(how === 'copied' ? 'another' : undefined, on).home).toBe(
      how === 'copied' ? 'another' : to,
    );
    expect([renamed, contentOf(to), runsOf(to)]).toEqual([renamed, whole, [run]]);
    expect(readdirSync(home)).toEqual(['Preferences']);
    expect(existsSync(join(to, INCOMING))).toBe(false);
    expect(readChoice(choiceFile(on))).toEqual({ home: to, move: null });
  }
});

test.skipIf(process.platform !== 'linux')(
  'a move that a living process is at is left to it, and finished once that has ended',
  () => {
    const user = temporaryHome();
    const on = { env: {}, platform: 'linux', userFolder: user } as const;
    const [home, to] = [join(user, 'home'), join(user, 'to')];
    const run = makeHome(home);
    const move = { from: home, to, copied: null };
    // The process that started this one lives.
    const parent = { ...ownIdentity(), pid: process.ppid, startTime: startOf(process.ppid) };
    writeChoice(choiceFile(on), { home, move: { ...move, by: parent } });
    expect(() => findHome(undefined, on)).toThrow(`is being moved to ${to} by process ${process.ppid}`);
    expect(existsSync(to)).toBe(false);
    writeChoice(choiceFile(on), { home, move: { ...move, by: { ...parent, startTime: '1' } } });
    expect(findHome(undefined, on).home).toBe(to);
    expect(runsOf(to)).toEqual([run]);
  },
);

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Permissions of a home's folders and files, by path. */
function modesOf(home: string): Record<string, number> {
  const inside = ownEntries(home).flatMap((name) => [
    name,
    ...(lstatSync(join(home, name)).isDirectory()
      ? readdirSync(join(home, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path))
      : []),
  ]);
  return Object.fromEntries(['', ...inside].map((path) => [path, lstatSync(join(home, path)).mode & 0o777]));
}

test.skipIf(process.platform === 'win32')("a home that is copied stays its user's alone", async () => {
  const user = temporaryHome();
  const [home, to] = [join(user, 'home'), join(user, 'to')];
  makeHome(home);
  const held = await HeldDatabase.hold(home);
  const incoming = await copyHome(home, to, held, { onProgress: () => {} });
  expect(modesOf(incoming)).toEqual(modesOf(home));
  renameEntries(incoming, to);
  expect([modesOf(to)[''], modesOf(to)['tessera.db']]).toEqual([0o700, 0o600]);
  renameEntries(to, join(user, 'renamed'));
  expect(modesOf(join(user, 'renamed'))['']).toBe(0o700);
  held.release();
});

test('a copy is whole, told of, kept from others, and gone where it is cancelled', async () => {
  const user = temporaryHome();
  const [home, to] = [join(user, 'home'), join(user, 'to')];
  const run = makeHome(home);
  const open = openStore(home);
  await expect(HeldDatabase.hold(home, 300)).rejects.toThrow(`another program works in ${home}`);
  open.close();
  const held = await HeldDatabase.hold(home);
  const seen: number[] = [];
  const abort = new AbortController();
  const onProgress = ({ done, total }: { done: number; total: number }) => seen.push(done / total);
  const incoming = await copyHome(home, to, held, { onProgress });
  expect(contentOf(incoming)).toEqual(contentOf(home));
  expect(runsOf(incoming)).toEqual([run]);
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted());
  // Whoever answers a window meanwhile goes on.
  const turn = vi.fn();
  setImmediate(turn);
  await held.copyTo(join(user, 'copy.db'));
  expect(turn).toHaveBeenCalled();
  const cancelling = copyHome(home, to, held, { onProgress: () => abort.abort(), signal: abort.signal });
  await expect(cancelling).rejects.toThrow('cancelled');
  expect(readdirSync(to)).toEqual([]);
  held.release();
  rmSync(to, { recursive: true });
  expect(runsOf(home)).toEqual([run]);
});
