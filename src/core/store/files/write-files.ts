/** Writes what has changed in the database into the files that it can be made again from. */
import { mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HOME_FILE } from '../home/home-paths.ts';
import type { Store } from '../store.ts';
import { KEPT_FILE, writeKept } from './kept-journal.ts';
import { jsonText, RUN_FILE } from './run-file.ts';
import type { Mark } from './unwritten.ts';

/** Written side by side, and put in place in one transaction: others wait for that. */
const BATCH = 32;

export interface WriteOptions {
  /** Milliseconds, after which the rest is left to the next call. */
  within?: number;
  /** Curves and ranks, too, which can be large. */
  kept?: boolean;
}

/**
 * Writes the files of what has changed: each whole or not at all, and under its name only while it is what the database says.
 * What is not written, as on a full disk, stays marked.
 */
export function writeFiles(store: Store, options: WriteOptions = {}): Promise<void> {
  if (store.isReadOnly) return Promise.resolve();
  // Of one process one writes at a time: they would write the same files.
  const mine = (writing.get(store) ?? Promise.resolve()).then(() => writeMarked(store, options));
  writing.set(
    store,
    mine.catch(() => undefined),
  );
  return mine;
}

const writing = new WeakMap<Store, Promise<void>>();

async function writeMarked(store: Store, { within = Infinity, kept = true }: WriteOptions): Promise<void> {
  const parts = kept ? (['run', 'kept', 'home'] as const) : (['run', 'home'] as const);
  const deadline = performance.now() + within;
  let after = 0;
  do {
    const marks = store.unwritten.next(parts, after, BATCH);
    if (marks.length === 0) return;
    after = marks[marks.length - 1].id;
    await writeBatch(store, marks);
  } while (performance.now() < deadline);
}

async function writeBatch(store: Store, marks: readonly Mark[]): Promise<void> {
  const written = await Promise.all(
    marks.map(async (mark) => {
      const path = placeOf(store.home, mark);
      const partial = partialOf(store.home, mark, path);
      await writePartial(store, mark, partial);
      return { mark, path, partial };
    }),
  );
  const placed = store.transaction(() =>
    written.filter(({ mark, path, partial }) => {
      if (store.unwritten.isCurrent(mark)) {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        renameSync(partial, path);
        return true;
      }
      rmSync(partial, { force: true });
      if (mark.part === 'kept') removeIfEmpty(dirname(path));
      return false;
    }),
  );
  await Promise.all([...new Set(placed.map(({ path }) => dirname(path)))].map(syncFolder));
  store.transaction(() => {
    for (const { mark } of placed) store.unwritten.clear(mark);
  });
}

function placeOf(home: string, { part, run }: Mark): string {
  if (run === null) return join(home, HOME_FILE);
  return join(home, 'runs', run, part === 'run' ? RUN_FILE : KEPT_FILE);
}

/** Beside the folders of runs: one that is deleted meanwhile is not made again. A journal names its files by its own place. */
function partialOf(home: string, { part, run }: Mark, path: string): string {
  const by = process.pid.toString(16).padStart(8, '0');
  if (part === 'kept') return join(dirname(path), `.${KEPT_FILE}.${by}.partial`);
  return run === null
    ? join(home, `.${HOME_FILE}.${by}.partial`)
    : join(home, 'runs', `.${run}.${by}.partial`);
}

async function writePartial(store: Store, { part, run }: Mark, partial: string): Promise<void> {
  if (part === 'kept' && run !== null && store.runs.exists(run)) return writeKept(store, run, partial);
  const content = run === null ? store.homeFile.content() : store.runFiles.of(run);
  if (content === null || part === 'kept') return;
  await mkdir(dirname(partial), { recursive: true, mode: 0o700 });
  await rm(partial, { force: true });
  const file = await open(partial, 'wx', 0o600);
  try {
    await file.writeFile(jsonText(content));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for syncing.
  if (process.platform === 'win32') return;
  const opened = await open(folder, 'r').catch(() => null);
  await opened?.sync();
  await opened?.close();
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds something, or is gone.
  }
}
