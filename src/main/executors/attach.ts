import { livenessOf } from '../../core/process-identity.ts';
import {
  type Ending,
  isWriterAlive,
  readToEnd,
  writeRequest,
  writerOf,
} from '../../core/training/journal.ts';
import { exitOf, type WorkerExit } from '../workers/worker-exit.ts';
import { canceller } from './canceller.ts';
import type { TrainerListener, TrainerWorker } from './executor.ts';

const POLL_MS = 250;

/** Follows the trainer that writes a journal; `wordless` says what it means where it ends without a word. */
function follow(
  journal: string,
  offset: number,
  onReport: TrainerListener['onReport'],
  wordless: () => WorkerExit,
) {
  const { promise, resolve } = Promise.withResolvers<WorkerExit>();
  let at = offset;
  /** Reads what is new; returns how the trainer ended, or null. */
  const read = (): Ending | null => {
    let ending: Ending | null = null;
    for (const part of readToEnd(journal, at)) {
      at = part.offset;
      ending = part.ending ?? ending;
      onReport(part);
    }
    return ending;
  };
  const poll = () => {
    // Asked first: what it wrote before it ended is then there to be read.
    const alive = isWriterAlive(journal);
    const ending = read();
    if (!ending && alive) return;
    end(ending ? exitOf(ending) : wordless());
  };
  const timer = setInterval(poll, POLL_MS);
  const end = (exit: WorkerExit) => {
    clearInterval(timer);
    resolve(exit);
  };
  return { ended: promise, end, detach: () => clearInterval(timer) };
}

const WORDLESS = 'the process that trained it ended without a word';

/** Hosts a trainer of this machine that another process started, by its journal: it has no other way to be heard. */
export function attachTo(
  journal: string,
  offset: number,
  onReport: TrainerListener['onReport'],
  graceMs: number,
): TrainerWorker {
  let killedBecause: string | null = null;
  const { ended } = follow(journal, offset, onReport, () => {
    if (killedBecause === null) return { kind: 'interrupted', message: WORDLESS, log: null };
    const kind = cancelling.requested ? 'cancelled' : 'killed';
    return { kind, message: killedBecause, log: null };
  });
  const kill = (because: string) => {
    killedBecause ??= because;
    const writer = writerOf(journal);
    if (writer && livenessOf(writer) === 'alive') process.kill(writer.pid, 'SIGKILL');
  };
  const cancelling = canceller(() => writeRequest(journal, 'stop'), kill, graceMs);
  void ended.then(cancelling.settle);
  return {
    ended,
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    cancel: cancelling.cancel,
    kill,
  };
}

/** Follows a run of another program, which is asked to stop and never killed: it is its user's. */
export function attachToProgram(
  journal: string,
  offset: number,
  onReport: TrainerListener['onReport'],
): TrainerWorker {
  let asked = false;
  const { ended, end, detach } = follow(journal, offset, onReport, () => ({
    kind: asked ? 'cancelled' : 'interrupted',
    message: WORDLESS,
    log: null,
  }));
  return {
    ended,
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    cancel: () => {
      asked = true;
      writeRequest(journal, 'stop');
    },
    kill: (because) => end({ kind: 'interrupted', message: because, log: null }),
    detach,
  };
}
