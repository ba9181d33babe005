/** A trainer's side of its run: what it tells goes into the journal and, as long as there is a parent, to that at once. */
import { existsSync } from 'node:fs';
import { CancelledError, StoppedError } from '../../core/errors.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import { type Ending, type JournalRequest, JournalWriter, readToEnd } from '../../core/training/journal.ts';
import type { LastEpoch } from '../../core/training/run-context.ts';
import { sentError } from './sent-error.ts';
import { serveCalls } from './serve-calls.ts';
import { classifyError } from './worker-exit.ts';

/** To a trainer while it trains: the present epoch is the last one, or not after all. */
export type TrainerMessage = Exclude<JournalRequest, 'stop'>;

/** From a trainer while it trains. */
export interface TrainerReport {
  events: TrainerEvent[];
  /** Where the journal ends behind them, in bytes; null without a journal. */
  offset: number | null;
  /** How the trainer ended, where the journal has said so. */
  ending?: Ending | null;
}

/** Trains one spec. Cancelled, it saves what it has reached. */
export type Train = (
  spec: TrainSpec,
  emit: (event: TrainerEvent) => void,
  signal: AbortSignal,
  stopAfterEpoch: LastEpoch,
) => Promise<unknown>;

const BATCH_MS = 100;
/** The journal gets progress this often: it only serves people who watch. */
const PROGRESS_MS = 1_000;
const REQUEST_MS = 500;

/** For the entry file of a trainer: it trains one spec, and outlives its parent where it has a journal. */
export function serveTrainings(train: Train): void {
  const stop = stopOnShutdown();
  // It is read by the parent, which may be gone.
  process.stderr.on('error', () => {});
  serveCalls<TrainSpec, TrainerReport, TrainerMessage>(
    async (spec, { signal, onProgress, onMessage, onOrphaned }) => {
      const journal = spec.journal === undefined ? null : new JournalWriter(spec.journal);
      const reports = new Reports(journal, onProgress);
      const finish = { isWanted: false };
      onMessage((message) => {
        finish.isWanted = message === 'stopAfterEpoch';
      });
      let heed = () => {};
      onOrphaned(() => {
        if (journal === null) process.exit(1);
        heed = heedRequests(journal, stop, finish);
      });
      try {
        const signals = AbortSignal.any([signal, stop.signal]);
        await train(spec, (event) => reports.add(event), signals, finish);
        await reports.flush();
      } catch (error) {
        await reports.fail(error);
        throw error;
      } finally {
        heed();
        journal?.close();
      }
    },
    { once: true },
  );
}

/** Exit code of a trainer that has been stopped, has kept what it reached, and would go on from there. */
export const GOES_ON = 75;

/**
 * Trains a spec that no process hosts on this machine: its journal is all that is heard of it. Started again, as a requeued job
 * is, it goes on from its last checkpoint. Resolves with an exit code.
 */
export async function trainAlone(spec: TrainSpec & { journal: string }, train: Train): Promise<number> {
  const reached = lastCheckpoint(spec.journal);
  const journal = new JournalWriter(spec.journal, { again: true });
  const reports = new Reports(journal, async () => {});
  const [stop, finish] = [stopOnShutdown(), { isWanted: false }];
  const end = heedRequests(journal, stop, finish);
  // Stopped by the system, and not by its user.
  const goesOn = () => stop.signal.aborted && journal.request() !== 'stop';
  let exitCode = 0;
  try {
    await train(
      { ...spec, resumeFrom: reached ?? spec.resumeFrom },
      (event) => {
        if (event.type === 'result' && event.result.status === 'cancelled' && goesOn()) exitCode = GOES_ON;
        else reports.add(event);
      },
      stop.signal,
      finish,
    );
    await reports.flush();
  } catch (error) {
    const isStopped = error instanceof StoppedError;
    exitCode = error instanceof CancelledError && goesOn() ? GOES_ON : isStopped ? 0 : 1;
    if (exitCode !== GOES_ON) await reports.fail(error);
  } finally {
    end();
    journal.close();
  }
  return exitCode;
}

/** The newest checkpoint to go on from that is in a journal, and on the disk. */
function lastCheckpoint(path: string): string | null {
  const paths = [...readToEnd(path, 0)].flatMap(({ events }) =>
    events.flatMap((event) =>
      event.type === 'checkpoint' && event.checkpoint.kind === 'last' ? [event.checkpoint.path] : [],
    ),
  );
  return paths.findLast((checkpoint) => existsSync(checkpoint)) ?? null;
}

/** A system that shuts down asks every process at once. */
function stopOnShutdown(): AbortController {
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  return stop;
}

/** Does what readers of the journal ask, until the function it returns is called. */
function heedRequests(
  journal: JournalWriter,
  stop: AbortController,
  finish: { isWanted: boolean },
): () => void {
  const timer = setInterval(() => {
    const request = journal.request();
    if (request === 'stop') stop.abort();
    // Asked by its parent before that ended, it finishes all the same.
    else if (request !== null) finish.isWanted = request === 'stopAfterEpoch';
  }, REQUEST_MS);
  return () => clearInterval(timer);
}

/** Collects events: a training of many short steps writes and sends few batches. */
class Reports {
  readonly #journal: JournalWriter | null;
  readonly #send: (report: TrainerReport) => Promise<void>;
  #pending: TrainerEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastProgress = 0;
  #failure: unknown = null;

  constructor(journal: JournalWriter | null, send: (report: TrainerReport) => Promise<void>) {
    this.#journal = journal;
    this.#send = send;
  }

  /** Throws where the journal cannot be written. */
  add(event: TrainerEvent): void {
    if (this.#failure) throw this.#failure;
    this.#pending.push({ time: Date.now(), ...event });
    // The trainer removes older checkpoints once this one is in the journal.
    if (event.type === 'checkpoint') void this.#send(this.#write({ sync: true }));
    else this.#timer ??= setTimeout(() => void this.#flushLater(), BATCH_MS);
  }

  /** Resolves once all is in the journal and sent. Throws where the journal cannot be written. */
  async flush(): Promise<void> {
    if (this.#pending.length > 0) await this.#send(this.#write());
  }

  /** The last words of a training that failed. A journal that cannot be written may be why: the parent hears of it all the same. */
  async fail(error: unknown): Promise<void> {
    try {
      await this.flush();
      const { kind: outcome, message, log } = classifyError(sentError(error));
      this.#journal?.append([{ type: 'failed', time: Date.now(), outcome, message, log }]);
    } catch {
      // The first error is the one to be known.
    }
  }

  async #flushLater(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#failure = error;
    }
  }

  #write({ sync = false } = {}): TrainerReport {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#pending;
    this.#pending = [];
    const offset = this.#journal?.append(events.filter((event) => this.#isLasting(event))) ?? null;
    if (sync) this.#journal?.sync();
    return { events, offset };
  }

  #isLasting({ type, time = 0 }: TrainerEvent): boolean {
    if (type !== 'progress') return true;
    if (time - this.#lastProgress < PROGRESS_MS) return false;
    this.#lastProgress = time;
    return true;
  }
}
