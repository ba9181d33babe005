/** A trainer's side of its run: what it tells goes into the journal and, as long as there is a parent, to that at once. */
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import { JournalWriter } from '../../core/training/journal.ts';
import { sentError } from './sent-error.ts';
import { serveCalls } from './serve-calls.ts';
import { classifyError } from './worker-exit.ts';

/** To a trainer while it trains: the present epoch is the last one. */
export type TrainerMessage = 'stopAfterEpoch';

/** From a trainer while it trains. */
export interface TrainerReport {
  events: TrainerEvent[];
  /** Where the journal ends behind them, in bytes; null without a journal. */
  offset: number | null;
}

/** Trains one spec. Cancelled, it saves what it has reached. */
export type Train = (
  spec: TrainSpec,
  emit: (event: TrainerEvent) => void,
  signal: AbortSignal,
  stopAfterEpoch: AbortSignal,
) => Promise<unknown>;

const BATCH_MS = 100;
/** Progress is for who looks on: of the journal's readers nobody needs more of it. */
const PROGRESS_MS = 1_000;
const REQUEST_MS = 500;

/** For the entry file of a trainer: it trains one spec, and outlives its parent where it has a journal. */
export function serveTrainings(train: Train): void {
  // A system that shuts down asks every process at once.
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  // It is read by the parent, which may be gone.
  process.stderr.on('error', () => {});
  serveCalls<TrainSpec, TrainerReport, TrainerMessage>(
    async (spec, { signal, onProgress, onMessage, onOrphaned }) => {
      const journal = spec.journal === undefined ? null : new JournalWriter(spec.journal);
      const reports = new Reports(journal, onProgress);
      const finish = new AbortController();
      onMessage(() => finish.abort());
      let asking: NodeJS.Timeout | undefined;
      onOrphaned(() => {
        if (journal === null) process.exit(1);
        asking = setInterval(() => {
          const request = journal.request();
          if (request === 'stop') stop.abort();
          if (request === 'stopAfterEpoch') finish.abort();
        }, REQUEST_MS);
      });
      try {
        const signals = AbortSignal.any([signal, stop.signal]);
        await train(spec, (event) => reports.add(event), signals, finish.signal);
        await reports.flush();
      } catch (error) {
        await reports.fail(error);
        throw error;
      } finally {
        clearInterval(asking);
        journal?.close();
      }
    },
    { once: true },
  );
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
