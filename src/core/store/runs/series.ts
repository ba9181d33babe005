import { z } from 'zod';
import type { SeriesPoints } from '../../training/events.ts';
import { real, rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';
import {
  CHUNK_POINTS,
  type Columns,
  clipPoints,
  decodePoints,
  encodePoints,
  extremes,
  inOrder,
  joinPoints,
  mergePoints,
  type Points,
  pointsOf,
  slicePoints,
  stretchesOf,
  thinPoints,
  thinStretches,
  toSeriesPoints,
} from './chunks.ts';

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

/** A row of `series_chunks`; numbers that are not numbers are NULL. */
interface ChunkRow {
  first_step: number;
  last_step: number;
  count: number;
  min_step: number | null;
  min_epoch: number | null;
  min_time: number | null;
  min_value: number | null;
  max_step: number | null;
  max_epoch: number | null;
  max_time: number | null;
  max_value: number | null;
  last_epoch: number | null;
  last_time: number | null;
  last_value: number | null;
}
const summaryRow = rowOf({
  metric: z.string(),
  points: z.number(),
  last_step: z.number(),
  last: real,
  min: real,
  max: real,
});
const nameRow = z.object({ metric: z.string() });
const idRow = z.object({ id: z.number() });
const stepRow = z.object({ step: z.number().nullable() });
const pointsRow = z.object({ points: z.instanceof(Uint8Array) });

/** Metrics over steps, in chunks of up to 1024 points with summaries. */
export class Series extends StoreTables {
  /** Adds points of any number of metrics. Within a metric, steps are integers that only grow. */
  append(run: string, series: SeriesPoints[]): void {
    this.connection.transaction(() => {
      for (const points of series) if (points.steps.length > 0) this.#appendOne(run, points);
    });
  }

  /** The names of the metrics that any of the runs has logged. */
  names(runs: readonly string[]): string[] {
    const sql =
      'SELECT DISTINCT metric FROM series WHERE run IN (SELECT value FROM json_each(?)) ORDER BY metric';
    return this.connection.rows(nameRow, sql, JSON.stringify(runs)).map(({ metric }) => metric);
  }

  /** The metrics a run has logged, by name. */
  list(run: string): SeriesSummary[] {
    return this.connection.rows(
      summaryRow,
      `SELECT metric, sum(count) AS points, max(last_step) AS last_step, min(min_value) AS min, max(max_value) AS max,
         (SELECT last_value FROM series_chunks WHERE series = id ORDER BY first_step DESC LIMIT 1) AS last
       FROM series JOIN series_chunks ON series = id WHERE run = ? GROUP BY id ORDER BY metric`,
      run,
    );
  }

  /** The last value of a metric; NaN where that is not a number, or the run has no such metric. */
  last(run: string, metric: string): number {
    const id = this.#find(run, metric);
    return (id === null ? null : this.#lastChunk(id)?.last_value) ?? Number.NaN;
  }

  /**
   * One metric, whole or in part. With a limit much below the number of points only the chunks'
   * summaries and the two outermost chunks are read. Empty where the run has no such metric.
   */
  read(run: string, metric: string, range: SeriesRange = {}): SeriesPoints {
    const { from = 0, to = Number.MAX_SAFE_INTEGER, limit = Number.POSITIVE_INFINITY } = range;
    if (limit < 4) throw new RangeError(`a series cannot be thinned to ${limit} points`);
    const points = this.connection.snapshot(() => {
      const series = this.#find(run, metric);
      const chunks = series === null ? [] : this.#chunks(series, from, to);
      if (series === null || chunks.length === 0) return joinPoints([]);
      const clipped = (chunk: ChunkRow) => clipPoints(this.#points(series, chunk.first_step), from, to);
      if (chunks.length <= 2) return joinPoints(chunks.map(clipped));
      const [head, tail] = [clipped(chunks[0]), clipped(chunks[chunks.length - 1])];
      return joinPoints([head, ...this.#inner(series, chunks.slice(1, -1), head, tail, limit), tail]);
    });
    return toSeriesPoints(metric, thinPoints(points, limit));
  }

  /** What lies between the outermost chunks, as fine as the limit can show. */
  #inner(series: number, chunks: ChunkRow[], head: Points, tail: Points, limit: number): Points[] {
    // A chunk is at most as wide as two pairs of extremes then: its summary will do.
    if (chunks.length >= limit / 4) return [summarisedPoints(chunks)];
    const count = chunks.reduce((sum, chunk) => sum + chunk.count, head.steps.length + tail.steps.length);
    const points = chunks.map((chunk) => () => this.#points(series, chunk.first_step));
    if (count <= limit) return points.map((read) => read());
    const first = head.steps[0] ?? chunks[0].first_step;
    const last = tail.steps.at(-1) ?? chunks[chunks.length - 1].last_step;
    const stretches = stretchesOf(first, last, limit);
    return points.map((read) => thinStretches(read(), stretches));
  }

  /** One metric whole, some hundreds of points at a time, so that there are never more of them. */
  *pieces(run: string, metric: string): Generator<SeriesPoints> {
    const series = this.#find(run, metric);
    if (series === null) return;
    for (const { first_step: step } of this.#chunks(series, 0, Number.MAX_SAFE_INTEGER))
      yield toSeriesPoints(metric, this.#points(series, step));
  }

  /** Drops every point of a run after a step. */
  truncateAfter(run: string, step: number): void {
    this.connection.transaction(() => {
      for (const { id } of this.connection.rows(idRow, 'SELECT id FROM series WHERE run = ?', run)) {
        this.connection.run('DELETE FROM series_chunks WHERE series = ? AND first_step > ?', id, step);
        const last = this.#lastChunk(id);
        if (!last) this.connection.run('DELETE FROM series WHERE id = ?', id);
        else if (last.last_step > step) {
          const points = clipPoints(this.#points(id, last.first_step), 0, step);
          this.#delete(id, last.first_step);
          this.#insert(id, points);
        }
      }
    });
  }

  /**
   * Adds points wherever their steps lie, in any order; of a step that is there already, the new value counts. Returns how many
   * steps were not there.
   */
  merge(run: string, series: Columns & { metric: string }): number {
    const points = inOrder(pointsOf(series));
    checkPoints(series.metric, points, -1);
    return this.connection.transaction(() => this.#merge(this.#made(run, series.metric), points));
  }

  #appendOne(run: string, series: SeriesPoints): void {
    const points = pointsOf(series);
    const id = this.#made(run, series.metric);
    const last = this.#lastChunk(id);
    checkPoints(series.metric, points, last?.last_step ?? -1);
    this.#put(id, points, last);
  }

  #made(run: string, metric: string): number {
    this.connection.run('INSERT INTO series (run, metric) VALUES (?, ?) ON CONFLICT DO NOTHING', run, metric);
    const id = this.#find(run, metric);
    if (id === null) throw new Error(`series ${metric} of run ${run} could not be created`);
    return id;
  }

  /** Chunk by chunk, each with the points up to the next one. */
  #merge(series: number, points: Points): number {
    const { steps } = points;
    let added = 0;
    for (let start = 0, end = 0; start < steps.length; start = end) {
      const { chunk, next } = this.#chunkAt(series, steps[start]);
      while (end < steps.length && steps[end] < next) end++;
      added += this.#put(series, slicePoints(points, start, end), chunk);
    }
    return added;
  }

  /** Points that all lie in a chunk or right behind it. Returns how many steps were not there. */
  #put(series: number, points: Points, chunk: ChunkRow | null): number {
    const isBehind = chunk === null || (chunk.count >= CHUNK_POINTS && points.steps[0] > chunk.last_step);
    const all = isBehind ? points : mergePoints(this.#points(series, chunk.first_step), points);
    if (!isBehind) this.#delete(series, chunk.first_step);
    for (let at = 0; at < all.steps.length; at += CHUNK_POINTS)
      this.#insert(series, slicePoints(all, at, at + CHUNK_POINTS));
    return all.steps.length - (isBehind ? 0 : chunk.count);
  }

  /** The chunk that a step belongs to, null before the first one; and where the chunk behind it begins. */
  #chunkAt(series: number, step: number): { chunk: ChunkRow | null; next: number } {
    const chunk = this.connection.get(
      'SELECT * FROM series_chunks WHERE series = ? AND first_step <= ? ORDER BY first_step DESC LIMIT 1',
      series,
      step,
    ) as ChunkRow | undefined;
    const next = this.connection.first(
      stepRow,
      'SELECT min(first_step) AS step FROM series_chunks WHERE series = ? AND first_step > ?',
      series,
      step,
    );
    return { chunk: chunk ?? null, next: next?.step ?? Number.POSITIVE_INFINITY };
  }

  #insert(series: number, points: Points): void {
    const first = points.steps[0];
    const last = points.steps.length - 1;
    const found = extremes(points.values);
    const at = (index: number | undefined): (number | null)[] =>
      index === undefined
        ? [null, null, null, null]
        : [points.steps[index], points.epochs[index], points.times[index], points.values[index]];
    this.connection.run(
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
    this.connection.insert('series_points', { series, first_step: first, points: encodePoints(points) });
  }

  #delete(series: number, firstStep: number): void {
    this.connection.run('DELETE FROM series_chunks WHERE series = ? AND first_step = ?', series, firstStep);
  }

  #find(run: string, metric: string): number | null {
    const sql = 'SELECT id FROM series WHERE run = ? AND metric = ?';
    return this.connection.first(idRow, sql, run, metric)?.id ?? null;
  }

  #chunks(series: number, from: number, to: number): ChunkRow[] {
    // The strict table vouches for the types; to check ten thousand rows takes longer than to read them.
    return this.connection.all(
      'SELECT * FROM series_chunks WHERE series = ? AND last_step >= ? AND first_step <= ? ORDER BY first_step',
      series,
      from,
      to,
    ) as ChunkRow[];
  }

  #lastChunk(series: number): ChunkRow | null {
    const sql = 'SELECT * FROM series_chunks WHERE series = ? ORDER BY first_step DESC LIMIT 1';
    return (this.connection.get(sql, series) as ChunkRow | undefined) ?? null;
  }

  #points(series: number, firstStep: number): Points {
    const sql = 'SELECT points FROM series_points WHERE series = ? AND first_step = ?';
    return decodePoints(this.connection.rows(pointsRow, sql, series, firstStep)[0].points);
  }
}

/** Each chunk as its smallest, largest and last point, in order of steps. */
function summarisedPoints(chunks: ChunkRow[]): Points {
  const steps: number[] = [];
  const epochs: number[] = [];
  const times: number[] = [];
  const values: number[] = [];
  const add = (step: number | null, epoch: number | null, time: number | null, value: number | null) => {
    if (step === null || step === steps.at(-1)) return;
    steps.push(step);
    epochs.push(epoch ?? Number.NaN);
    times.push(time ?? Number.NaN);
    values.push(value ?? Number.NaN);
  };
  for (const chunk of chunks) {
    const addMin = () => add(chunk.min_step, chunk.min_epoch, chunk.min_time, chunk.min_value);
    const minFirst = (chunk.min_step ?? 0) < (chunk.max_step ?? 0);
    if (minFirst) addMin();
    add(chunk.max_step, chunk.max_epoch, chunk.max_time, chunk.max_value);
    if (!minFirst) addMin();
    add(chunk.last_step, chunk.last_epoch, chunk.last_time, chunk.last_value);
  }
  return pointsOf({ steps, epochs, times, values });
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
