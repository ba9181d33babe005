import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { midranks } from '../math/ranks.ts';
import { bootstrapIntervals, pairedBootstrap, resampleMeans } from './bootstrap.ts';
import {
  incompleteBeta,
  logGamma,
  normalCdf,
  normalQuantile,
  normalSurvival,
  studentCdf,
  studentQuantile,
  studentTwoSided,
} from './distributions.ts';
import {
  adjustPValues,
  effectSize,
  pairedDifferences,
  pairedT,
  signFlipExact,
  wilcoxon,
  wilcoxonExact,
} from './significance.ts';

/** Relative agreement with a value computed by SciPy 1.17. */
function expectClose(value: number, reference: number, tolerance = 1e-10): void {
  expect(Math.abs(value - reference)).toBeLessThanOrEqual(tolerance * Math.abs(reference));
}

const differences = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 2, maxLength: 10 });

describe('distributions', () => {
  it('agree with SciPy, far tails included', () => {
    const survival: [number, number][] = [
      [0.5, 0.3085375387259869],
      [2.9, 0.0018658133003840375],
      [3.1, 0.0009676032132183563],
      [8, 6.22096057427174e-16],
      [37, 5.7255712225239266e-300],
    ];
    for (const [z, reference] of survival) expectClose(normalSurvival(z), reference);
    const student: [number, number, number][] = [
      [0.1, 1, 0.936548965138893],
      [2.3, 3, 0.10498836064446998],
      [4, 39, 0.0002738573794739002],
      [1.96, 22362, 0.05000819050562646],
      [12, 22362, 4.489819471489207e-33],
      [0.001, 5, 0.9992407867721976],
    ];
    for (const [t, df, reference] of student) expectClose(studentTwoSided(t, df), reference, 1e-9);
    expectClose(studentQuantile(0.975, 1), 12.706204736174694);
    expectClose(studentQuantile(0.975, 22362), 1.9600700751157598);
    expectClose(normalQuantile(1e-10), -6.361340902404056);
    expectClose(incompleteBeta(2.5, 0.5, 0.3), 0.018927124071945658);
    expectClose(logGamma(0.1), 2.252712651734206);
    expectClose(logGamma(11181.5), 93048.87878948238);
  });

  it('have quantiles that invert them', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (p, df) => {
          expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 10);
          expect(studentCdf(studentQuantile(p, df), df)).toBeCloseTo(p, 10);
        },
      ),
    );
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(2)).toBeNaN();
  });
});

describe('paired tests', () => {
  it('mirror themselves when the runs change places', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const mirrored = values.map((value) => -value);
        expect(pairedT(mirrored).p).toBeCloseTo(pairedT(values).p, 10);
        expect(wilcoxon(mirrored)).toEqual(wilcoxon(values));
        expect(wilcoxonExact(mirrored).p).toBeCloseTo(wilcoxonExact(values).p, 10);
        expect(signFlipExact(mirrored)).toBe(signFlipExact(values));
      }),
    );
  });

  it('exact Wilcoxon equals the count over all sign assignments', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const kept = values.filter((value) => value !== 0);
        const { ranks } = midranks(kept.map(Math.abs));
        const half = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
        const observed = Math.abs(
          kept.reduce((sum, value, at) => sum + (value > 0 ? ranks[at] : 0), 0) - half,
        );
        let extreme = 0;
        for (let signs = 0; signs < 2 ** kept.length; signs++) {
          const sum = ranks.reduce((total, rank, at) => total + ((signs >> at) & 1 ? rank : 0), 0);
          if (Math.abs(sum - half) >= observed) extreme++;
        }
        expect(wilcoxonExact(values).p).toBeCloseTo(extreme / 2 ** kept.length, 10);
      }),
    );
  });

  it('say p = 1 when nothing differs', () => {
    const nothing = [0, 0, 0, 0];
    expect(pairedT(nothing)).toMatchObject({ t: 0, p: 1 });
    for (const zeroMethod of ['wilcox', 'pratt', 'zsplit'] as const)
      expect(wilcoxon(nothing, { zeroMethod }).p).toBe(1);
    expect(wilcoxonExact(nothing).p).toBe(1);
    expect(signFlipExact(nothing)).toBe(1);
    expect(pairedBootstrap(nothing, { resamples: 50 })).toMatchObject({ p: 1, bca: [0, 0] });
  });

  it('refuse samples that do not pair', () => {
    expect(() => pairedDifferences([1, 2], [1])).toThrow(/2 and 1 values/);
    expect(effectSize([1, 2, 3], [2, 2, 1])).toMatchObject({ wins: 1, ties: 1, losses: 1 });
  });
});

describe('bootstrap', () => {
  it('repeats itself with a seed, and shares its draws between metrics', () => {
    const sample = Array.from({ length: 40 }, (_, index) => Math.sin(index));
    const once = pairedBootstrap(sample, { resamples: 200, seed: 7 });
    expect(pairedBootstrap(sample, { resamples: 200, seed: 7 })).toEqual(once);
    expect(pairedBootstrap(sample, { resamples: 200, seed: 8 }).bca).not.toEqual(once.bca);
    const [one, doubled] = resampleMeans([sample, sample.map((value) => 2 * value)], {
      resamples: 50,
      seed: 3,
    });
    one.forEach((value, index) => {
      expect(doubled[index]).toBeCloseTo(2 * value, 12);
    });
  });

  it('has about the standard error of the mean, and draws every user', () => {
    const sample = Array.from({ length: 500 }, (_, index) => index % 10);
    const result = pairedBootstrap(sample, { resamples: 3000, seed: 11 });
    const expected = Math.sqrt(8.25 / 500);
    expect(Math.abs(result.standardError / expected - 1)).toBeLessThan(0.06);
    expect(result.bca[0]).toBeLessThan(4.5);
    expect(result.bca[1]).toBeGreaterThan(4.5);
    expect(result.p).toBe(0);
    expect(bootstrapIntervals(sample, [4.5, 4.5]).percentile).toEqual([4.5, 4.5]);
  });
});

describe('corrections for many comparisons', () => {
  const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });

  it('never lower a p-value, keep their order, and Holm never exceeds Bonferroni', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const order = p.map((_, index) => index).sort((a, b) => p[a] - p[b]);
        for (const method of ['holm', 'benjamini-hochberg', 'bonferroni', 'benjamini-yekutieli'] as const) {
          const adjusted = adjustPValues(p, method);
          p.forEach((value, index) => {
            expect(adjusted[index]).toBeGreaterThanOrEqual(value * (1 - 1e-12));
            expect(adjusted[index]).toBeLessThanOrEqual(1);
          });
          for (let place = 1; place < order.length; place++) {
            expect(adjusted[order[place]]).toBeGreaterThanOrEqual(adjusted[order[place - 1]]);
          }
        }
        const bonferroni = adjustPValues(p, 'bonferroni');
        adjustPValues(p, 'holm').forEach((value, index) => {
          expect(value).toBeLessThanOrEqual(bonferroni[index]);
        });
      }),
    );
  });

  it('leaves a missing p-value out of the count', () => {
    expect([...adjustPValues([0.02, Number.NaN, 0.03], 'holm')]).toEqual([0.04, Number.NaN, 0.04]);
  });
});
