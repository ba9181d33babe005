/** Brings runs and data sets into the database whose folders are there: those of one that was lost, restored or left behind. */
import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readSummary } from '../../data/read.ts';
import type { DatasetSummary } from '../../data/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import { readForeignPart } from '../../training/foreign-journal.ts';
import { type Ending, type JournalPart, readToEnd } from '../../training/journal.ts';
import { isBadHome, isBusy } from '../db/connection.ts';
import { takeInForeignRuns } from '../others/foreign-runs.ts';
import { recordEvents } from '../runs/record-events.ts';
import { isRunId } from '../runs/run-id.ts';
import { phaseOf } from '../runs/run-life.ts';
import type { Store } from '../store.ts';
import type { FiledDataset } from './home-file.ts';
import { KEPT_FILE, readKept } from './kept-journal.ts';
import {
  type FiledAttempt,
  JOURNAL_NAME,
  RUN_FILE,
  type RunFile,
  readOwnJson,
  readRunFile,
} from './run-file.ts';
import { trainerIn } from './stray-trainer.ts';

/** A stray folder by its path inside the home, and why it was not adopted: one line, which names it. */
export interface NotAdopted {
  path: string;
  problem: string;
}

const DATASET_ID = /^[a-z0-9][a-z0-9-]*$/;

const summarySchema = z.looseObject({
  ...{ id: z.string(), name: z.string(), createdAt: z.string(), fingerprint: z.string() },
  statistics: z.looseObject({ users: z.int(), items: z.int(), interactions: z.int() }),
});

/** Adopts stray folders by their paths inside the home, each by itself; returns those that could not be, and why. */
export function adoptFolders(store: Store, paths: readonly string[]): NotAdopted[] {
  return paths.flatMap((path) => {
    try {
      adoptFolder(store, path);
      return [];
    } catch (error) {
      if (isBadHome(error) || isBusy(error)) throw error;
      return [{ path, problem: messageOf(error) }];
    }
  });
}

/** Adopts a stray folder by its path inside the home. Throws UserError where it does not say what it is. */
export function adoptFolder(store: Store, path: string): void {
  const [folder, id, ...rest] = path.split('/');
  if (rest.length === 0 && folder === 'runs' && id !== undefined) adoptRun(store, id);
  else if (rest.length === 0 && folder === 'datasets' && id !== undefined) adoptDataset(store, id);
  else throw new UserError(`${path}: is no folder of a run or a data set`);
}

/**
 * Adds the run of a folder: by its run.json, its curves, ranks and log by its journals; one of another program by its journal.
 * Throws UserError where that is not possible; nothing is added then.
 */
export function adoptRun(store: Store, id: string): void {
  const folder = store.runs.folder(id);
  if (!isRunId(id)) throw new UserError(`runs/${id}: is not the name of a run's folder`);
  if (store.runs.exists(id)) throw new UserError(`runs/${id}: is known already`);
  if (!isPlain(join(folder, RUN_FILE), 'isFile')) {
    takeInForeignRuns(store);
    if (store.runs.exists(id)) return;
    throw new UserError(`runs/${id}: has no ${RUN_FILE}, which says what it is`);
  }
  const file = readRunFile(folder);
  store.transaction(() => {
    store.runFiles.add(file);
    const kept = join(folder, KEPT_FILE);
    if (isPlain(kept, 'isFile')) readKept(store, id, kept);
    replay(store, file, folder);
    followTrainer(store, file, folder);
    // As whoever asks for it reads it, so that no row is there that cannot be read.
    store.runs.get(id);
    store.runs.attempts(id);
  });
}

/** Leaves a run that still trains on this machine to whoever works through the queue, like any run whose host has ended. */
function followTrainer(store: Store, { id, run }: RunFile, folder: string): void {
  const trainer = run.kind === 'own' ? trainerIn(folder, store.machine) : null;
  const { number = 0 } = store.runs.attempts(id).at(-1) ?? {};
  const isLast = trainer !== null && store.lifecycle.journal(id, number) === basename(trainer.journal);
  if (isLast && trainer.liveness === 'alive' && store.runs.get(id).status === 'interrupted')
    store.lifecycle.reclaim(id);
}

/** Has the journals tell again what they told. */
function replay(store: Store, file: RunFile, folder: string): void {
  const { id, run } = file;
  let last: { number: number; ending: Ending | null } | null = null;
  for (const attempt of attemptsIn(file, folder)) {
    store.runFiles.addAttempt(id, attempt);
    const journal = attempt.journal && join(folder, attempt.journal);
    const ending =
      journal && isPlain(journal, 'isFile') ? replayJournal(store, id, attempt.number, journal) : null;
    last = { number: attempt.number, ending };
  }
  store.runFiles.finish(file);
  const isOver = phaseOf(run.status) === 'ended' && last?.number === file.attempts.at(-1)?.number;
  if (isOver || last === null || last.ending === null) return;
  const { outcome, message, time } = last.ending;
  store.runFiles.end(id, last.number, { outcome, message, time: Math.round(time ?? run.created_at) });
}

function replayJournal(store: Store, run: string, attempt: number, journal: string): Ending | null {
  let ending: Ending | null = null;
  const parts = store.runs.kindOf(run) === 'own' ? readToEnd(journal, 0) : readForeign(journal);
  for (const part of parts) {
    recordEvents(store, run, part.events);
    ending = part.ending ?? ending;
    store.lifecycle.setJournalOffset(run, attempt, part.offset);
  }
  if (ending?.log)
    store.logs.append(run, [{ time: Math.round(ending.time ?? 0), level: 'error', message: ending.log }]);
  return ending;
}

/** As `readToEnd`, of what another program wrote. */
function* readForeign(journal: string): Generator<JournalPart> {
  for (let at = 0; ; ) {
    const part = readForeignPart(journal, at);
    if (part.offset === at) return;
    at = part.offset;
    yield part;
  }
}

/** Those of the file, and those that began after it was written. */
function attemptsIn({ attempts }: RunFile, folder: string): FiledAttempt[] {
  const known = new Set(attempts.map(({ number }) => number));
  const later = readdirSync(folder).flatMap((journal): FiledAttempt[] => {
    const [, number, time] = JOURNAL_NAME.exec(journal) ?? [];
    if (number === undefined || known.has(Number(number)) || !Number.isSafeInteger(Number(time))) return [];
    const unknown = {
      pid: 0,
      ended_at: null,
      outcome: null,
      code_version: null,
      place: null,
      processors: null,
    };
    return [{ number: Number(number), started_at: Number(time), from_step: 0, journal, ...unknown }];
  });
  return [...attempts, ...later].sort((a, b) => a.number - b.number);
}

/**
 * Adds the data set of a folder, under a free name, and says of its runs that it is there again. Throws UserError where the
 * folder is not whole.
 */
export function adoptDataset(store: Store, id: string, filed?: FiledDataset): void {
  const folder = store.datasets.folder(id);
  if (!DATASET_ID.test(id)) throw new UserError(`datasets/${id}: is not the name of a data set's folder`);
  if (store.datasets.has(id)) throw new UserError(`datasets/${id}: is known already`);
  const said = summarySchema.safeParse(readOwnJson(join(folder, 'dataset.json')));
  if (!said.success || said.data.id !== id)
    throw new UserError(`datasets/${id}: its dataset.json is not as Tessera writes it`);
  const summary: DatasetSummary = readSummary(folder);
  store.datasets.adopt({ ...summary, name: filed?.name ?? summary.name }, filed?.deleted_at ?? null);
}

/** Whether something of a home is what it is to be, and no link to another place. */
export function isPlain(path: string, is: 'isFile' | 'isDirectory'): boolean {
  try {
    return lstatSync(path)[is]();
  } catch {
    return false;
  }
}
