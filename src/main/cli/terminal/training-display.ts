import type { WriteStream } from 'node:tty';
import { fixed } from '../../../core/documents/format.ts';
import { cleanText } from '../../../core/documents/writers/text.ts';
import { metricDirection, metricsUsed } from '../../../core/evaluation/metrics-table.ts';
import { withCommas } from '../../../core/names.ts';
import type { TrainerEvent } from '../../../core/training/events.ts';
import { deviceText } from '../text/device-text.ts';
import { type BestValue, progressLine, progressText } from '../text/progress-text.ts';
import { LiveLine } from './live-line.ts';

type Progress = Extract<TrainerEvent, { type: 'progress' }>;

/** Where a training's progress is shown. */
export interface TrainingDisplay {
  event(event: TrainerEvent): void;
  /** Writes a permanent line. */
  note(text: string): void;
  /** Ends the display and clears any line that is being rewritten. */
  end(): void;
}

/** The best value of the selection metric and its epoch. */
class BestTracker {
  readonly #metric: string;
  best: BestValue | null = null;

  constructor(metric: string) {
    this.#metric = metric;
  }

  /** The metrics of a validation by name, or null if the event has none. */
  hear(event: TrainerEvent): { epoch: number; values: Record<string, number> } | null {
    if (event.type !== 'series') return null;
    const values: Record<string, number> = {};
    let epoch = 0;
    for (const points of event.points) {
      if (!/^(valid|test|ids)\//.test(points.metric)) continue;
      points.values.forEach((value, at) => {
        epoch = Math.round(points.epochs[at]);
        values[points.metric] = value;
        if (points.metric === this.#metric && this.#isBetter(value)) {
          this.best = { metric: points.metric, value, epoch };
        }
      });
    }
    return Object.keys(values).length === 0 ? null : { epoch, values };
  }

  #isBetter(value: number): boolean {
    if (this.best === null) return true;
    return metricDirection(this.#metric) === 'lower' ? value < this.best.value : value > this.best.value;
  }
}

/** One line that is rewritten, for a terminal. */
class LiveDisplay implements TrainingDisplay {
  readonly #stream: WriteStream;
  readonly #line: LiveLine;
  readonly #tracker: BestTracker;

  constructor(stream: WriteStream, metric: string) {
    this.#stream = stream;
    this.#line = new LiveLine(stream);
    this.#tracker = new BestTracker(metric);
  }

  event(event: TrainerEvent): void {
    this.#tracker.hear(event);
    const { best } = this.#tracker;
    if (event.type === 'progress') this.#line.show((width) => progressText(event, best, width));
    else if (event.type === 'started') this.note(startedText(event));
    else if (event.type === 'log') this.note(`${event.level}: ${event.message}`);
  }

  note(text: string): void {
    this.#line.clear();
    this.#stream.write(`${cleanText(text)}\n`);
  }

  end(): void {
    this.#line.clear();
  }
}

const LINE_INTERVAL_MS = 1_000;
const LONG_EPOCH_MS = 30_000;
/** More metrics than this do not fit into a line. */
const MAX_METRICS = 6;
const USUAL = metricsUsed('live');

/** The metrics of a validation so far, and the loss before it. */
interface EpochEnd {
  epoch: number;
  epochs: number;
  loss: number | null;
  values: Record<string, number>;
}

/** Permanent lines for a log: one per epoch, at most one a second, and some within a long epoch. */
class PlainDisplay implements TrainingDisplay {
  readonly #write: (text: string) => void;
  readonly #metric: string;
  readonly #tracker: BestTracker;
  #written = Number.NEGATIVE_INFINITY;
  #training: Progress | null = null;
  #ended: EpochEnd | null = null;

  constructor(write: (text: string) => void, metric: string) {
    this.#write = write;
    this.#metric = metric;
    this.#tracker = new BestTracker(metric);
  }

  event(event: TrainerEvent): void {
    const validated = this.#tracker.hear(event);
    if (validated) this.#validated(validated);
    else if (event.type === 'progress') this.#progress(event);
    else if (event.type === 'started') this.note(startedText(event));
    else if (event.type === 'log') this.note(`${event.level}: ${event.message}`);
  }

  note(text: string): void {
    this.#release();
    this.#write(cleanText(text));
  }

  end(): void {
    this.#release();
  }

  #progress(event: Progress): void {
    const now = performance.now();
    if (now - this.#written >= LINE_INTERVAL_MS) this.#release();
    if (event.phase === 'train') this.#training = event;
    if (now - this.#written < LONG_EPOCH_MS) return;
    // The first event only starts the clock.
    if (Number.isFinite(this.#written)) this.#write(progressLine(event, this.#tracker.best));
    this.#written = now;
  }

  /** The metrics of one validation may come in several events. */
  #validated({ epoch, values }: { epoch: number; values: Record<string, number> }): void {
    const { epochs = epoch, loss = null } = this.#training ?? {};
    const earlier = this.#ended?.epoch === epoch ? this.#ended.values : {};
    this.#ended = { epoch, epochs, loss, values: { ...earlier, ...values } };
  }

  /** Writes the last validation if it has not been written. */
  #release(): void {
    if (this.#ended === null) return;
    const { epoch, epochs, loss, values } = this.#ended;
    const parts = [`epoch ${epoch}/${epochs}`];
    if (loss !== null) parts.push(`loss ${fixed(loss, 4)}`);
    parts.push(...this.#worthALine(values).map(([name, value]) => `${name} ${fixed(value, 4)}`));
    const mark = this.#tracker.best?.epoch === epoch ? ' (best so far)' : '';
    this.#write(parts.join(', ') + mark);
    this.#ended = null;
    this.#written = performance.now();
  }

  /** Of many metrics the one that selects the epoch and the usual ones; `runs show` has all. */
  #worthALine(values: Record<string, number>): [string, number][] {
    const all = Object.entries(values);
    const usual = all.filter(
      ([name]) => name === this.#metric || USUAL.includes(name.split('/').at(-1) ?? ''),
    );
    return all.length > MAX_METRICS && usual.length > 0 ? usual : all;
  }
}

/** One JSON value per line. Ranks and final metrics are in the run's last line, not in an event. */
class JsonDisplay implements TrainingDisplay {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  event(event: TrainerEvent): void {
    if (event.type !== 'result' && event.type !== 'usage') this.#write(JSON.stringify(event));
  }

  note(text: string): void {
    this.#write(JSON.stringify({ type: 'log', level: 'info', message: text }));
  }

  end(): void {}
}

function startedText({
  device,
  deviceReason,
  parameters,
}: Extract<TrainerEvent, { type: 'started' }>): string {
  const size = parameters ? `; ${withCommas(parameters)} parameters` : '';
  return `Device: ${deviceText(device, deviceReason)}${size}`;
}

/**
 * How a training's progress is shown: JSON lines on stdout with --json, else on stderr as a line that is
 * rewritten or, without a terminal, as permanent lines. `metric` is the one that selects the epoch.
 */
export function trainingDisplay(json: boolean, metric: string): TrainingDisplay {
  if (json) return new JsonDisplay((text) => process.stdout.write(`${text}\n`));
  if (process.stderr.isTTY) return new LiveDisplay(process.stderr, metric);
  return new PlainDisplay((text) => process.stderr.write(`${text}\n`), metric);
}
