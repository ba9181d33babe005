import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  incompleteBeta,
  logGamma,
  normalCdf,
  normalQuantile,
  normalSurvival,
  studentQuantile,
  studentTwoSided,
} from './distributions.ts';
import { meanColumns } from './metrics.ts';
import {
  effectSize,
  holm,
  MAX_EXACT,
  pairedDifferences,
  pairedT,
  standardDeviation,
  studentInterval,
  welchT,
  wilcoxon,
} from './significance.ts';

/** Relative agreement with a value computed by SciPy 1.17. */
function expectClose(value: number, reference: number, tolerance = 1e-10): void {
  expect(Math.abs(value - reference)).toBeLessThanOrEqual(tolerance * Math.abs(reference));
}

/** Ties and zeros, values that differ all, or one value only; from one user on. */
const differences = fc.oneof(
  fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 12 }),
  fc.array(
    fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 1e6),
    { minLength: 1, maxLength: 12 },
  ),
  fc
    .tuple(fc.constantFrom(-0.1, 0, 0.7), fc.integer({ min: 1, max: 12 }))
    .map(([value, users]) => Array<number>(users).fill(value)),
);

describe("the interval of Student's t", () => {
  it('has the quantiles of SciPy', () => {
    for (const [df, reference] of [
      [1, 12.706204736432095],
      [10, 2.2281388519649385],
      [100, 1.983971518523552],
    ])
      expectClose(studentQuantile(0.05, df), reference, 1e-8);
  });

  it('leaves out 0 where the test finds a difference, and only there', () => {
    fc.assert(
      fc.property(differences, (values) => {
        fc.pre(values.length > 1);
        const { p } = pairedT(values);
        fc.pre(Math.abs(p - 0.05) > 1e-6);
        const [low, high] = studentInterval(values);
        expect(low > 0 || high < 0).toBe(p < 0.05);
      }),
    );
  });
});

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
    expectClose(normalQuantile(1e-10), -6.361340902404056);
    expectClose(incompleteBeta(2.5, 0.5, 0.3), 0.018927124071945658);
    expectClose(logGamma(0.1), 2.252712651734206);
    expectClose(logGamma(11181.5), 93048.87878948238);
  });

  it('have quantiles that invert them', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 10);
      }),
    );
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(2)).toBeNaN();
  });
});

describe('paired differences', () => {
  const seeds = fc.integer({ min: 2, max: 5 }).chain((count) =>
    fc.array(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: count, maxLength: count }), {
      minLength: 2,
      maxLength: 10,
    }),
  );
  const gains = [
    (rank: number) => 1 / Math.log2(rank + 1),
    (rank: number) => 1 / rank,
    (rank: number) => rank,
  ];

  it('are 0 between equal values of the seeds in any order', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...gains), fc.nat(), (users, gain, turn) => {
        const columns = users[0].map((_, seed) => Float64Array.from(users, (ranks) => gain(ranks[seed])));
        const turned = columns.map((_, at) => columns[(at + turn) % columns.length]).toReversed();
        const none = pairedDifferences(meanColumns(columns), meanColumns(turned));
        expect([...none]).toEqual(users.map(() => 0));
      }),
    );
  });

  it('tie where they are equal but for rounding, as whole numbers do', () => {
    const thirds = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(thirds, (pairs) => {
        // Hits of three seeds: the mean of 1, 1 and 0 is not two of that of 1, 0 and 0 in floating point.
        const mean = (hits: number) => [0, 1, 2].reduce((sum, seed) => sum + (seed < hits ? 1 / 3 : 0), 0);
        const found = pairedDifferences(
          pairs.map(([x]) => mean(x)),
          pairs.map(([, y]) => mean(y)),
        );
        const whole = Float64Array.from(pairs, ([x, y]) => y - x);
        expect(wilcoxon(found)).toEqual(wilcoxon(whole));
        expect({ ...effectSize(found), cohenDz: 0 }).toEqual({ ...effectSize(whole), cohenDz: 0 });
        found.forEach((value, at) => {
          expect(value).toBeCloseTo(whole[at] / 3, 12);
        });
      }),
    );
  });

  it('change their sign and nothing else when the runs change places', () => {
    const sides = fc.array(fc.tuple(fc.double(), fc.double()), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(sides, (pairs) => {
        const [x, y] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
        expect([...pairedDifferences(y, x)]).toEqual([...pairedDifferences(x, y)].map((value) => -value + 0));
      }),
    );
  });

  it('refuse samples that do not pair', () => {
    expect(() => pairedDifferences([1, 2], [1])).toThrow(/2 and 1 values/);
    expect(effectSize(pairedDifferences([1, 2, 3], [2, 2, 1]))).toMatchObject({
      wins: 1,
      ties: 1,
      losses: 1,
    });
  });
});

describe('paired tests', () => {
  it('have the t of its formula', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const users = values.length;
        const { t, p, df } = pairedT(values);
        expect(df).toBe(users - 1);
        if (users === 1) {
          expect([t, p]).toEqual([Number.NaN, Number.NaN]);
          return;
        }
        if (new Set(values).size === 1) {
          expect([standardDeviation(values), p]).toEqual([0, values[0] === 0 ? 1 : 0]);
          return;
        }
        const centre = values.reduce((sum, value) => sum + value / users, 0);
        const variance = values.reduce((sum, value) => sum + (value - centre) ** 2 / (users - 1), 0);
        expectClose(standardDeviation(values), Math.sqrt(variance), 1e-9);
        expect(t * Math.sqrt(variance)).toBeCloseTo(centre * Math.sqrt(users), 9);
        expect(p).toBeCloseTo(studentTwoSided(t, users - 1), 12);
      }),
    );
  });

  /** The statistic and p over all assignments of signs to the ranks; a rank is half the values that are not larger and not smaller. */
  function byAllSigns(values: readonly number[]) {
    const sizes = values.filter((value) => value !== 0).map(Math.abs);
    const ranks = sizes.map((size) =>
      sizes.reduce((sum, other) => sum + (other < size ? 1 : other === size ? 0.5 : 0), 0.5),
    );
    const signs = values.filter((value) => value !== 0).map((value) => value > 0);
    const total = ranks.reduce((sum, rank) => sum + rank, 0);
    const positive = (chosen: (at: number) => boolean) =>
      ranks.reduce((sum, rank, at) => sum + (chosen(at) ? rank : 0), 0);
    const far = (sum: number) => Math.abs(sum - total / 2);
    const observed = positive((at) => signs[at]);
    let extreme = 0;
    for (let mask = 0; mask < 2 ** ranks.length; mask++) {
      if (far(positive((at) => ((mask >> at) & 1) === 1)) >= far(observed)) extreme++;
    }
    return { ranks, statistic: Math.min(observed, total - observed), p: extreme / 2 ** ranks.length };
  }

  it('have the exact p of Wilcoxon over all signs, and the normal one of its formula', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const { ranks, statistic, p } = byAllSigns(values);
        const exact = wilcoxon(values, 'exact');
        expect(exact).toEqual({ statistic, p: expect.closeTo(p, 10), method: 'exact' });
        const normal = wilcoxon(values, 'normal');
        expect(normal.statistic).toBe(statistic);
        // The variance of a sum of ranks, each of which is in it or not; of nothing, p is 1.
        const variance = ranks.reduce((sum, rank) => sum + rank ** 2 / 4, 0);
        const half = ranks.reduce((sum, rank) => sum + rank / 2, 0);
        const z = variance === 0 ? 0 : (half - statistic) / Math.sqrt(variance);
        expect(normal.p).toBeCloseTo(2 * normalSurvival(z), 10);
      }),
    );
  });

  it('take the exact p while few values differ, however many are equal', () => {
    const sample = (differing: number) => [
      ...Array<number>(500).fill(0),
      ...Array.from({ length: differing }, (_, at) => at + 1),
    ];
    expect(wilcoxon(sample(6))).toEqual({ statistic: 0, p: 2 / 2 ** 6, method: 'exact' });
    expect(wilcoxon(sample(MAX_EXACT)).method).toBe('exact');
    expect(wilcoxon(sample(MAX_EXACT + 1))).toEqual(wilcoxon(sample(MAX_EXACT + 1), 'normal'));
  });

  it('mirror themselves when the runs change places', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const mirrored = values.map((value) => -value);
        expect(pairedT(mirrored).p).toBe(pairedT(values).p);
        for (const method of ['exact', 'normal'] as const) {
          const [one, other] = [wilcoxon(values, method), wilcoxon(mirrored, method)];
          expect(other).toEqual({ ...one, p: expect.closeTo(one.p, 12) });
        }
      }),
    );
  });

  it('say p = 1 when nothing differs, and nothing of what is no number', () => {
    const nothing = Float64Array.of(0, 0, 0, 0);
    expect(pairedT(nothing)).toMatchObject({ t: 0, p: 1 });
    for (const method of ['exact', 'normal'] as const) expect(wilcoxon(nothing, method).p).toBe(1);
    expect(effectSize(nothing)).toMatchObject({ cohenDz: Number.NaN, wins: 0, ties: 4, losses: 0 });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(pairedT([1, value, 0]).p).toBeNaN();
      expect(pairedDifferences([0, 0, 1], [1, value, 1])).toEqual(Float64Array.of(1, value, 0));
    }
    expect(wilcoxon([1, Number.NaN, 0]).p).toBeNaN();
    // Infinite differences have ranks.
    expect(wilcoxon([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toMatchObject({
      statistic: 2.5,
      p: 1,
    });
    expect(wilcoxon([]).p).toBe(1);
  });
});

it('tests unpaired samples after Welch, as SciPy does', () => {
  const { t, df, p } = welchT([1, 2, 3], [2, 4, 6]);
  expect([t, df, p]).toEqual(
    [1.5491933384829668, 2.9411764705882346, 0.22088084049409593].map((one) => expect.closeTo(one, 12)),
  );
  expect(welchT([2, 2], [2, 2]).p).toBe(1);
  expect(welchT([2, 2], [3, 3]).p).toBe(0);
  expect(welchT([1], [2, 3]).p).toBeNaN();
});

describe('correction for many comparisons', () => {
  const pValues = fc.array(
    fc.oneof(fc.constantFrom(0, 0.01, 0.04, 1, Number.NaN), fc.double({ min: 0, max: 1, noNaN: true })),
    {
      maxLength: 12,
    },
  );

  it('is the largest, over the p-values up to a p-value, of each times those that are not below it', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const known = p.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
        const adjusted = p.map((value) => {
          if (Number.isNaN(value)) return value;
          const upTo = known.flatMap((other, rank) =>
            other <= value ? [other * (known.length - rank)] : [],
          );
          return Math.min(1, Math.max(...upTo));
        });
        expect([...holm(p)]).toEqual(adjusted);
      }),
    );
  });
});
