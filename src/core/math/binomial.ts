/** Draws of binomial numbers. */
import type { Random } from './random.ts';

/** Below so many expected successes, they are counted one by one. */
const FEW = 10;

/** How many of n trials succeed, each with probability p. Takes as long for many trials as for few. */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
  return n * p < FEW ? countedDraw(random, n, p) : rejectedDraw(random, n, p);
}

/** By the gaps between successes, which are geometric (Devroye 1986, X.4). */
function countedDraw(random: Random, n: number, p: number): number {
  const scale = Math.log1p(-p);
  let [count, trials] = [-1, 0];
  while (trials <= n) {
    trials += 1 + Math.floor(Math.log(1 - random.uniform()) / scale);
    count++;
  }
  return count;
}

/** By transformed rejection (Hörmann 1993, algorithm BTRS). */
function rejectedDraw(random: Random, n: number, p: number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const quick = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const odds = p / (1 - p);
  const mode = Math.floor((n + 1) * p);
  for (;;) {
    const [u, v] = [random.uniform() - 0.5, random.uniform()];
    const rest = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / rest + b) * u + n * p + 0.5);
    if (rest >= 0.07 && v <= quick) return k;
    if (k < 0 || k > n) continue;
    const height = Math.log((v * alpha) / (a / (rest * rest) + b));
    const most =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirlingRest(mode) +
      stirlingRest(n - mode) -
      stirlingRest(k) -
      stirlingRest(n - k);
    if (height <= most) return k;
  }
}

/** ln k! less Stirling's formula for it, by Hörmann's series. */
const series = (k: number) => {
  const squared = (k + 1) ** 2;
  return (1 / 12 - (1 / 360 - 1 / 1260 / squared) / squared) / (k + 1);
};
/** Of small k exactly: ln k! − (k + ½) ln (k + 1) + (k + 1) − ½ ln 2π. */
const SMALL = Float64Array.from({ length: 10 }, (_, k) => {
  let factorial = 0;
  for (let factor = 2; factor <= k; factor++) factorial += Math.log(factor);
  return factorial - (k + 0.5) * Math.log(k + 1) + (k + 1) - 0.5 * Math.log(2 * Math.PI);
});
const stirlingRest = (k: number) => (k < SMALL.length ? SMALL[k] : series(k));
