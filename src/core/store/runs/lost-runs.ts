/** Runs whose host has ended before them: their journals say what became of them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { type Ending, giveUpJournal, isWriterAlive, readToEnd } from '../../training/journal.ts';
import { isBadHome, isBusy } from '../db/connection.ts';
import type { Store } from '../store.ts';
import type { LostAttempt } from './lifecycle.ts';
import { recordEvents } from './record-events.ts';
import type { RunOutcome } from './run-life.ts';

type Closing = Omit<Ending, 'outcome'> & { outcome: RunOutcome };

/** The journal of an attempt; null for one of before there were any. */
export function journalOf(
  store: Store,
  { run, journal }: Pick<LostAttempt, 'run' | 'journal'>,
): string | null {
  return journal === null ? null : join(store.runs.folder(run), journal);
}

/** Running runs that nobody hosts any more, and whose trainers go on, or may go on on another machine. */
export function orphanedRuns(store: Store): LostAttempt[] {
  return store.lifecycle.lost().filter((attempt) => mayTrain(store, attempt));
}

/**
 * Ends the attempt of every running run whose host and trainer have ended: as its journal says, with all that it has; where it
 * does not say, the run is interrupted, or waits again if the queue had begun it. Returns their ids.
 */
export function settleLostRuns(store: Store): string[] {
  return store.lifecycle.lost().flatMap((attempt) => (settle(store, attempt) ? [attempt.run] : []));
}

function mayTrain(store: Store, attempt: LostAttempt): boolean {
  if (attempt.place !== null) return true;
  const journal = journalOf(store, attempt);
  return journal !== null && isWriterAlive(journal);
}

function settle(store: Store, attempt: LostAttempt): boolean {
  // Its host is asked by whoever takes it over.
  if (attempt.place !== null) return false;
  const journal = journalOf(store, attempt);
  // From here on, a trainer that its host had only just started will not begin.
  if (journal !== null) giveUpJournal(journal);
  if (mayTrain(store, attempt)) return false;
  try {
    return store.transaction(() => {
      if (!store.lifecycle.takeOver(attempt)) return false;
      const ending = journal === null ? null : record(store, attempt, journal);
      close(store, attempt, ending ?? interrupted(attempt, journal));
      return true;
    });
  } catch (error) {
    if (isBadHome(error) || isBusy(error)) throw error;
    // What can never be stored fails the run.
    return store.transaction(() => {
      if (!store.lifecycle.takeOver(attempt)) return false;
      close(store, attempt, { outcome: 'failed', message: messageOf(error, 'window'), log: null });
      return true;
    });
  }
}

/** Writes what the store does not have yet; returns how the trainer ended, or null where it did not say. */
function record(store: Store, attempt: LostAttempt, journal: string): Ending | null {
  let ending: Ending | null = null;
  for (const part of readToEnd(journal, attempt.offset)) {
    recordEvents(store, attempt.run, part.events);
    ending = part.ending;
  }
  return ending;
}

function interrupted({ pid }: LostAttempt, journal: string | null): Closing {
  const host = pid === null ? 'its process' : `process ${pid}, which ran it,`;
  const message = `${host} ended before the run did`;
  // What it wrote last says when that was, however late anybody looks.
  const time = journal === null ? undefined : statSync(journal, { throwIfNoEntry: false })?.mtimeMs;
  return { outcome: 'interrupted', message, log: null, time: time && Math.round(time) };
}

function close(store: Store, { run, attempt }: LostAttempt, closing: Closing): void {
  const { outcome, message, log, time } = closing;
  store.lifecycle.end(run, outcome, message, attempt, time);
  if (log) store.logs.append(run, [{ time: time ?? Date.now(), level: 'error', message: log }]);
}
