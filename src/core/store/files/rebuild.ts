/** Makes the database of a home anew from its folders. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';
import { syncPath } from '../../files/durable.ts';
import { moveAside, removeDatabase, requireAlone } from '../db/backup.ts';
import { foundProblem } from '../db/check.ts';
import { homeError } from '../db/connection.ts';
import { createDatabase, isReadOnly } from '../db/open.ts';
import { databaseOf, entriesOf, HOME_FILE, holdsDatabase, stamp } from '../home/home-paths.ts';
import { Store } from '../store.ts';
import { adoptDataset, adoptRun, isPlain } from './adopt.ts';
import type { FiledDataset } from './home-file.ts';
import { RUN_FILE } from './run-file.ts';

export interface Rebuilt {
  /** How many are there again. */
  runs: number;
  datasets: number;
  /** Where the database is that was there; null where none was. */
  replaced: string | null;
  /** What is not there again, and why, a line each. */
  lost: string[];
}

/** In no file: the user is told each time. */
const NEVER_KEPT = [
  'the order of the queue: runs that waited or were trained are interrupted, and can be resumed',
  'the hosts of Settings, and what is still to be ended there',
  'log lines that Tessera itself added to runs with a journal',
];

/**
 * Makes the database from run.json, the journals, the folders of data sets and home.json; the one that was there stays beside it
 * under another name.
 * @throws UserError where there is a sound database and it is not to be replaced, or another process has it open
 */
export async function rebuild(home: string, { replace = false } = {}): Promise<Rebuilt> {
  const path = databaseOf(home);
  if (isReadOnly(home)) throw homeError(path, 'SQLITE_READONLY', null);
  if (!replace && holdsDatabase(path) && foundProblem(path) === null) {
    throw new UserError(`${path} is sound: --replace makes it anew all the same, from what the folders say`);
  }
  if (['runs', 'datasets'].every((folder) => entriesOf(home, folder).length === 0))
    throw new UserError(`${home}: holds no folder of a run or a data set to make a database from`);
  await requireAlone(home);
  const partial = join(home, '.rebuilding.db');
  try {
    const rebuilt = fill(home, partial);
    const replaced = moveAside(path);
    renameSync(partial, path);
    // From now on the file says what is there again.
    const file = join(home, HOME_FILE);
    if (existsSync(file)) renameSync(file, join(home, `home-replaced-${stamp()}.json`));
    syncPath(home);
    return { ...rebuilt, replaced };
  } finally {
    removeDatabase(partial);
  }
}

function fill(home: string, path: string): Omit<Rebuilt, 'replaced'> {
  const store = new Store(home, createDatabase(path));
  try {
    const lost: string[] = [];
    const attempt = (what: string, work: () => void) => {
      try {
        work();
      } catch (error) {
        lost.push(`${what}: ${messageOf(error).replace(`${home}/`, '')}`);
      }
    };
    let filed: FiledDataset[] = [];
    if (existsSync(join(home, HOME_FILE))) {
      attempt(HOME_FILE, () => {
        const read = store.homeFile.read(home);
        filed = read.datasets;
        lost.push(...read.lost);
      });
    } else lost.push('projects, studies, saved comparisons and settings: there is no home.json');
    const folders = (of: string) =>
      entriesOf(home, of).filter((id) => isPlain(join(home, of, id), 'isDirectory'));
    for (const id of folders('datasets'))
      attempt(`datasets/${id}`, () =>
        adoptDataset(
          store,
          id,
          filed.find((one) => one.id === id),
        ),
      );
    // In the order in which they were made, so that what one evaluates is there; what its own file tells comes first.
    const [filedRuns, others] = parted(folders('runs').sort(), (id) =>
      existsSync(join(home, 'runs', id, RUN_FILE)),
    );
    for (const id of [...filedRuns, ...others]) {
      if (!store.runs.exists(id)) attempt(`runs/${id}`, () => adoptRun(store, id));
    }
    return { ...store.counts(), lost: [...lost, ...NEVER_KEPT] };
  } finally {
    store.close();
  }
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
