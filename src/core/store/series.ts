import { z } from 'zod';
import type { SeriesPoints } from '../training/events.ts';
import {
  CHUNK_POINTS,
  decodePoints,
  emptyPoints,
  encodePoints,
  extremes,
  joinPoints,
  type Points,
  slicePoints,
  thinPoints,
} from './chunks.ts';
import { real } from './columns.ts';
import type { Connection } from './connection.ts';

/** A curve in one line, read from chunk summaries alone. */
export interface SeriesSummary {
  metric: string;
  points: number;
  lastStep: number;
  /** NaN where the last value, or every value, is not a number. */
  last: number;
  min: number;
  max: number;
}

export interface SeriesRange {
  /** First and last step wanted, both included. */
  from?: number;
  to?: number;
  /** Most points wanted, 4 or more; fewer than there are means thinning that keeps every visible extreme. */
  limit?: number;
}

const chunkRow = z.object({
  first_step: z.number(),
  last_step: z.number(),
  count: z.number(),
  min_step: z.number().nullable(),
  min_epoch: real,
  min_time: real,
  min_value: real,
  max_step: z.number().nullable(),
  max_epoch: real,
  max_time: real,
  max_value: real,
  last_epoch: real,
  last_time: real,
  last_value: real,
});
type ChunkRow = z.infer<typeof chunkRow>;
const summaryRow = z.object({
  metric: z.string(),
  points: z.number(),
  last_step: z.number(),
  last: real,
  min: real,
  max: real,
});
const idRow = z.object({ id: z.number() });
const pointsRow = z.object({ points: z.instanceof(Uint8Array) });

/** Metrics over steps, in chunks of up to 1024 points with summaries. */
export class Series {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Adds points of any number of metrics. Within a metric, steps are integers that only grow. */
  append(run: string, series: SeriesPoints[]): void {
    this.#connection.transaction(() => {
      for (const points of series) if (points.steps.length > 0) this.#appendOne(run, points);
    });
  }

  /** The metrics a run has logged, by name. */
  list(run: string): SeriesSummary[] {
    const rows = this.#connection.all(
      `SELECT metric, sum(count) AS points, max(last_step) AS last_step, min(min_value) AS min, max(max_value) AS max,
         (SELECT last_value FROM series_chunks WHERE series = id ORDER BY first_step DESC LIMIT 1) AS last
       FROM series JOIN series_chunks ON series = id WHERE run = ? GROUP BY id ORDER BY metric`,
      run,
    );
    return rows
      .map((row) => summaryRow.parse(row))
      .map(({ last_step, ...summary }) => ({ ...summary, lastStep: last_step }));
  }

  /**
   * One metric, whole or in part. With a limit much below the number of points only the chunks'
   * summaries and the two outermost chunks are read. Empty where the run has no such metric.
   */
  read(run: string, metric: string, range: SeriesRange = {}): SeriesPoints {
    const { from = 0, to = Number.MAX_SAFE_INTEGER, limit = Number.POSITIVE_INFINITY } = range;
    if (limit < 4) throw new RangeError(`a series cannot be thinned to ${limit} points`);
    const points = this.#connection.snapshot(() => {
      const series = this.#find(run, metric);
      const chunks = series === null ? [] : this.#chunks(series, from, to);
      if (series === null || chunks.length === 0) return emptyPoints();
      const coarse = chunks.length > 2 && chunks.length >= limit / 2;
      return joinPoints(
        chunks.map((chunk, index) => {
          const inner = index > 0 && index < chunks.length - 1;
          return coarse && inner ? summarisedPoints(chunk) : this.#points(series, chunk.first_step);
        }),
      );
    });
    return { metric, ...thinPoints(clipPoints(points, from, to), limit) };
  }

  /** Drops every point of a run after a step. */
  truncateAfter(run: string, step: number): void {
    this.#connection.transaction(() => {
      const rows = this.#connection.all('SELECT id FROM series WHERE run = ?', run);
      for (const { id } of rows.map((row) => idRow.parse(row))) {
        this.#connection.run('DELETE FROM series_chunks WHERE series = ? AND first_step > ?', id, step);
        const last = this.#lastChunk(id);
        if (!last) this.#connection.run('DELETE FROM series WHERE id = ?', id);
        else if (last.last_step > step) {
          const points = clipPoints(this.#points(id, last.first_step), 0, step);
          this.#delete(id, last.first_step);
          this.#insert(id, points);
        }
      }
    });
  }

  #appendOne(run: string, { metric, ...added }: SeriesPoints): void {
    this.#connection.run(
      'INSERT INTO series (run, metric) VALUES (?, ?) ON CONFLICT DO NOTHING',
      run,
      metric,
    );
    const series = this.#find(run, metric);
    if (series === null) throw new Error(`series ${metric} of run ${run} could not be created`);
    const last = this.#lastChunk(series);
    checkPoints(metric, added, last?.last_step ?? -1);
    let points: Points = added;
    if (last && last.count < CHUNK_POINTS) {
      points = joinPoints([this.#points(series, last.first_step), added]);
      this.#delete(series, last.first_step);
    }
    for (let start = 0; start < points.steps.length; start += CHUNK_POINTS) {
      this.#insert(series, slicePoints(points, start, start + CHUNK_POINTS));
    }
  }

  #insert(series: number, points: Points): void {
    const first = points.steps[0];
    const last = points.steps.length - 1;
    const found = extremes(points.values);
    const at = (index: number | undefined) =>
      index === undefined
        ? [null, null, null, null]
        : [points.steps[index], points.epochs[index], points.times[index], points.values[index]];
    this.#connection.run(
      `INSERT INTO series_chunks (series, first_step, last_step, count, min_step, min_epoch, min_time, min_value,
         max_step, max_epoch, max_time, max_value, last_epoch, last_time, last_value)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      series,
      first,
      points.steps[last],
      points.steps.length,
      ...at(found?.min),
      ...at(found?.max),
      ...at(last).slice(1),
    );
    this.#connection.run(
      'INSERT INTO series_points (series, first_step, points) VALUES (?, ?, ?)',
      series,
      first,
      encodePoints(points),
    );
  }

  #delete(series: number, firstStep: number): void {
    this.#connection.run('DELETE FROM series_chunks WHERE series = ? AND first_step = ?', series, firstStep);
  }

  #find(run: string, metric: string): number | null {
    const row = this.#connection.get('SELECT id FROM series WHERE run = ? AND metric = ?', run, metric);
    return row === undefined ? null : idRow.parse(row).id;
  }

  #chunks(series: number, from: number, to: number): ChunkRow[] {
    return this.#connection
      .all(
        'SELECT * FROM series_chunks WHERE series = ? AND last_step >= ? AND first_step <= ? ORDER BY first_step',
        series,
        from,
        to,
      )
      .map((row) => chunkRow.parse(row));
  }

  #lastChunk(series: number): ChunkRow | null {
    const sql = 'SELECT * FROM series_chunks WHERE series = ? ORDER BY first_step DESC LIMIT 1';
    const row = this.#connection.get(sql, series);
    return row === undefined ? null : chunkRow.parse(row);
  }

  #points(series: number, firstStep: number): Points {
    const sql = 'SELECT points FROM series_points WHERE series = ? AND first_step = ?';
    return decodePoints(pointsRow.parse(this.#connection.get(sql, series, firstStep)).points);
  }
}

/** A chunk as its smallest, largest and last point, in order of steps. */
function summarisedPoints(chunk: ChunkRow): Points {
  const candidates = [
    { step: chunk.min_step, epoch: chunk.min_epoch, time: chunk.min_time, value: chunk.min_value },
    { step: chunk.max_step, epoch: chunk.max_epoch, time: chunk.max_time, value: chunk.max_value },
    { step: chunk.last_step, epoch: chunk.last_epoch, time: chunk.last_time, value: chunk.last_value },
  ];
  const bySteps = new Map<number, { epoch: number; time: number; value: number }>();
  for (const { step, ...point } of candidates) if (step !== null) bySteps.set(step, point);
  const steps = [...bySteps.keys()].sort((a, b) => a - b);
  const column = (key: 'epoch' | 'time' | 'value') =>
    steps.map((step) => bySteps.get(step)?.[key] ?? Number.NaN);
  return { steps, epochs: column('epoch'), times: column('time'), values: column('value') };
}

function clipPoints(points: Points, from: number, to: number): Points {
  const { steps } = points;
  if (steps.length === 0 || (steps[0] >= from && steps[steps.length - 1] <= to)) return points;
  const start = steps.findIndex((step) => step >= from);
  const end = steps.findLastIndex((step) => step <= to) + 1;
  return start < 0 ? emptyPoints() : slicePoints(points, start, Math.max(start, end));
}

function checkPoints(metric: string, points: Points, after: number): void {
  const { steps, epochs, times, values } = points;
  if ([epochs, times, values].some((column) => column.length !== steps.length)) {
    throw new Error(`series ${metric}: columns of different lengths`);
  }
  let previous = after;
  for (const step of steps) {
    if (!Number.isSafeInteger(step) || step <= previous) {
      throw new Error(`series ${metric}: step ${step} does not follow step ${previous}`);
    }
    previous = step;
  }
}
