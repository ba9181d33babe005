import { setImmediate } from 'node:timers/promises';
import type { Machine } from '../../core/machine.ts';
import { readForeignPart } from '../../core/training/foreign-journal.ts';
import {
  isWriterAlive,
  type JournalPart,
  readJournal,
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

type Left = Omit<LeftTraining, 'place'>;

/** Reads a journal, which has no other way to be heard, until its trainer has ended; resolves with how, where it says so. */
async function follow(
  { journal, offset, ending }: Left,
  onReport: TrainerListener['onReport'],
  machine: Machine,
  read: (at: number) => JournalPart | Promise<JournalPart>,
  signal?: AbortSignal,
): Promise<WorkerExit | null> {
  for (let at = offset, told = ending; ; ) {
    // Asked first: what it wrote before it ended is then there to be read.
    const alive = isWriterAlive(journal, machine);
    for (let isNew = true; isNew; ) {
      const part = await read(at);
      if (signal?.aborted) return null;
      isNew = part.offset !== at;
      at = part.offset;
      if (part.ending) told = exitOf(part.ending);
      if (isNew) onReport(part);
    }
    if (told || !alive) return told;
    await machine.clock.sleep(POLL_MS, signal).catch(() => {});
  }
}

/** Hosts a trainer of this machine that another process started. */
export function attachTo(
  left: Left,
  onReport: TrainerListener['onReport'],
  graceMs: number,
  machine: Machine,
): TrainerWorker {
  const { journal } = left;
  let killedBecause: string | null = null;
  const wordless = (): WorkerExit => {
    if (killedBecause === null) return { kind: 'interrupted', message: WORDLESS, log: null };
    return { kind: cancelling.requested ? 'cancelled' : 'killed', message: killedBecause, log: null };
  };
  const kill = (because: string) => {
    killedBecause ??= because;
    const writer = writerOf(journal);
    if (writer) machine.kill(writer);
  };
  const cancelling = canceller(() => writeRequest(journal, 'stop'), kill, graceMs, machine.clock);
  const told = follow(left, onReport, machine, (at) => readJournal(journal, at));
  return {
    ended: told.then((exit) => exit ?? wordless()).finally(cancelling.settle),
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    goOn: () => writeRequest(journal, 'goOn'),
    cancel: cancelling.cancel,
    kill,
  };
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** One part of a journal at a time in this process, and between two of them whatever else waits. */
function inTurn(work: () => JournalPart): Promise<JournalPart> {
  const turn = lastTurn.then(() => setImmediate()).then(work);
  lastTurn = turn.catch(() => {});
  return turn;
}

/** Follows a run of another program, which is asked to stop and never killed: it is its user's. */
export function attachToProgram(
  left: Left,
  onReport: TrainerListener['onReport'],
  machine: Machine,
): TrainerWorker {
  const { journal } = left;
  const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
  const over = new AbortController();
  const end = (kind: WorkerExit['kind'], message: string) => {
    over.abort();
    resolve({ kind, message, log: null });
  };
  const read = (at: number) => inTurn(() => readForeignPart(journal, at));
  void follow(left, onReport, machine, read, over.signal).then((exit) => {
    if (exit) resolve(exit);
    else if (!over.signal.aborted) end(requestIn(journal) === 'stop' ? 'cancelled' : 'interrupted', WORDLESS);
  });
  return {
    ended,
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    cancel: () => writeRequest(journal, 'stop'),
    kill: (because) => end('interrupted', because),
    detach: () => over.abort(),
    giveUp: () => end('cancelled', GIVEN_UP),
  };
}
