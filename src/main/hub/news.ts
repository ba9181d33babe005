/** What windows are told of a home: what has changed in it, what trainers tell of their runs, and notices. */
import type { Change } from '../../core/api/changes.ts';
import type { Changed } from '../../core/api/events.ts';
import { messageOf } from '../../core/errors.ts';
import type { LogArea, LogLevel } from '../../core/files/log-words.ts';
import { logLine } from '../../core/files/program-log.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import type { TrainerEvent } from '../../core/training/events.ts';
import { noticeOf } from '../services/runs/run-alerts.ts';
import type { EventBus } from './event-bus.ts';

type Deletion = Extract<Change, { of: 'deleted' }>;
type Edit = Extract<Change, { of: keyof typeof OF_CHANGE }>;

/** What changes with what is deleted, and may with what others do. */
const OF_KIND = {
  run: ['runs', 'queue'],
  dataset: ['datasets', 'runs', 'queue'],
  study: ['studies'],
  sweep: ['studies'],
  plan: ['plans'],
  project: ['projects'],
  comparison: ['comparisons'],
} as const satisfies Record<string, readonly Changed[]>;
const OF_CHANGE = {
  run: ['runs'],
  project: ['projects'],
  comparison: ['comparisons'],
  view: ['views'],
} as const satisfies Record<string, readonly Changed[]>;
const ANYTHING: readonly Changed[] = [
  ...Object.values(OF_KIND).flat(),
  ...(['trash', 'settings', 'views', 'hosts'] as const),
];

export class News {
  readonly #bus: EventBus;
  readonly #store: Store;

  constructor(bus: EventBus, store: Store) {
    this.#bus = bus;
    this.#store = store;
  }

  changed(...what: readonly Changed[]): void {
    for (const type of new Set(what)) this.#bus.emit({ type });
  }

  /** Nobody knows what. */
  somethingChanged(): void {
    this.changed(...ANYTHING);
  }

  /** What a window has changed, but for the queue. */
  edited(change: Deletion | Edit): void {
    if (change.of === 'deleted') this.changed(...OF_KIND[change.kind], 'trash');
    else this.changed(...OF_CHANGE[change.of]);
  }

  run(run: string): void {
    this.#bus.emit({ type: 'run', run });
  }

  /** What a trainer told of its run, once it is stored. */
  told(run: string, events: readonly TrainerEvent[]): void {
    for (const type of new Set(events.map((event) => event.type))) {
      // Who looks at the samples asks for them every few seconds.
      if (type === 'usage') continue;
      const isPart = type === 'series' || type === 'log' || type === 'checkpoint';
      this.#bus.emit({ type: isPart ? type : 'run', run });
      // The queue's answer has when a run began.
      if (type === 'started') this.changed('queue');
    }
  }

  ended(run: RunRecord): void {
    this.alert(noticeOf(this.#store, run));
  }

  alert(notice: ReturnType<typeof noticeOf>): void {
    if (notice) this.#bus.emit({ type: 'notice', ...notice });
  }

  notify(level: LogLevel, title: string, text: string, run: string | null, area: LogArea = 'run'): void {
    if (level === 'error') logLine(area, `${title}: ${text}`, level);
    this.#bus.emit({ type: 'notice', level, title, text, run });
  }

  failed(title: string, error: unknown, area: LogArea): void {
    this.notify('error', title, messageOf(error, 'window'), null, area);
  }
}
