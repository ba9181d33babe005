/**
 * Normal and Student distributions in double precision. Written here because the packages that have them either
 * interpolate tables or build native code at install time. Checked against SciPy's values in the tests.
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0, by Lanczos' approximation (g = 7, nine terms; relative error about 1e-15). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = lanczos[0];
  for (let term = 1; term < lanczos.length; term++) sum += lanczos[term] / (x - 1 + term);
  const shifted = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

/** Numerator of a step (from 1) of the continued fraction of the incomplete beta function, DLMF 8.17.22. */
function betaFractionTerm(step: number, a: number, b: number, x: number): number {
  const m = Math.floor(step / 2);
  if (step % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
}

function awayFromZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/**
 * Regularised incomplete beta function I_x(a, b), the continued fraction DLMF 8.17.22 by Lentz's method.
 * `complement` is 1 - x, given separately so that nothing cancels when x is close to 1.
 */
export function incompleteBeta(a: number, b: number, x: number, complement = 1 - x): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, complement, x);
  let c = 1;
  let d = 1 / awayFromZero(1 + betaFractionTerm(1, a, b, x));
  let fraction = d;
  for (let step = 2; step < 20_000; step++) {
    const term = betaFractionTerm(step, a, b, x);
    d = 1 / awayFromZero(1 + term * d);
    c = awayFromZero(1 + term / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  return (Math.exp(a * Math.log(x) + b * Math.log(complement) - logBeta) / a) * fraction;
}

/** P(T > |t|) + P(T < -|t|) for Student's t with `df` degrees of freedom. */
export function studentTwoSided(t: number, df: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  const square = t * t;
  return incompleteBeta(df / 2, 0.5, df / (df + square), square / (df + square));
}

/** The t whose two-sided p of Student's distribution is `p`; 0 < p < 1. */
export function studentQuantile(p: number, df: number): number {
  let [low, high] = [0, 1];
  while (studentTwoSided(high, df) > p) high *= 2;
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, df) > p) low = middle;
    else high = middle;
  }
  return high;
}

/** P(Z > z) of the standard normal; accurate in the far tail. */
export function normalSurvival(z: number): number {
  if (Number.isNaN(z)) return Number.NaN;
  if (z < 0) return 1 - normalSurvival(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return z < 3 ? 0.5 - density * oddPowerSeries(z) : density * millsRatio(z);
}

/** P(Z ≤ z) of the standard normal. */
export function normalCdf(z: number): number {
  return normalSurvival(-z);
}

/** z + z³/3 + z⁵/(3·5) + …: the normal integral from 0 to z divided by the density (DLMF 7.6.2). */
function oddPowerSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum;
}

/** Upper tail divided by the density, 1/(z + 1/(z + 2/(z + 3/(…)))), evaluated from the inside (DLMF 7.9.2). */
function millsRatio(z: number): number {
  if (!Number.isFinite(z)) return 0;
  let inner = z;
  for (let depth = 150; depth >= 1; depth--) inner = z + depth / inner;
  return 1 / inner;
}

/** The x in [low, high] where an increasing function reaches a value, by bisection to the last bit. */
function invert(increasing: (x: number) => number, value: number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 2000; step++) {
    const middle = (from + to) / 2;
    if (middle <= from || middle >= to) break;
    if (increasing(middle) < value) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** The z with P(Z ≤ z) = p, for p in [0, 1]. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  return p < 0.5 ? invert(normalCdf, p, -39, 0) : -invert(normalCdf, 1 - p, -39, 0);
}

/** P(X > x) of chi-square with `df` degrees of freedom. */
export function chiSquareSurvival(x: number, df: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  return x <= 0 ? 1 : upperGamma(df / 2, x / 2);
}

/** P(X > x) of the F distribution. */
export function fSurvival(x: number, df1: number, df2: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 1;
  if (!Number.isFinite(x)) return 0;
  const total = df2 + df1 * x;
  return incompleteBeta(df2 / 2, df1 / 2, df2 / total, (df1 * x) / total);
}

/** Q(a, x), the regularised upper incomplete gamma function: the series DLMF 8.7.1 below a + 1, else the continued fraction 8.9.2. */
function upperGamma(a: number, x: number): number {
  if (!Number.isFinite(x)) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let step = 1; term > sum * 1e-17; step++) {
      term *= x / (a + step);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let c = 1e300;
  let d = 1 / awayFromZero(x + 1 - a);
  let fraction = d;
  for (let step = 1; step < 20_000; step++) {
    const factor = step * (a - step);
    const base = x + 2 * step + 1 - a;
    d = 1 / awayFromZero(base + factor * d);
    c = awayFromZero(base + factor / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return scale * fraction;
}

/** Half of the width over which the normal density is integrated, and its step: the trapezoid rule is exact to the last digits there. */
const [NORMAL_REACH, NORMAL_STEP] = [9, 1 / 8];

/** P(range of `count` independent standard normal values > q): the studentized range with known variance. */
export function studentizedRangeSurvival(q: number, count: number): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q <= 0) return 1;
  let sum = 0;
  for (let z = -NORMAL_REACH; z <= NORMAL_REACH; z += NORMAL_STEP) {
    // The largest is at z, and all others are within q below it.
    const within = normalCdf(z) - normalCdf(z - q);
    sum += Math.exp((-z * z) / 2) * (normalCdf(z) ** (count - 1) - within ** (count - 1));
  }
  return Math.min(1, Math.max(0, ((count * NORMAL_STEP) / Math.sqrt(2 * Math.PI)) * sum));
}

/** The q that the range of `count` standard normal values exceeds with probability `p`; 0 < p < 1. */
export function studentizedRangeQuantile(p: number, count: number): number {
  return invert((q) => -studentizedRangeSurvival(q, count), -p, 0, 40);
}
