/**
 * The scaling law L(x) = E + (x0 / x)^α of a loss against parameters or data (Zhang et al. 2024, RecSys, "Scaling law of
 * large sequential recommendation models"; the form is that of Kaplan et al. 2020 with a floor).
 *
 * For a fixed α the law is linear in E and C = x0^α, so the least-squares fit over E ≥ 0, C ≥ 0 is exact, and what
 * remains is a search over one bounded number. No start value, no local minimum.
 */

import { UserError } from '../errors.ts';
import { Random } from '../math/random.ts';
import { sortedQuantile } from '../math/ranks.ts';

export interface ScalingPoint {
  /** Parameters, or interactions trained on; positive. */
  x: number;
  /** What was measured there, such as a cross-entropy in nats. */
  y: number;
}

export interface ScalingLaw {
  /** The floor that no size goes under. */
  e: number;
  /** NaN where y does not fall with x. */
  x0: number;
  alpha: number;
}

export type Interval = [low: number, high: number];

export interface ScalingFit {
  law: ScalingLaw;
  /** Root of the mean squared residual. */
  rmse: number;
  /** Share of the variance that the law explains; 1 is all of it. */
  r2: number;
  /** 95 % bootstrap intervals. */
  intervals: { e: Interval; x0: Interval; alpha: Interval };
  /** What a reader has to know before believing the numbers; whole sentences. */
  cautions: string[];
}

export const MIN_SIZES = 4;
export const ALPHA_BOUNDS: Interval = [0.01, 4];
const GRID = 120;
const RESAMPLES = 1000;

/** y of the law at x. */
export function lawAt({ e, x0, alpha }: ScalingLaw, x: number): number {
  return Number.isNaN(x0) ? e : e + (x0 / x) ** alpha;
}

interface Candidate {
  e: number;
  c: number;
  alpha: number;
  sse: number;
}

/** Least squares over E ≥ 0, C ≥ 0 for one α. `u` are the values of x^-α. */
function floorAndScale(u: Float64Array, y: Float64Array, alpha: number): Candidate {
  const n = y.length;
  let [su, sy, suu, suy] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    su += u[i];
    sy += y[i];
    suu += u[i] * u[i];
    suy += u[i] * y[i];
  }
  const det = n * suu - su * su;
  let c = det > 0 ? (n * suy - su * sy) / det : 0;
  let e = (sy - c * su) / n;
  if (c < 0) [c, e] = [0, sy / n];
  if (e < 0) [c, e] = [suu > 0 ? suy / suu : 0, 0];
  let sse = 0;
  for (let i = 0; i < n; i++) sse += (y[i] - e - c * u[i]) ** 2;
  return { e, c, alpha, sse };
}

/** The best law over all α within the bounds: a logarithmic grid, then golden-section search around its best point. */
function bestLaw(x: Float64Array, y: Float64Array): Candidate {
  // Scaled by the geometric mean, powers of x stay near 1.
  const centre = geometricMean(x);
  const at = (alpha: number) => {
    const u = x.map((value) => (value / centre) ** -alpha);
    return floorAndScale(u, y, alpha);
  };
  const [low, high] = ALPHA_BOUNDS;
  const ratio = (high / low) ** (1 / GRID);
  let best = at(low);
  for (let i = 1; i <= GRID; i++) {
    const candidate = at(low * ratio ** i);
    if (candidate.sse < best.sse) best = candidate;
  }
  const refined = goldenSection(at, Math.max(low, best.alpha / ratio), Math.min(high, best.alpha * ratio));
  const found = refined.sse < best.sse ? refined : best;
  return { ...found, c: found.c * centre ** found.alpha };
}

function goldenSection(at: (alpha: number) => Candidate, from: number, to: number): Candidate {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [from, to];
  let [left, right] = [at(b - golden * (b - a)), at(a + golden * (b - a))];
  for (let i = 0; i < 60 && b - a > 1e-10; i++) {
    if (left.sse < right.sse) {
      b = right.alpha;
      right = left;
      left = at(b - golden * (b - a));
    } else {
      a = left.alpha;
      left = right;
      right = at(a + golden * (b - a));
    }
  }
  return left.sse < right.sse ? left : right;
}

function geometricMean(values: Float64Array): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function lawOf({ e, c, alpha }: Candidate): ScalingLaw {
  return { e, x0: c > 0 ? c ** (1 / alpha) : Number.NaN, alpha: c > 0 ? alpha : Number.NaN };
}

/** Throws UserError where the points are no numbers or stand at fewer than four sizes. */
function checked(points: readonly ScalingPoint[]): { x: Float64Array; y: Float64Array } {
  const bad = points.find(({ x, y }) => !(x > 0) || !Number.isFinite(x) || !Number.isFinite(y));
  if (bad) throw new UserError(`a scaling law cannot be fitted to the point (${bad.x}, ${bad.y})`);
  const sizes = new Set(points.map(({ x }) => x)).size;
  if (sizes < MIN_SIZES) {
    throw new UserError(
      `a law with three unknowns needs at least ${MIN_SIZES} sizes, and there ${sizes === 1 ? 'is' : 'are'} ${sizes}`,
    );
  }
  return {
    x: Float64Array.from(points, (point) => point.x),
    y: Float64Array.from(points, (point) => point.y),
  };
}

/** A fit, with the laws that the bootstrap found; what is predicted from it is a spread over those. */
export interface FittedScaling extends ScalingFit {
  resampled: ScalingLaw[];
  /** Standard deviation of a point around the law, corrected for three fitted numbers. */
  noise: number;
}

/**
 * Fits the law by bounded least squares. Intervals come from a residual bootstrap: residuals, widened by
 * √(n / (n − 3)) for the three fitted numbers, are redrawn around the fitted curve.
 * Throws UserError for fewer than four sizes.
 */
export function fitScalingLaw(
  points: readonly ScalingPoint[],
  { seed = 1, resamples = RESAMPLES }: { seed?: number; resamples?: number } = {},
): FittedScaling {
  const { x, y } = checked(points);
  const n = y.length;
  const best = bestLaw(x, y);
  const law = lawOf(best);
  const fitted = x.map((value) => lawAt(law, value));
  const widening = Math.sqrt(n / Math.max(1, n - 3));
  const residuals = y.map((value, i) => (value - fitted[i]) * widening);
  const random = new Random(seed, 0, 'scaling');
  const resampled = Array.from({ length: resamples }, () => {
    const noisy = fitted.map((value) => value + residuals[random.below(n)]);
    return lawOf(bestLaw(x, noisy));
  });
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const total = y.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const intervals = {
    e: interval(resampled.map(({ e }) => e)),
    x0: interval(resampled.map(({ x0 }) => x0)),
    alpha: interval(resampled.map(({ alpha }) => alpha)),
  };
  return {
    law,
    rmse: Math.sqrt(best.sse / n),
    r2: total > 0 ? 1 - best.sse / total : Number.NaN,
    intervals,
    cautions: cautionsOf(law, intervals, x),
    resampled,
    noise: Math.sqrt(best.sse / Math.max(1, n - 3)),
  };
}

export interface Prediction {
  x: number;
  y: number;
  /** 95 %: of the law and of one more measurement's scatter around it. */
  interval: Interval;
}

/** Prediction of the law for a size that it was not fitted to. */
export function predict({ law, resampled, noise }: FittedScaling, x: number, seed = 1): Prediction {
  const random = new Random(seed, 0, 'scaling-prediction');
  const drawn = resampled.map((one) => lawAt(one, x) + noise * random.normal());
  return { x, y: lawAt(law, x), interval: interval(drawn) };
}

/** The law's own 95 % band at some sizes, for a chart. */
export function bandAt({ resampled }: FittedScaling, sizes: readonly number[]): Interval[] {
  return sizes.map((x) => interval(resampled.map((law) => lawAt(law, x))));
}

/** 2.5 % and 97.5 % of the values that are numbers. */
function interval(values: readonly number[]): Interval {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return [Number.NaN, Number.NaN];
  return [sortedQuantile(sorted, 0.025), sortedQuantile(sorted, 0.975)];
}

/** α is known this well where its interval spans less than this factor. */
const TOLD_APART = 4;

function cautionsOf(law: ScalingLaw, { e, alpha }: ScalingFit['intervals'], x: Float64Array): string[] {
  if (Number.isNaN(law.alpha)) {
    return ['The loss does not fall with size here, so that there is no law to fit: E is the mean.'];
  }
  const cautions: string[] = [];
  const [low, high] = ALPHA_BOUNDS;
  const atBound = alpha[0] < low * 1.01 || alpha[1] > high * 0.99;
  if (atBound || alpha[1] > TOLD_APART * alpha[0]) {
    cautions.push(
      `Floor and exponent cannot be told apart yet: α between ${short(alpha[0])} and ${short(alpha[1])} fits ` +
        `E between ${short(e[0])} and ${short(e[1])}. Add sizes, further apart, or seeds.`,
    );
  }
  const span = Math.max(...x) / Math.min(...x);
  if (span < 10) {
    cautions.push(
      `The sizes span a factor of ${short(span)}: a law over less than a decade says little beyond it.`,
    );
  }
  return cautions;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
