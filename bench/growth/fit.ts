/** How a cost grows with a size: y = c + a n^b. */
import { studentQuantile } from '../../src/core/evaluation/distributions.ts';

export interface Point {
  size: number;
  value: number;
}

interface Interval {
  low: number;
  high: number;
}

/** A line in log-log. */
interface Power {
  factor: number;
  exponent: number;
  /** Points that it was fitted to. */
  fitted: number;
  /** Of ln: residual deviation, and what intervals need besides. */
  deviation: number;
  center: number;
  spread: number;
}

export interface Growth extends Power {
  /** What stands at any size. */
  base: number;
  exponentInterval: Interval;
}

/** Points of the largest two decades, in half decades. */
const FITTED = 5;
/** A cost whose largest value exceeds its smallest by less than this share does not grow within what was measured. */
const GROWS = 0.25;
const LEVEL = 0.95;
const ITERATIONS = 50;

/**
 * Least squares in log-log of what the largest points cost beyond the smallest one, whose own share of the growth is added again
 * until nothing changes. Points ascend. Null where nothing grows, too few points do, or the interval of the power holds 0.
 */
export function fitGrowth(points: readonly Point[]): Growth | null {
  const [first] = points;
  const last = points[points.length - 1];
  if (last.value < first.value * (1 + GROWS)) return null;
  const beyond = points
    .slice(1)
    .slice(-FITTED)
    .map(({ size, value }) => ({ size, value: value - first.value }))
    .filter(({ value }) => value > 0);
  if (beyond.length < 3) return null;
  let own = 0;
  let power = powerOf(beyond);
  for (let at = 0; at < ITERATIONS; at++) {
    // A cost has no negative base.
    own = Math.min(first.value, power.factor * first.size ** power.exponent);
    power = powerOf(beyond.map(({ size, value }) => ({ size, value: value + own })));
  }
  const half = quantile(power) * (power.deviation / Math.sqrt(power.spread));
  const { exponent } = power;
  if (exponent <= half) return null;
  return {
    ...power,
    base: first.value - own,
    exponentInterval: { low: exponent - half, high: exponent + half },
  };
}

function powerOf(points: readonly Point[]): Power {
  const n = points.length;
  const line = points.map(({ size, value }) => ({ x: Math.log(size), y: Math.log(value) }));
  const center = line.reduce((sum, { x }) => sum + x, 0) / n;
  const mean = line.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = line.reduce((sum, { x }) => sum + (x - center) ** 2, 0);
  const exponent = line.reduce((sum, { x, y }) => sum + (x - center) * (y - mean), 0) / spread;
  const squares = line.reduce((sum, { x, y }) => sum + (y - mean - exponent * (x - center)) ** 2, 0);
  const factor = Math.exp(mean - exponent * center);
  return { factor, exponent, fitted: n, deviation: Math.sqrt(squares / (n - 2)), center, spread };
}

const quantile = ({ fitted }: Power) => studentQuantile(1 - LEVEL, fitted - 2);

/** The cost at a size, with the 95 % interval of one more measurement there. */
export function costAt(growth: Growth, size: number): Interval & { value: number } {
  const { base, factor, exponent, deviation, center, spread, fitted } = growth;
  const grown = factor * size ** exponent;
  const error = deviation * Math.sqrt(1 + 1 / fitted + (Math.log(size) - center) ** 2 / spread);
  const reach = Math.exp(quantile(growth) * error);
  return { value: base + grown, low: base + grown / reach, high: base + grown * reach };
}
