import { expect, it } from 'vitest';
import { drawGamma } from '../../math/gamma.ts';
import { Random } from '../../math/random.ts';
import { equivalence } from './equivalence.ts';
import { practicalTest } from './index.ts';
import { bayesianSignedRank } from './signed-rank.ts';

const options = { rope: 0.1, seed: 1 };

it('differences that are all zero are within any region, and of none neither side is more probable', () => {
  const zero = new Float64Array(50);
  expect(bayesianSignedRank(zero, options)).toMatchObject({ smaller: 0, within: 1, larger: 0, error: 0 });
  expect(bayesianSignedRank(zero, { rope: 0, seed: 1 })).toMatchObject({
    smaller: 0.5,
    within: 0,
    larger: 0.5,
  });
  expect(equivalence(zero, 0.1)).toEqual({ p: 0, interval: [0, 0] });
  expect(equivalence(zero, 0).p).toBe(1);
});

it('a single value, none, and one that is not a number give no answer', () => {
  for (const values of [[], [0.3]]) expect(equivalence(values, 1).p).toBeNaN();
  const broken = Float64Array.of(0.1, Number.NaN, 0.2);
  expect(equivalence(broken, 1).p).toBeNaN();
  expect(bayesianSignedRank(broken, options)).toMatchObject({ within: Number.NaN, draws: 0 });
  // A single user weighs twice as much as the pseudo-user.
  const single = bayesianSignedRank(Float64Array.of(1), options);
  expect(single).toEqual(bayesianSignedRank(Float64Array.of(1), options));
  const { smaller, larger } = single;
  expect(larger).toBeGreaterThan(0.5);
  expect(smaller).toBe(0);
});

it('exchanging two rows mirrors the probabilities, and very many different values are drawn as fewer', () => {
  const random = new Random(5);
  const differences = Float64Array.from({ length: 1100 }, () => 0.15 + 0.5 * random.normal());
  const many = bayesianSignedRank(differences, options);
  expect(many.larger).toBeGreaterThan(0.9);
  expect(many.draws).toBeGreaterThanOrEqual(1000);
  const few = differences.subarray(0, 12);
  const [one, other] = [few, few.map((value) => -value)].map((of) => bayesianSignedRank(of, options));
  expect(Math.abs(one.larger - other.smaller)).toBeLessThan(4 * (one.error + other.error));
});

it('a difference names the users and seeds that would find it, as far as something tells its spread', () => {
  const seeds = { baseline: [0.1, 0.12], row: [0.2, 0.22] };
  const differences = Float64Array.of(0, 0.2, 0.1, 0.1);
  const share = practicalTest({ differences, seeds }, { rope: { size: 0.1, isShare: true } }, 1);
  expect(share.rope?.size).toBeCloseTo(0.011, 12);
  expect(share.needed).toBeUndefined();
  const needed = (row: number[], values = differences) =>
    practicalTest({ differences: values, seeds: { ...seeds, row } }, { power: 0.8 }, 1).needed;
  // Checked by hand: (2.8016 · 0.0816 / 0.1)² = 5.23, (2.8016 · 0.02 / 0.1)² = 0.31.
  expect(needed(seeds.row)).toEqual({ power: 0.8, values: 6, seeds: 2 });
  expect(needed([0.2])).toEqual({ power: 0.8, values: 6, seeds: null });
  expect(needed(seeds.row, new Float64Array(4))).toEqual({ power: 0.8, values: null, seeds: null });
});

it('gamma numbers have the mean and the variance of their shape', () => {
  for (const shape of [0.5, 1, 7.5]) {
    const random = new Random(2, 0, String(shape));
    const drawn = Array.from({ length: 40_000 }, () => drawGamma(random, shape));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
    expect(mean / shape).toBeCloseTo(1, 1.3);
    expect(variance / shape).toBeCloseTo(1, 1);
  }
});
