import type { Timer } from '../../../core/machine.ts';
import { isBadHome, isBusy } from '../../../core/store/db/connection.ts';
import type { RecordedAttempt } from '../../../core/store/runs/leases.ts';
import { recordEvents } from '../../../core/store/runs/record-events.ts';
import type { Store } from '../../../core/store/store.ts';
import type { TrainerEvent } from '../../../core/training/events.ts';
import type { Ending } from '../../../core/training/journal.ts';
import type { TrainerReport } from '../../workers/serve-trainings.ts';

/** Four writes per second are enough for a reader. */
const WRITE_INTERVAL_MS = 250;
/** So much of a journal is written at once, that nobody waits long for the database. */
const MOST_BYTES = 2 ** 19;
/** How long events wait while another process keeps the database to itself, as for a migration. */
export const MAX_BUSY_MS = 60_000;

/**
 * Writes a trainer's events to the store: collected for a moment, then in order, in one transaction, with how far that is in
 * its journal. A checkpoint does not wait: the trainer removes older ones, and lists show those that are there.
 */
export class RunRecorder {
  readonly #store: Store;
  readonly #to: RecordedAttempt;
  readonly #onFailure: (error: unknown) => void;
  readonly #onWritten: (events: readonly TrainerEvent[]) => void;
  /** Where the journal ends behind what was added, or null. */
  #offset: number | null = null;
  /** Where it ended when it was last written. */
  #written = 0;
  #waiting: TrainerEvent[] = [];
  /** Of the journal, to be kept with the events before it. */
  #ending: Ending | null = null;
  #timer: Timer | undefined;
  #failed = false;
  /** Since when another process has kept the database to itself, or null. */
  #busySince: number | null = null;

  /** `onFailure` is called once if events cannot be stored; later events are dropped. `onWritten`, where others may read them. */
  constructor(
    store: Store,
    to: RecordedAttempt,
    onFailure: (error: unknown) => void,
    onWritten: (events: readonly TrainerEvent[]) => void = () => {},
  ) {
    this.#store = store;
    this.#to = to;
    this.#onFailure = onFailure;
    this.#onWritten = onWritten;
  }

  add({ events, offset, ending }: TrainerReport): void {
    if (this.#failed) return;
    this.#offset = offset;
    this.#ending = ending ?? endingIn(events) ?? this.#ending;
    const lasting = events.filter((event) => event.type !== 'progress');
    if (lasting.length === 0) return;
    this.#waiting.push(...lasting);
    const isMuch = offset !== null && offset - this.#written > MOST_BYTES;
    if (isMuch || lasting.some((event) => event.type === 'checkpoint')) this.flush();
    else this.#timer ??= this.#flushSoon();
  }

  /** Writes the waiting events. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    try {
      // Another process has deleted the run or taken it over: its state stays.
      if (!this.drain(() => {})) throw new Error(`run ${this.#to.run} is no longer hosted here`);
      this.#busySince = null;
    } catch (error) {
      const now = this.#store.machine.clock.elapsed();
      this.#busySince ??= now;
      // What is in the journal can wait for as long as that takes, also until a disk that is full has room again.
      const isSafe = this.#offset !== null && (isBadHome(error) || isBusy(error));
      if (isSafe || (isBusy(error) && now - this.#busySince < MAX_BUSY_MS)) {
        this.#timer ??= this.#flushSoon();
        return;
      }
      this.fail();
      this.#onFailure(error);
      return;
    }
    this.#onWritten(events);
  }

  /**
   * Writes the waiting events and, in the same transaction, what `end` writes: a run never ends without its last results.
   * Returns false where the run is no longer hosted here. Where it throws, nothing is written, and the events wait.
   */
  drain(end: () => void): boolean {
    const events = this.#takeWaiting();
    try {
      return this.#store.transaction(() => {
        if (!this.#store.lifecycle.heartbeat(this.#to.run, this.#to.attempt)) return false;
        this.#write(events);
        end();
        return true;
      });
    } catch (error) {
      this.#waiting = events;
      throw error;
    }
  }

  /** Records nothing more, and not the waiting events either: they cannot be stored. */
  fail(): void {
    this.#failed = true;
    this.#takeWaiting();
  }

  #flushSoon(): Timer {
    return this.#store.machine.clock.after(WRITE_INTERVAL_MS, () => this.flush());
  }

  #takeWaiting(): TrainerEvent[] {
    this.#timer?.stop();
    this.#timer = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    return events;
  }

  #write(events: TrainerEvent[]): void {
    recordEvents(this.#store, this.#to.run, events);
    const { run, attempt } = this.#to;
    const { lifecycle } = this.#store;
    if (this.#ending)
      lifecycle.noteEnding(run, attempt, { time: this.#store.machine.clock.now(), ...this.#ending });
    if (this.#offset === null) return;
    lifecycle.setJournalOffset(run, attempt, this.#offset);
    this.#written = this.#offset;
  }
}

/** A result is the last that a trainer tells: whoever takes over behind it never hears it again. */
function endingIn(events: readonly TrainerEvent[]): Ending | null {
  const last = events.find((event) => event.type === 'result');
  return last ? { outcome: last.result.status, message: null, log: null, time: last.time } : null;
}
