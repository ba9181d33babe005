interface Interval {
  difference: number;
  low: number;
  high: number;
}

/** How much wider than the intervals of the nearer rows a figure is. */
const ROOM = 1.6;

/**
 * How far from 0 a figure of differences reaches, so that the nearer half of the rows can be told apart beside rows that are
 * many times as far away: infinite where all are near.
 */
export function differenceReach(points: readonly Interval[]): number {
  const nearest = points.toSorted((a, b) => Math.abs(a.difference) - Math.abs(b.difference));
  const half = nearest.slice(0, Math.max(2, Math.ceil(points.length / 2)));
  const reach = ROOM * Math.max(0, ...half.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const isNear = ({ difference, low, high }: Interval) =>
    Math.abs(difference) <= reach && Math.max(-low, high) <= 2 * reach;
  return points.every(isNear) ? Infinity : reach;
}
