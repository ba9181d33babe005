/** Runs whose host has ended before them: their journals say what became of them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { readForeignPart } from '../../training/foreign-journal.ts';
import { type Ending, giveUpJournal, isWriterAlive, readToEnd } from '../../training/journal.ts';
import { isBadHome, isBusy } from '../db/connection.ts';
import { bytesOf } from '../home/home-paths.ts';
import type { Store } from '../store.ts';
import type { LostAttempt, NotedEnding } from './leases.ts';
import { recordEvents } from './record-events.ts';
import type { RunOutcome } from './run-life.ts';

type Closing = Omit<Ending, 'outcome'> & { outcome: RunOutcome };

/** How long the journals of other programs are read at once. */
const LOOK_MS = 100;

/** The journal of an attempt; null for one of before there were any. */
export function journalOf(
  store: Store,
  { run, journal }: Pick<LostAttempt, 'run' | 'journal'>,
): string | null {
  return journal === null ? null : join(store.runs.folder(run), journal);
}

/** Running runs that nobody hosts any more, and whose trainers go on, may go on on another machine, or have told more than was read. */
export function orphanedRuns(store: Store): LostAttempt[] {
  return store.lifecycle.lost().filter((attempt) => attempt.kind !== 'own' || mayTrain(store, attempt));
}

/**
 * Ends the attempt of every running run whose host and trainer have ended: as its journal says, with all that it has; where it
 * does not say, the run is interrupted, or waits again if the queue had begun it. Of what other programs wrote, as much is read
 * as a moment allows. Returns the ids of those that ended.
 */
export function settleLostRuns(store: Store): string[] {
  const { clock } = store.machine;
  const until = clock.elapsed() + LOOK_MS;
  const lost = store.lifecycle.lost();
  const own = lost.filter(({ kind }) => kind === 'own');
  // One that wrote very much holds up no other one.
  const foreign = lost
    .filter(({ kind }) => kind !== 'own')
    .map((attempt) => ({ attempt, bytes: left(store, attempt) }))
    .sort((a, b) => a.bytes - b.bytes);
  const ended = [
    ...own.filter((attempt) => settled(store, attempt, () => settle(store, attempt))),
    ...foreign.flatMap(({ attempt }, at) => {
      // Of the first a part is read however busy the machine is.
      if (at > 0 && clock.elapsed() > until) return [];
      return settled(store, attempt, () => settleForeign(store, attempt, until)) ? [attempt] : [];
    }),
  ];
  return ended.map(({ run }) => run);
}

/** Whether it has ended now: as `settle` says, or because what it told can never be stored. */
function settled(store: Store, attempt: LostAttempt, settle: () => boolean): boolean {
  try {
    return settle();
  } catch (error) {
    if (isBadHome(error) || isBusy(error)) throw error;
    return store.transaction(() => {
      if (!store.lifecycle.takeOver(attempt)) return false;
      close(store, attempt, { outcome: 'failed', message: messageOf(error, 'window'), log: null });
      return true;
    });
  }
}

/** Bytes of its journal that the store does not have. */
function left(store: Store, attempt: LostAttempt): number {
  const journal = journalOf(store, attempt);
  return journal === null ? 0 : bytesOf(journal) - attempt.offset;
}

/** Whether the journal of another program that has ended has more than the store. */
export function hasMoreToRead(store: Store): boolean {
  return store.lifecycle.lost().some((attempt) => {
    const journal = attempt.kind === 'own' ? null : journalOf(store, attempt);
    return journal !== null && left(store, attempt) > 0 && !isWriterAlive(journal, store.machine);
  });
}

function mayTrain(store: Store, attempt: LostAttempt): boolean {
  if (attempt.place !== null) return true;
  const journal = journalOf(store, attempt);
  return journal !== null && isWriterAlive(journal, store.machine);
}

function settle(store: Store, attempt: LostAttempt): boolean {
  // Its host is asked by whoever takes it over.
  if (attempt.place !== null) return false;
  const journal = journalOf(store, attempt);
  // From here on, a trainer that its host had only just started will not begin.
  if (journal !== null) giveUpJournal(journal);
  if (mayTrain(store, attempt)) return false;
  return store.transaction(() => {
    if (!store.lifecycle.takeOver(attempt)) return false;
    const ending = (journal === null ? null : record(store, attempt, journal)) ?? noted(attempt);
    close(store, attempt, ending ?? interrupted(attempt, journal));
    return true;
  });
}

/** Part by part, each in a transaction of its own, until the clock has elapsed so far; whoever looks next reads on. */
function settleForeign(store: Store, attempt: LostAttempt, until: number): boolean {
  const journal = journalOf(store, attempt);
  // Of one that goes on, whoever follows it shows how far it is.
  if (journal === null || isWriterAlive(journal, store.machine)) return false;
  const reached = { ...attempt };
  do {
    const { events, offset, ending, isLast } = readForeignPart(journal, reached.offset);
    const isMine = store.transaction(() => {
      const { run, attempt } = reached;
      if (!store.lifecycle.takeOver(reached)) return false;
      recordEvents(store, run, events);
      store.lifecycle.setJournalOffset(run, attempt, offset);
      if (ending) reached.ending = noteEnding(store, reached, ending);
      if (isLast) close(store, reached, noted(reached) ?? interrupted(reached, journal));
      else store.lifecycle.release(run, attempt);
      return true;
    });
    if (isLast || !isMine) return isMine;
    reached.offset = offset;
  } while (store.machine.clock.elapsed() <= until);
  return false;
}

/** Keeps how a trainer ended, with what it says of it in the log. */
function noteEnding(
  store: Store,
  { run, attempt }: Pick<LostAttempt, 'run' | 'attempt'>,
  { outcome, message, log, time = store.machine.clock.now() }: Ending,
): NotedEnding {
  const ending = { outcome, message, time };
  store.lifecycle.noteEnding(run, attempt, ending);
  if (log) store.logs.append(run, [{ time, level: 'error', message: log }]);
  return ending;
}

function noted({ ending }: LostAttempt): Closing | null {
  return ending && { ...ending, log: null };
}

/** Writes what the store does not have yet; returns how the trainer ended, or null where it did not say. */
function record(store: Store, attempt: LostAttempt, journal: string): Ending | null {
  let ending: Ending | null = null;
  for (const part of readToEnd(journal, attempt.offset)) {
    recordEvents(store, attempt.run, part.events);
    ending = part.ending ?? ending;
  }
  return ending;
}

function interrupted({ pid, wish }: LostAttempt, journal: string | null): Closing {
  const host = pid ? `process ${pid}` : 'its process';
  const message = `${host} exited before the run finished`;
  // What it wrote last says when that was, however late anybody looks.
  const time = journal === null ? undefined : statSync(journal, { throwIfNoEntry: false })?.mtimeMs;
  // Its user had asked it to stop.
  const outcome = wish === 'stop' ? 'cancelled' : 'interrupted';
  return { outcome, message, log: null, time: time && Math.round(time) };
}

function close(store: Store, { run, attempt }: LostAttempt, closing: Closing): void {
  const { outcome, message, log, time } = closing;
  store.lifecycle.end(run, outcome, message, attempt, time);
  if (log)
    store.logs.append(run, [{ time: time ?? store.machine.clock.now(), level: 'error', message: log }]);
}
