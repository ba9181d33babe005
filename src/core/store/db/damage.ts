/** A database that is damaged or gone, and what can be done about it. */
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { countText } from '../../names.ts';
import { bytesOf, DATABASE, databaseOf, entriesOf, holdsDatabase } from '../home/home-paths.ts';

export interface Backup {
  path: string;
  /** When it was made, in Unix milliseconds. */
  at: number;
}

/** The backups of a home, those before migrations included, newest first. */
export function listBackups(home: string): Backup[] {
  const found = [
    ...entriesOf(home, 'backups').map((name) => join(home, 'backups', name)),
    ...entriesOf(home, '.')
      .filter((name) => name.startsWith('tessera-before-migration-'))
      .map((name) => join(home, name)),
  ];
  return found
    .filter((path) => path.endsWith('.db'))
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at);
}

/** What a home that has no database, or an empty one, holds all the same: "3 runs and 1 backup"; null where nothing. */
export function orphanedData(home: string): string | null {
  const path = databaseOf(home);
  if (holdsDatabase(path)) return null;
  const counts = [
    [entriesOf(home, 'runs').length, 'run'],
    [entriesOf(home, 'datasets').length, 'data set'],
    [bytesOf(`${path}-wal`) > 0 ? 1 : 0, 'database log'],
    [listBackups(home).length, 'backup'],
  ] as const;
  const found = counts.filter(([count]) => count > 0).map(([count, noun]) => countText(count, noun));
  return found.length === 0 ? null : new Intl.ListFormat('en').format(found);
}

/** Throws UserError where a home has lost its database: to begin an empty one over its data takes a decision. */
export function refuseLostDatabase(home: string): void {
  const found = orphanedData(home);
  if (found === null) return;
  const path = databaseOf(home);
  const state = entriesOf(home, '.').includes(basename(path)) ? 'is empty' : 'is missing';
  const [newest] = listBackups(home);
  const restore =
    newest === undefined
      ? { cli: `put a copy of ${DATABASE} there`, window: `put a copy of ${DATABASE} there` }
      : {
          cli: `restore the newest backup, of ${dayOf(newest)}, with "tessera backup restore"`,
          window: `copy the newest backup, ${newest.path}, to ${path}`,
        };
  throw new UserError({
    code: 'bad-home',
    problem: `the database ${path} ${state}, but the folder still holds ${found}`,
    fix: {
      cli: `${restore.cli}, make it again from the folders with "tessera backup rebuild", or start with an empty database, which will not list them, with "tessera backup begin-new"`,
      window: `${restore.window}, or move the folders runs, datasets and backups elsewhere to start over`,
    },
  });
}

const dayOf = ({ at }: Backup) => new Date(at).toISOString().slice(0, 10);

/** Says that the database is damaged, and which backup there is. */
export function damagedError(path: string, detail: string, cause?: unknown): UserError {
  const [newest] = listBackups(dirname(path));
  const problem = `${path} is damaged (${detail})`;
  if (newest === undefined) {
    const kept = 'data sets and the files of runs stay where they are';
    const move = 'there is no backup of it: move it away';
    const fix = {
      cli: `${move}, then make it again from the folders with "tessera backup rebuild"`,
      window: move,
    };
    return new UserError({ code: 'bad-home', problem, kept, fix }, { cause });
  }
  const restore = `restore the backup of ${dayOf(newest)}, ${newest.path}`;
  const fix = { cli: `${restore}, with "tessera backup restore"`, window: restore };
  return new UserError({ code: 'bad-home', problem, fix }, { cause });
}
