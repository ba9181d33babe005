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

/** Hosts a trainer of this machine that another process started, by its journal: it has no other way to be heard. */
export function attachTo(
  journal: string,
  offset: number,
  onReport: TrainerListener['onReport'],
  graceMs: number,
): TrainerWorker {
  const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
  let at = offset;
  let killedBecause: string | null = null;
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
    clearInterval(timer);
    cancelling.settle();
    resolve(ending ? exitOf(ending) : exitWithoutWords());
  };
  const exitWithoutWords = (): WorkerExit => {
    if (killedBecause === null) {
      const message = 'the process that trained it ended without a word';
      return { kind: 'interrupted', message, log: null };
    }
    const kind = cancelling.requested ? 'cancelled' : 'killed';
    return { kind, message: killedBecause, log: null };
  };
  const kill = (because: string) => {
    killedBecause ??= because;
    const writer = writerOf(journal);
    if (writer && livenessOf(writer) === 'alive') process.kill(writer.pid, 'SIGKILL');
  };
  const cancelling = canceller(() => writeRequest(journal, 'stop'), kill, graceMs);
  const timer = setInterval(poll, POLL_MS);
  return {
    ended,
    stopAfterEpoch: () => writeRequest(journal, 'stopAfterEpoch'),
    cancel: cancelling.cancel,
    kill,
  };
}
