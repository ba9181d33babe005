/** What has been told of runs of other trackers, and is not written yet. */
import type { FoundRun } from '../../../core/foreign/trackers/summary.ts';
import type { Cursor, ToldFacts } from '../../../core/foreign/trackers/told.ts';
import type { KnownRun } from '../../../core/store/others/tracker-runs.ts';
import { type Points, slicePoints } from '../../../core/store/runs/chunks.ts';
import type { Store } from '../../../core/store/store.ts';

const FIRST_ROOM = 16;

/** The new points of a curve, in columns that grow, and stay when they have been written. */
export class HeldCurve {
  readonly metric: string;
  count = 0;
  #columns: Points | null = null;

  constructor(metric: string) {
    this.metric = metric;
  }

  /** Returns for how many more points there is room since. */
  add(step: number, epoch: number, time: number, value: number): number {
    const { count } = this;
    const before = this.#columns?.steps.length ?? 0;
    if (count === before) this.#columns = roomier(this.#columns, Math.max(FIRST_ROOM, 2 * before));
    const columns = this.#columns as Points;
    columns.steps[count] = step;
    columns.epochs[count] = epoch;
    columns.times[count] = time;
    columns.values[count] = value;
    this.count++;
    return columns.steps.length - before;
  }

  /** Good until the next one is added. */
  get points(): Points & { metric: string } {
    return { metric: this.metric, ...slicePoints(this.#columns as Points, 0, this.count) };
  }
}

function roomier(columns: Points | null, room: number): Points {
  const grown = (column?: Float64Array) => {
    const larger = new Float64Array(room);
    if (column) larger.set(column);
    return larger;
  };
  return {
    steps: grown(columns?.steps),
    epochs: grown(columns?.epochs),
    times: grown(columns?.times),
    values: grown(columns?.values),
  };
}

/** What has been told of a run. */
export class Held {
  readonly root: string;
  readonly known: KnownRun | null;
  facts: Partial<ToldFacts> = {};
  /** Long texts, by what they are. */
  readonly texts = new Map<string, string>();
  /** Our id, once there is one. */
  run: string | null;
  readonly names: Record<string, string>;
  cursor: Cursor;
  /** New points, by their names of metrics. */
  readonly curves = new Map<string, HeldCurve>();
  readonly metrics = new Set<string>();
  added = 0;
  hasNews = false;
  /** Something was told since the last write. */
  isTouched = false;
  /** Of each curve that is kept, for a preview. */
  readonly lastSteps: ReadonlyMap<string, number>;

  constructor({ series }: Store, root: string, known: KnownRun | null) {
    this.root = root;
    this.known = known;
    this.run = known?.run ?? null;
    this.names = { ...known?.names };
    this.cursor = known?.cursor ?? {};
    const curves = known ? series.list(known.run) : [];
    this.lastSteps = new Map(curves.map(({ metric, lastStep }) => [metric, lastStep]));
  }

  get state(): FoundRun['state'] {
    if (this.known === null) return 'new';
    if (this.known.isDeleted) return 'deleted';
    return this.hasNews || this.added > 0 ? 'changed' : 'unchanged';
  }
}
