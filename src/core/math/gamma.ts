/** Draws of gamma-distributed numbers. */
import type { Random } from './random.ts';

/** With this shape and scale 1 (Marsaglia and Tsang 2000; of shape 1 the exponential itself). The shape must be above 0. */
export function drawGamma(random: Random, shape: number): number {
  if (shape === 1) return -Math.log(1 - random.uniform());
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.uniform();
    // The first is a bound of the second, and nearly always enough.
    if (u < 1 - 0.0331 * x ** 4 || Math.log(u) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
