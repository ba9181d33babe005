import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { bandAt, fitScalingLaw, lawAt, predict, type ScalingLaw } from './fit.ts';

const laws = fc.record({
  e: fc.double({ min: 0.5, max: 6, noNaN: true }),
  logX0: fc.double({ min: 3, max: 6, noNaN: true }),
  alpha: fc.double({ min: 0.1, max: 1.2, noNaN: true }),
});
const decades = (count: number, from = 4, to = 7) =>
  Array.from({ length: count }, (_, i) => 10 ** (from + ((to - from) * i) / (count - 1)));

describe('scaling law', () => {
  it('recovers the parameters that points were made with', () => {
    fc.assert(
      fc.property(laws, fc.integer({ min: 4, max: 9 }), ({ e, logX0, alpha }, count) => {
        const law: ScalingLaw = { e, x0: 10 ** logX0, alpha };
        const fit = fitScalingLaw(
          decades(count).map((x) => ({ x, y: lawAt(law, x) })),
          { resamples: 20 },
        );
        expect(fit.law.e).toBeCloseTo(e, 3);
        expect(fit.law.alpha / alpha).toBeCloseTo(1, 3);
        expect(Math.log(fit.law.x0) / Math.log(law.x0)).toBeCloseTo(1, 3);
        expect(fit.cautions).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('covers the truth with its intervals where points scatter', () => {
    const law: ScalingLaw = { e: 3, x0: 1e5, alpha: 0.5 };
    let [covered, predicted] = [0, 0];
    const trials = 30;
    for (let seed = 1; seed <= trials; seed++) {
      const random = new Random(seed);
      const measure = (x: number) => ({ x, y: lawAt(law, x) + 0.01 * random.normal() });
      const fit = fitScalingLaw([...decades(6), ...decades(6)].map(measure), { seed, resamples: 100 });
      const [low, high] = fit.intervals.alpha;
      if (low <= law.alpha && law.alpha <= high) covered++;
      const { interval } = predict(fit, 3e7, seed);
      const there = measure(3e7).y;
      if (interval[0] <= there && there <= interval[1]) predicted++;
    }
    // A residual bootstrap of 12 points covers a little less than the 95 % asked.
    expect(covered).toBeGreaterThanOrEqual(24);
    expect(predicted).toBeGreaterThanOrEqual(24);
  });

  it('says when the data cannot tell its parameters apart', () => {
    const random = new Random(5);
    const noisy = decades(4, 5, 5.6).map((x) => ({ x, y: 5 + (1e4 / x) ** 0.3 + 0.05 * random.normal() }));
    const cautions = fitScalingLaw(noisy).cautions.join(' ');
    expect(cautions).toContain('less than a decade');
    expect(cautions).toContain('Floor and exponent cannot be told apart');
    const rising = fitScalingLaw(decades(5).map((x) => ({ x, y: Math.log10(x) })));
    expect(rising.law).toEqual({ e: rising.law.e, x0: Number.NaN, alpha: Number.NaN });
    expect(rising.cautions[0]).toContain('does not fall with size');
  });

  it('refuses fewer than four sizes, and what is no point', () => {
    const points = [1, 1, 10, 10, 100, 100].map((x) => ({ x, y: 1 / x }));
    expect(() => fitScalingLaw(points)).toThrow('at least 4 sizes, and there are 3');
    expect(() => fitScalingLaw([{ x: 0, y: 1 }])).toThrow('the point (0, 1)');
    expect(() => fitScalingLaw([{ x: 1, y: Number.NaN }])).toThrow('the point (1, NaN)');
  });

  it('gives the same numbers for the same seed', () => {
    const random = new Random(2);
    const points = decades(5).map((x) => ({ x, y: 4 + (1e5 / x) ** 0.4 + 0.02 * random.normal() }));
    const [one, two] = [fitScalingLaw(points, { seed: 7 }), fitScalingLaw(points, { seed: 7 })];
    expect(two).toEqual(one);
    expect(bandAt(one, [1e4, 1e8])).toEqual(bandAt(two, [1e4, 1e8]));
    const [[low, high]] = bandAt(one, [1e5]);
    expect(low).toBeLessThan(high);
  });
});
