import type { TrainerEvent } from './events.ts';

type Phase = Extract<TrainerEvent, { type: 'progress' }>['phase'];

/** Hears the progress of a ranking: `done` of `total` users, or of another `unit` that it works through before the users. */
export type ReportDone = (done: number, total: number, unit?: string) => void;

/** What a ranking may go through before its users. */
export const GRAPH_ITEMS = 'items of the item graph';

interface Report {
  epoch: number;
  done: number;
  total: number;
  unit: string;
  loss?: number | null;
}

const INTERVAL_MS = 200;

/** Emits progress at most five times a second, with the rate of the phase; whoever runs the training adds the time left. */
export class Progress {
  readonly #emit: (event: TrainerEvent) => void;
  readonly #epochs: number;
  #phase: { name: Phase; epoch: number; unit: string; since: number; from: number } | null = null;
  #last = 0;

  constructor(emit: (event: TrainerEvent) => void, epochs: number) {
    this.#emit = emit;
    this.#epochs = epochs;
  }

  report(name: Phase, { epoch, done, total, unit, loss = null }: Report): void {
    const now = performance.now();
    if (this.#phase?.name !== name || this.#phase.epoch !== epoch || this.#phase.unit !== unit) {
      this.#phase = { name, epoch, unit, since: now, from: done };
      this.#last = 0;
    }
    if (done < total && now - this.#last < INTERVAL_MS) return;
    this.#last = now;
    const elapsed = (now - this.#phase.since) / 1000;
    this.#emit({
      type: 'progress',
      phase: name,
      epoch,
      epochs: this.#epochs,
      done,
      total,
      unit,
      rate: elapsed > 0 ? (done - this.#phase.from) / elapsed : 0,
      secondsLeft: null,
      loss,
    });
  }
}
