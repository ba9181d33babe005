import { setImmediate } from 'node:timers/promises';
import type { Machine } from '../../core/machine.ts';
import { readForeignPart } from '../../core/training/foreign-journal.ts';
import {
  isWriterAlive,
  type JournalPart,
  readToEnd,
  requestIn,
  writeRequest,
  writerOf,
} from '../../core/training/journal.ts';
import { exitOf, type WorkerExit } from '../workers/worker-exit.ts';
import { canceller } from './canceller.ts';
import type { LeftTraining, TrainerListener, TrainerWorker } from './executor.ts';

const POLL_MS = 250;

const WORDLESS = 'the process that trained it ended without a word';
const GIVEN_UP = 'given up here: its program was asked to stop and had not ended';

/** Hosts a trainer of this machine that another process started, by its journal: it has no other way to be heard. */
export function attachTo(
  { journal, offset, ending: told }: Omit<LeftTraining, 'place'>,
  onReport: TrainerListener['onReport'],
  graceMs: number,
  machine: Machine,
): TrainerWorker {
  const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
  let killedBecause: string | null = null;
  let at = offset;
  let ending = told;
  /** Reads what is new; returns how the trainer ended, or null. */
  const read = (): WorkerExit | null => {
    for (const part of readToEnd(journal, at)) {
      at = part.offset;
      if (part.ending) ending = exitOf(part.ending);
      onReport(part);
    }
    return ending;
  };
  const wordless = (): WorkerExit => {
    if (killedBecause === null) return { kind: 'interrupted', message: WORDLESS, log: null };
    return { kind: cancelling.requested ? 'cancelled' : 'killed', message: killedBecause, log: null };
  };
  const timer = machine.clock.every(POLL_MS, () => {
    // Asked first: what it wrote before it ended is then there to be read.
    const alive = isWriterAlive(journal, machine);
    const exit = read();
    if (!exit && alive) return;
    timer.stop();
    resolve(exit ?? wordless());
  });
  const kill = (because: string) => {
    killedBecause ??= because;
    const writer = writerOf(journal);
    if (writer) machine.kill(writer);
  };
  const cancelling = canceller(() => writeRequest(journal, 'stop'), kill, graceMs, machine.clock);
  void ended.then(cancelling.settle);
  return {
    ended,
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    cancel: cancelling.cancel,
    kill,
  };
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** One part of a journal at a time in this process, and between two of them whatever else waits. */
function inTurn(work: () => JournalPart | null): Promise<JournalPart | null> {
  const turn = lastTurn.then(() => setImmediate()).then(work);
  lastTurn = turn.catch(() => {});
  return turn;
}

/** Follows a run of another program, which is asked to stop and never killed: it is its user's. */
export function attachToProgram(
  { journal, offset, ending }: Omit<LeftTraining, 'place'>,
  onReport: TrainerListener['onReport'],
  machine: Machine,
): TrainerWorker {
  const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
  const over = new AbortController();
  const end = (exit: WorkerExit) => {
    over.abort();
    resolve(exit);
  };
  const follow = async () => {
    for (let at = offset, told = ending; ; ) {
      // Asked first: what it wrote before it ended is then there to be read.
      const alive = isWriterAlive(journal, machine);
      for (let isNew = true; isNew; ) {
        const part = await inTurn(() => (over.signal.aborted ? null : readForeignPart(journal, at)));
        if (part === null) return;
        isNew = part.offset !== at;
        at = part.offset;
        if (part.ending) told = exitOf(part.ending);
        if (isNew) onReport(part);
      }
      if (told) return end(told);
      const kind = requestIn(journal) === 'stop' ? 'cancelled' : 'interrupted';
      if (!alive) return end({ kind, message: WORDLESS, log: null });
      await machine.clock.sleep(POLL_MS, over.signal).catch(() => {});
    }
  };
  void follow();
  return {
    ended,
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    cancel: () => writeRequest(journal, 'stop'),
    kill: (because) => end({ kind: 'interrupted', message: because, log: null }),
    detach: () => over.abort(),
    giveUp: () => end({ kind: 'cancelled', message: GIVEN_UP, log: null }),
  };
}
