/** Runs that other programs write into a home: folders with a journal that says what trains. docs/journal.md has how. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { foreignHeadOf } from '../../training/foreign-journal.ts';
import { RUN_FILE, readRunFile } from '../files/run-file.ts';
import { entriesOf } from '../home/home-paths.ts';
import { isRunId } from '../runs/run-id.ts';
import type { Store } from '../store.ts';

/** The journal of the first attempt, which is the only one of a run of another program. */
const JOURNAL = /^events-1-\d+\.jsonl$/;

/** What has been looked at: when the folder of all runs last changed, and the runs that were in it. */
interface Seen {
  changed: number;
  ids: Set<string>;
}

/** The coarsest clock of a file system. */
const TICK_MS = 2_000;
/** A look takes about so long; what it did not come to is left for the next one. */
const LOOK_MS = 200;

const seenIn = new WeakMap<Store, Seen>();

/**
 * Gives a row to every run that another program has begun since the last look, and another turn to those that write on after
 * they were taken for killed. Each is then one whose host is lost: whoever trains the queue follows it to its end. Returns
 * their ids. Costs one look at a folder where no run has been added, and of a journal its first two lines.
 */
export function takeInForeignRuns(store: Store): string[] {
  const began = performance.now();
  const ids = reclaimLiving(store);
  const changed = statSync(join(store.home, 'runs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const seen = seenIn.get(store) ?? { changed: Number.NaN, ids: new Set() };
  if (seen.changed === changed) return ids;
  const added = entriesOf(store.home, 'runs').filter((id) => !seen.ids.has(id) && isRunId(id));
  const unknown = new Set(store.foreign.unknown(added));
  let isWhole = true;
  for (const [at, id] of added.entries()) {
    isWhole = at === 0 || performance.now() - began < LOOK_MS;
    if (!isWhole) break;
    if (unknown.has(id) && takeIn(store, id)) ids.push(id);
    seen.ids.add(id);
  }
  // In the same tick of the file system's clock one more may come.
  const isOver = isWhole && Date.now() - changed > TICK_MS;
  seenIn.set(store, { ...seen, changed: isOver ? changed : Number.NaN });
  return ids;
}

/** One whose machine slept was taken for killed; its journal has changed since. */
function reclaimLiving(store: Store): string[] {
  return store.foreign.interrupted().flatMap(({ run, journal, endedAt }) => {
    const path = join(store.runs.folder(run), journal);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Math.round(changed) <= endedAt) return [];
    store.lifecycle.reclaim(run);
    return [run];
  });
}

function takeIn(store: Store, id: string): boolean {
  const folder = store.runs.folder(id);
  const files = filesOf(folder);
  // One that a database knew before has more in that file than its journal says: it waits to be adopted.
  if (files.includes(RUN_FILE) && isFiled(folder)) return false;
  const journal = files.find((name) => JOURNAL.test(name));
  const head = journal === undefined ? null : foreignHeadOf(join(folder, journal));
  if (journal === undefined || head === null) return false;
  const { run, process, skipped } = head;
  return store.transaction(() => {
    if (store.foreign.unknown([id]).length === 0) return false;
    store.foreign.addImported(id, run, { journal, pid: process.pid });
    const { time } = run;
    store.logs.append(
      id,
      skipped.map((message) => ({ time, level: 'warn', message })),
    );
    return true;
  });
}

/** Other programs may have files of this name, too. */
function isFiled(folder: string): boolean {
  try {
    readRunFile(folder);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
