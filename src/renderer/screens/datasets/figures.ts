/** The figures of a data set, from its statistics. */
import type { Activity, TimeBin } from '../../../core/api/datasets.ts';
import type { FigureSpec } from '../../../core/api/figures.ts';
import { countText, grouped } from '../../format/format.ts';

export interface Counts {
  title: string;
  /** What is counted: "users". */
  of: string;
  /** What they are counted by: "interactions of a user". */
  unit: string;
  /** Bin i holds the values in [2^i, 2^(i+1)). */
  bins: readonly number[];
  fileName: string;
}

/** Counts by powers of two. */
export function countsFigure({ title, of, unit, bins, fileName }: Counts): FigureSpec {
  const first = Math.max(
    0,
    bins.findIndex((count) => count > 0),
  );
  const rows = bins.map((count, bin) => ({ range: rangeText(bin), count }));
  return {
    title,
    description: `${title}: ${rows.map(({ range, count }) => `${grouped(count)} ${of} with ${range}`).join(', ')}`,
    fileName,
    height: 180,
    x: { kind: 'names', label: unit },
    y: { label: of, zero: true, whole: true, text: grouped },
    series: [
      {
        id: of,
        colour: 'muted',
        bars: true,
        points: rows.slice(first).map(({ range, count }) => ({
          x: range,
          y: count,
          tip: `${range} ${unit}: ${grouped(count)} ${of}`,
        })),
      },
    ],
  };
}

/** "1", "2–3", "4–7" */
function rangeText(bin: number): string {
  const [first, last] = [2 ** bin, 2 ** (bin + 1) - 1];
  if (first === last) return String(first);
  return `${compact(first)}–${first < 1024 ? compact(last) : compact(2 * first)}`;
}

function compact(value: number): string {
  return value < 1024 ? String(value) : `${Math.round(value / 1024)}k`;
}

/** Seconds of the last bin, whose end no other one tells. */
const LAST: Record<TimeBin, number> = {
  day: 86_400,
  week: 7 * 86_400,
  month: 30 * 86_400,
  quarter: 91 * 86_400,
  year: 365 * 86_400,
};

/** Active users over time, with those who came then for the first time. */
export function activityFigure({ bin, bins }: Activity, name: string): FigureSpec {
  const title = `Active users per ${bin}`;
  const most = bins.reduce((best, row) => (row.users > best.users ? row : best), bins[0]);
  const bars = (count: (row: Activity['bins'][number]) => number) =>
    bins.map((row, at) => ({
      x: 1000 * row.from,
      to: 1000 * (bins[at + 1]?.from ?? row.from + LAST[bin]),
      y: count(row),
      tip: binText(row, bin),
    }));
  return {
    title,
    description: `${title}: ${bins.length} ${bin}s; most in ${binText(most, bin)}`,
    fileName: `${name}-users-by-${bin}`,
    height: 180,
    x: { kind: 'utc' },
    y: { label: 'users', zero: true, whole: true, text: grouped },
    series: [
      { id: 'all', label: 'All', colour: 'lineStrong', bars: true, points: bars(({ users }) => users) },
      { id: 'new', label: 'New', colour: 'muted', bars: true, points: bars(({ newUsers }) => newUsers) },
    ],
  };
}

/** "2001-03: 412 users, 130 of them new, 9,120 interactions" */
function binText({ from, users, newUsers, interactions }: Activity['bins'][number], bin: TimeBin): string {
  const date = new Date(1000 * from).toISOString();
  const names: Record<TimeBin, string> = {
    day: date.slice(0, 10),
    week: `week of ${date.slice(0, 10)}`,
    month: date.slice(0, 7),
    quarter: `${date.slice(0, 4)} Q${1 + Math.floor(Number(date.slice(5, 7)) / 3.1)}`,
    year: date.slice(0, 4),
  };
  return `${names[bin]}: ${countText(users, 'user')}, ${grouped(newUsers)} of them new, ${countText(interactions, 'interaction')}`;
}
