import { checkMetricNames } from '../../../core/evaluation/metrics-table.ts';
import { protocolFingerprint } from '../../../core/evaluation/protocol.ts';
import { isBusy } from '../../../core/store/db/connection.ts';
import type { Store } from '../../../core/store/store.ts';
import type { LogEntry } from '../../../core/store/types.ts';
import type { SeriesPoints, TrainerEvent } from '../../../core/training/events.ts';

/** Four writes per second are enough for a reader. */
const WRITE_INTERVAL_MS = 250;
/** How long events wait while another process keeps the database to itself, as for a migration. */
export const MAX_BUSY_MS = 60_000;

/** An attempt at a run that this process hosts. */
export interface RecordedAttempt {
  run: string;
  /** Its number. */
  attempt: number;
  /** The step of the checkpoint that it continues from, or null. */
  fromStep: number | null;
}

export interface RecorderListeners {
  onFailure(error: unknown): void;
  onCheckpoints(paths: readonly string[]): void;
}

/** The files of the checkpoints among events. */
export function checkpointsIn(events: readonly TrainerEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint.path] : []));
}

/**
 * Writes a trainer's events to the store: collected for a moment, then in order, in one transaction.
 * A checkpoint does not wait: the trainer removes older ones, and a run resumes from one the store knows.
 */
export class RunRecorder {
  readonly #store: Store;
  readonly #run: string;
  readonly #attempt: number;
  readonly #fromStep: number | null;
  readonly #onFailure: RecorderListeners['onFailure'];
  readonly #onCheckpoints: RecorderListeners['onCheckpoints'];
  #waiting: TrainerEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failed = false;
  /** Since when another process has kept the database to itself, or null. */
  #busySince: number | null = null;

  /**
   * `onFailure` is called once if events cannot be stored; later events are dropped. `onCheckpoints` is called with
   * the checkpoints that have been stored.
   */
  constructor(
    store: Store,
    { run, attempt, fromStep }: RecordedAttempt,
    { onFailure, onCheckpoints }: RecorderListeners,
  ) {
    this.#store = store;
    this.#run = run;
    this.#attempt = attempt;
    this.#fromStep = fromStep;
    this.#onFailure = onFailure;
    this.#onCheckpoints = onCheckpoints;
  }

  add(events: TrainerEvent[]): void {
    if (this.#failed) return;
    const lasting = events.filter((event) => event.type !== 'progress');
    if (lasting.length === 0) return;
    this.#waiting.push(...lasting);
    if (lasting.some((event) => event.type === 'checkpoint')) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WRITE_INTERVAL_MS);
  }

  /** Writes the waiting events. */
  flush(): void {
    const events = this.#takeWaiting();
    if (events.length === 0) return;
    try {
      this.#store.transaction(() => this.#writeHosted(events));
      this.#busySince = null;
      this.#onCheckpoints(checkpointsIn(events));
    } catch (error) {
      const now = performance.now();
      this.#busySince ??= now;
      if (isBusy(error) && now - this.#busySince < MAX_BUSY_MS) {
        this.#waiting = [...events, ...this.#waiting];
        this.#timer ??= setTimeout(() => this.flush(), WRITE_INTERVAL_MS);
        return;
      }
      this.#failed = true;
      this.#onFailure(error);
    }
  }

  /**
   * Writes the waiting events and, in the same transaction, what `end` writes: a run never ends without its last results.
   * Returns false where the run is no longer hosted here. Where it throws, nothing is written, and the events wait.
   */
  drain(end: () => void): boolean {
    const events = this.#takeWaiting();
    try {
      return this.#store.transaction(() => {
        if (!this.#store.lifecycle.heartbeat(this.#run, this.#attempt)) return false;
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

  #takeWaiting(): TrainerEvent[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    return events;
  }

  #writeHosted(events: TrainerEvent[]): void {
    // Another process has deleted the run or taken it over: its state stays.
    if (!this.#store.lifecycle.heartbeat(this.#run, this.#attempt))
      throw new Error(`run ${this.#run} is no longer hosted here`);
    this.#write(events);
  }

  #write(events: TrainerEvent[]): void {
    const { runs, checkpoints, series, logs, samples } = this.#store;
    const points: SeriesPoints[] = [];
    const lines: LogEntry[] = [];
    for (const event of events) {
      if (event.type === 'started') {
        runs.setStarted(this.#run, event);
        this.#rewindTo(event.fromStep);
      } else if (event.type === 'series') points.push(...event.points);
      else if (event.type === 'checkpoint') checkpoints.add(this.#run, event.checkpoint);
      else if (event.type === 'usage') samples.add(this.#run, event.sample);
      else if (event.type === 'log') {
        lines.push({ time: Date.now(), level: event.level, message: event.message });
      } else if (event.type === 'result') {
        checkMetricNames(Object.keys(event.result.metrics));
        runs.setResult(this.#run, event.result, protocolFingerprint(event.result.protocol));
        for (const ranks of event.result.ranks) {
          if (this.#store.ranks.save(this.#run, ranks)) continue;
          const message = `the lists of ${ranks.users.length} users are too large for the database; their ranks are kept`;
          lines.push({ time: Date.now(), level: 'warn', message });
        }
      }
    }
    checkMetricNames(points.map(({ metric }) => metric));
    series.append(this.#run, joinByMetric(points));
    logs.append(this.#run, lines);
  }

  /** If the trainer could not use its checkpoint and starts earlier, the later points are dropped too. */
  #rewindTo(step: number): void {
    if (step < (this.#fromStep ?? 0)) this.#store.lifecycle.truncateAfter(this.#run, step > 0 ? step : null);
  }
}

/** Joins the points by metric, so that a chunk is written once per batch. */
function joinByMetric(series: SeriesPoints[]): SeriesPoints[] {
  const joined = new Map<string, SeriesPoints>();
  for (const points of series) {
    const { metric, steps, epochs, times, values } = joined.get(points.metric) ?? points;
    if (!joined.has(metric)) joined.set(metric, points);
    else {
      joined.set(metric, {
        metric,
        steps: steps.concat(points.steps),
        epochs: epochs.concat(points.epochs),
        times: times.concat(points.times),
        values: values.concat(points.values),
      });
    }
  }
  return [...joined.values()];
}
