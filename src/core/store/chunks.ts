/** Series points as blobs, their summaries, and thinning for charts. No database here. */
import type { SeriesPoints } from '../training/events.ts';

/** Points of one metric in columns, all of one length. */
export type Points = Omit<SeriesPoints, 'metric'>;

export const CHUNK_POINTS = 1024;

const COLUMNS = ['steps', 'epochs', 'times', 'values'] as const;

export function emptyPoints(): Points {
  return { steps: [], epochs: [], times: [], values: [] };
}

/** float64 [4, count] in the machine's byte order, little-endian on every machine Node runs on. */
export function encodePoints(points: Points): Uint8Array {
  const count = points.steps.length;
  const data = new Float64Array(4 * count);
  COLUMNS.forEach((column, index) => {
    data.set(points[column], index * count);
  });
  return new Uint8Array(data.buffer);
}

export function decodePoints(blob: Uint8Array): Points {
  const data = new Float64Array(blob.slice().buffer);
  const count = data.length / 4;
  const column = (index: number) => Array.from(data.subarray(index * count, (index + 1) * count));
  return { steps: column(0), epochs: column(1), times: column(2), values: column(3) };
}

export function slicePoints(points: Points, from: number, to: number): Points {
  return {
    steps: points.steps.slice(from, to),
    epochs: points.epochs.slice(from, to),
    times: points.times.slice(from, to),
    values: points.values.slice(from, to),
  };
}

export function pickPoints(points: Points, indices: number[]): Points {
  const pick = (column: number[]) => indices.map((index) => column[index]);
  return {
    steps: pick(points.steps),
    epochs: pick(points.epochs),
    times: pick(points.times),
    values: pick(points.values),
  };
}

export function joinPoints(parts: Points[]): Points {
  return {
    steps: parts.flatMap((part) => part.steps),
    epochs: parts.flatMap((part) => part.epochs),
    times: parts.flatMap((part) => part.times),
    values: parts.flatMap((part) => part.values),
  };
}

/** Indices of the first smallest and first largest value in [from, to); null where none is a number. */
export function extremes(
  values: number[],
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

/**
 * Thins points to at most `limit` (4 or more) for a line chart: the first and the last, and between them
 * the smallest and the largest of each of equally wide stretches of steps. A stretch without any number
 * keeps one NaN, so a curve that diverged shows its gap.
 */
export function thinPoints(points: Points, limit: number): Points {
  const count = points.steps.length;
  if (count <= limit) return points;
  const buckets = Math.floor((limit - 2) / 2);
  const first = points.steps[0];
  const width = (points.steps[count - 1] - first + 1) / buckets;
  const kept = new Set([0]);
  for (let start = 0; start < count; ) {
    const bucket = Math.floor((points.steps[start] - first) / width);
    let end = start + 1;
    while (end < count && Math.floor((points.steps[end] - first) / width) === bucket) end++;
    const found = extremes(points.values, start, end);
    for (const index of found ? [found.min, found.max].sort((a, b) => a - b) : [start]) kept.add(index);
    start = end;
  }
  kept.add(count - 1);
  return pickPoints(points, [...kept]);
}
