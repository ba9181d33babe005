import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addRun, temporaryHome } from '../../../test/store/home.ts';
import { parentProcess } from '../../../test/store/parent-process.ts';
import { openStore } from '../../core/store/open-store.ts';
import { choiceFile, readChoice, writeChoice } from './choice.ts';
import { findHome } from './home.ts';
import { INCOMING } from './interrupted-move.ts';

// So that a test can act between two steps of a move.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, renameSync: vi.fn(fs.renameSync) };
});

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

/** What belongs to a home, in the order in which it moves. */
function homeEntries(home: string): string[] {
  return ['tessera.db', ...readdirSync(home).filter((name) => !/^(tessera\.db.*|Preferences)$/.test(name))];
}

/** Path → content of all files but the database's and what is not ours. */
function contentOf(home: string): Record<string, string> {
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .filter((path) => !/^(tessera\.db.*|Preferences)$/.test(path));
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
  const names = homeEntries(template);
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

test.each(['renamed', 'copied'])('two processes finish a move of a home that is %s at once', (how) => {
  const user = temporaryHome();
  const on = { env: {}, platform: 'linux', userFolder: user } as const;
  const [home, to] = [join(user, 'home'), join(user, 'to')];
  const run = makeHome(home);
  const whole = contentOf(home);
  const from = how === 'renamed' ? home : join(to, INCOMING);
  if (how === 'copied') cpSync(home, from, { recursive: true });
  writeChoice(choiceFile(on), { home, move: { from, to, copied: how === 'copied' ? home : null } });
  // The other one does everything between this one's look at an entry and its rename.
  const renames = vi.mocked(renameSync);
  onTestFinished(() => void renames.mockClear());
  renames.mockImplementationOnce((source, target) => {
    expect(findHome(undefined, on).home).toBe(to);
    renameSync(source, target);
  });
  expect(findHome(undefined, on).home).toBe(to);
  expect(contentOf(to)).toEqual(whole);
  expect(runsOf(to)).toEqual([run]);
  expect(readdirSync(home)).toEqual(['Preferences']);
  expect(readChoice(choiceFile(on))).toEqual({ home: to, move: null });
  if (process.platform !== 'win32' && how === 'renamed') expect(statSync(to).mode & 0o777).toBe(0o700);
});

test('a move whose folders are gone is finished once they are back', () => {
  const user = temporaryHome();
  const on = { env: {}, platform: 'linux', userFolder: user } as const;
  const [home, to, away] = ['home', 'to', 'away'].map((name) => join(user, name));
  const run = makeHome(home);
  const move = { from: home, to, copied: null };
  writeChoice(choiceFile(on), { home, move });
  renameSync(home, away);
  expect(() => findHome(undefined, on)).toThrow(/cannot be finished \(tessera.db is in neither: connect/);
  expect(readChoice(choiceFile(on))).toEqual({ home, move });
  renameSync(away, home);
  expect(findHome(undefined, on).home).toBe(to);
  expect(runsOf(to)).toEqual([run]);
});

test.skipIf(process.platform !== 'linux')(
  'a move that a living process is at is left to it, and finished once that has ended',
  () => {
    const user = temporaryHome();
    const on = { env: {}, platform: 'linux', userFolder: user } as const;
    const [home, to] = [join(user, 'home'), join(user, 'to')];
    const run = makeHome(home);
    const move = { from: home, to, copied: null };
    const parent = parentProcess();
    writeChoice(choiceFile(on), { home, move: { ...move, by: parent } });
    expect(() => findHome(undefined, on)).toThrow(`is being moved to ${to} by process ${process.ppid}`);
    expect(existsSync(to)).toBe(false);
    writeChoice(choiceFile(on), { home, move: { ...move, by: { ...parent, startTime: '1' } } });
    expect(findHome(undefined, on).home).toBe(to);
    expect(runsOf(to)).toEqual([run]);
  },
);
