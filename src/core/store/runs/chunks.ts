/** Series points as blobs, their summaries, and thinning for charts. No database here. */
import type { SeriesPoints } from '../../training/events.ts';

/** Points of one metric in columns, all of one length. */
export interface Points {
  steps: Float64Array;
  epochs: Float64Array;
  times: Float64Array;
  values: Float64Array;
}

export const CHUNK_POINTS = 1024;

/** The same in arrays of any kind. */
export type Columns = Readonly<Record<keyof Points, ArrayLike<number>>>;

export function pointsOf({ steps, epochs, times, values }: Columns): Points {
  // As from() takes each value by itself, it takes several times as long.
  return {
    steps: new Float64Array(steps),
    epochs: new Float64Array(epochs),
    times: new Float64Array(times),
    values: new Float64Array(values),
  };
}

export function toSeriesPoints(metric: string, { steps, epochs, times, values }: Points): SeriesPoints {
  return {
    metric,
    steps: Array.from(steps),
    epochs: Array.from(epochs),
    times: Array.from(times),
    values: Array.from(values),
  };
}

/** Applies the same to each column. */
function mapColumns(points: Points, change: (column: Float64Array) => Float64Array): Points {
  return {
    steps: change(points.steps),
    epochs: change(points.epochs),
    times: change(points.times),
    values: change(points.values),
  };
}

/** float64 [4, count] in the machine's byte order, little-endian on every machine Node runs on. */
export function encodePoints({ steps, epochs, times, values }: Points): Uint8Array {
  const count = steps.length;
  const data = new Float64Array(4 * count);
  for (const [index, column] of [steps, epochs, times, values].entries()) data.set(column, index * count);
  return new Uint8Array(data.buffer);
}

export function decodePoints(blob: Uint8Array): Points {
  // A copy, because a blob from SQLite need not be aligned.
  const data = new Float64Array(blob.slice().buffer);
  const count = data.length / 4;
  const column = (index: number) => data.subarray(index * count, (index + 1) * count);
  return { steps: column(0), epochs: column(1), times: column(2), values: column(3) };
}

export function slicePoints(points: Points, from: number, to?: number): Points {
  return mapColumns(points, (column) => column.subarray(from, to));
}

function pickPoints(points: Points, indices: number[]): Points {
  return mapColumns(points, (column) => Float64Array.from(indices, (index) => column[index]));
}

export function joinPoints(parts: Points[]): Points {
  const count = parts.reduce((sum, { steps }) => sum + steps.length, 0);
  const column = () => new Float64Array(count);
  const joined: Points = { steps: column(), epochs: column(), times: column(), values: column() };
  let at = 0;
  for (const part of parts) {
    joined.steps.set(part.steps, at);
    joined.epochs.set(part.epochs, at);
    joined.times.set(part.times, at);
    joined.values.set(part.values, at);
    at += part.steps.length;
  }
  return joined;
}

/** The points in the order of their steps, of several of a step the last. */
export function inOrder(points: Points): Points {
  const { steps } = points;
  if (steps.every((step, at) => at === 0 || step > steps[at - 1])) return points;
  const order = Array.from(steps.keys()).sort((a, b) => steps[a] - steps[b] || a - b);
  return pickPoints(
    points,
    order.filter((index, at) => steps[order[at + 1]] !== steps[index]),
  );
}

/** Points of two curves, both in order; of a step that both have, `newer` counts. */
export function mergePoints(older: Points, newer: Points): Points {
  return inOrder(joinPoints([older, newer]));
}

/** The points from one step to another, both included. */
export function clipPoints(points: Points, from: number, to: number): Points {
  const { steps } = points;
  if (steps.length === 0 || (steps[0] >= from && steps[steps.length - 1] <= to)) return points;
  const start = steps.findIndex((step) => step >= from);
  const end = steps.findLastIndex((step) => step <= to) + 1;
  return start < 0 ? slicePoints(points, 0, 0) : slicePoints(points, start, Math.max(start, end));
}

/** Indices of the first smallest and first largest value in [from, to); null where none is a number. */
export function extremes(
  values: Float64Array,
  from = 0,
  to = values.length,
): { min: number; max: number } | null {
  let min = -1;
  let max = -1;
  for (let index = from; index < to; index++) {
    if (Number.isNaN(values[index])) continue;
    if (min < 0 || values[index] < values[min]) min = index;
    if (max < 0 || values[index] > values[max]) max = index;
  }
  return min < 0 ? null : { min, max };
}

/** Equally wide stretches of steps. */
export interface Stretches {
  first: number;
  width: number;
}

/** The stretches whose extremes, with the first and the last point, are at most `limit` points (4 or more). */
export function stretchesOf(first: number, last: number, limit: number): Stretches {
  return { first, width: (last - first + 1) / Math.floor((limit - 2) / 2) };
}

/** Indices of the smallest and the largest value of each stretch; of one without any number the first. */
function extremeIndices({ steps, values }: Points, { first, width }: Stretches): number[] {
  const count = steps.length;
  const kept: number[] = [];
  for (let start = 0; start < count; ) {
    const stretch = Math.floor((steps[start] - first) / width);
    let end = start + 1;
    while (end < count && Math.floor((steps[end] - first) / width) === stretch) end++;
    const found = extremes(values, start, end);
    if (!found || found.min === found.max) kept.push(found?.min ?? start);
    else kept.push(Math.min(found.min, found.max), Math.max(found.min, found.max));
    start = end;
  }
  return kept;
}

/** The extremes of each stretch alone: a part of a curve, before the whole is thinned by the same stretches. */
export function thinStretches(points: Points, stretches: Stretches): Points {
  return pickPoints(points, extremeIndices(points, stretches));
}

/**
 * Thins points to at most `limit` (4 or more) for a line chart: the first and the last, and between them
 * the smallest and the largest of each of equally wide stretches of steps. A stretch without any number
 * keeps one NaN, so a curve that diverged shows its gap.
 */
export function thinPoints(points: Points, limit: number): Points {
  const last = points.steps.length - 1;
  if (last < limit) return points;
  const kept = extremeIndices(points, stretchesOf(points.steps[0], points.steps[last], limit));
  return pickPoints(points, [...new Set([0, ...kept, last])]);
}
