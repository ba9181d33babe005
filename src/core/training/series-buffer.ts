import type { SeriesPoints, TrainerEvent } from './events.ts';

const INTERVAL_MS = 500;

/** Collects points of series and emits them a few times a second. */
export class SeriesBuffer {
  readonly #emit: (event: TrainerEvent) => void;
  #points = new Map<string, SeriesPoints>();
  #last = performance.now();

  constructor(emit: (event: TrainerEvent) => void) {
    this.#emit = emit;
  }

  add(metric: string, step: number, epoch: number, value: number): void {
    let points = this.#points.get(metric);
    if (!points) {
      points = { metric, steps: [], epochs: [], times: [], values: [] };
      this.#points.set(metric, points);
    }
    points.steps.push(step);
    points.epochs.push(epoch);
    points.times.push(Date.now());
    points.values.push(value);
    if (performance.now() - this.#last > INTERVAL_MS) this.flush();
  }

  flush(): void {
    this.#last = performance.now();
    if (this.#points.size === 0) return;
    this.#emit({ type: 'series', points: [...this.#points.values()] });
    this.#points = new Map();
  }
}
