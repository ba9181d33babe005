/** How a cost grows with a size: y = y0 + a n^b, where y0 is the cost at the smallest size measured. */
import { studentQuantile } from '../../src/core/evaluation/distributions.ts';

export interface Point {
  size: number;
  value: number;
}

interface Interval {
  low: number;
  high: number;
}

export interface Growth {
  /** What stands at the smallest size. */
  base: number;
  factor: number;
  exponent: number;
  exponentInterval: Interval;
  /** Points that the power was fitted to: the largest ones. */
  fitted: number;
  /** Of ln: residual deviation, and what the interval of a prediction needs besides. */
  deviation: number;
  center: number;
  spread: number;
}

/** Points of the largest two decades, in half decades. */
const FITTED = 5;
/** A cost that never exceeds its base by this share does not grow within what was measured. */
const GROWS = 0.25;
const LEVEL = 0.95;

/** Least squares in log-log of what the largest points cost beyond the smallest; null where nothing grows. Points ascend. */
export function fitGrowth(points: readonly Point[]): Growth | null {
  const base = points[0].value;
  const beyond = points
    .slice(1)
    .slice(-FITTED)
    .map(({ size, value }) => ({ x: Math.log(size), value: value - base }))
    .filter(({ value }) => value > 0)
    .map(({ x, value }) => ({ x, y: Math.log(value) }));
  const last = points[points.length - 1].value;
  if (beyond.length < 3 || last < base * (1 + GROWS)) return null;
  const n = beyond.length;
  const center = beyond.reduce((sum, { x }) => sum + x, 0) / n;
  const mean = beyond.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = beyond.reduce((sum, { x }) => sum + (x - center) ** 2, 0);
  const exponent = beyond.reduce((sum, { x, y }) => sum + (x - center) * (y - mean), 0) / spread;
  const squares = beyond.reduce((sum, { x, y }) => sum + (y - mean - exponent * (x - center)) ** 2, 0);
  const deviation = Math.sqrt(squares / (n - 2));
  const half = studentQuantile((1 + LEVEL) / 2, n - 2) * (deviation / Math.sqrt(spread));
  return {
    ...{ base, exponent, deviation, center, spread, fitted: n },
    factor: Math.exp(mean - exponent * center),
    exponentInterval: { low: exponent - half, high: exponent + half },
  };
}

/** The cost at a size, with the 95 % interval of one more measurement there. */
export function costAt(growth: Growth, size: number): Interval & { value: number } {
  const { base, factor, exponent, deviation, center, spread, fitted } = growth;
  const grown = factor * size ** exponent;
  const error = deviation * Math.sqrt(1 + 1 / fitted + (Math.log(size) - center) ** 2 / spread);
  const reach = Math.exp(studentQuantile((1 + LEVEL) / 2, fitted - 2) * error);
  return { value: base + grown, low: base + grown / reach, high: base + grown * reach };
}
