import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { bootstrapIntervals, drawSeeds, resampleMeans } from './bootstrap.ts';
import { normalCdf, normalQuantile } from './distributions.ts';
import { mean } from './metrics.ts';
import { standardDeviation } from './significance.ts';

/** Whole numbers, so that sums are exact; from one user on, and often of one value. */
const whole = fc.oneof(
  fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 1, maxLength: 25 }),
  fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 1, maxLength: 25 }),
  fc
    .tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: 1, max: 9 }))
    .map(([value, users]) => Array<number>(users).fill(value)),
);
const RESAMPLES = 120;
const options = { resamples: RESAMPLES, seed: 3 };

/** Sums of resamples of whole numbers: user by user from the generator. */
function sums(sample: readonly number[]): number[] {
  const random = new Random(options.seed, 0, 'bootstrap');
  return Array.from({ length: RESAMPLES }, () =>
    sample.reduce((sum) => sum + sample[random.below(sample.length)], 0),
  );
}

/** Place of a share in sorted values, between neighbours in proportion. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (place - Math.floor(place)) * (high - low);
}

/** BCa from whole sums, with the jackknife leaving out one user after the other. */
function byDefinition(sample: readonly number[], scale: number) {
  const [own, all] = [sample.reduce((sum, value) => sum + value, 0), sums(sample)];
  const count = (test: (sum: number) => boolean) => all.filter(test).length;
  const bias = normalQuantile((count((sum) => sum < own) + count((sum) => sum <= own)) / (2 * RESAMPLES));
  const left = sample.map((value) => (own - value) / (sample.length - 1));
  const centre = left.reduce((sum, value) => sum + value, 0) / left.length;
  const moment = (power: number) => left.reduce((sum, value) => sum + (centre - value) ** power, 0);
  const acceleration = new Set(sample).size === 1 ? 0 : moment(3) / (6 * moment(2) ** 1.5);
  const end = (at: number) => {
    const shifted = bias + normalQuantile(at);
    const share = Number.isFinite(bias) ? normalCdf(bias + shifted / (1 - acceleration * shifted)) : at;
    return quantile(all, share) * (scale / sample.length);
  };
  const smaller = Math.min(
    count((sum) => sum <= 0),
    count((sum) => sum >= 0),
  );
  return {
    bias,
    acceleration,
    bca: [end(0.025), end(0.975)],
    p: Math.min(1, (2 * (smaller + 1)) / (RESAMPLES + 1)),
  };
}

describe('bootstrap', () => {
  it('is BCa by its definition, ties counting half, whatever the values are scaled by', () => {
    fc.assert(
      fc.property(whole, fc.constantFrom(1, 1 / 3, 0.1), (sample, scale) => {
        const scaled = sample.map((value) => value * scale);
        const [means] = resampleMeans([scaled], options);
        const found = bootstrapIntervals(scaled, means);
        const expected = byDefinition(sample, scale);
        expect(found.bias).toBe(expected.bias);
        expect(found.acceleration).toBeCloseTo(expected.acceleration, 10);
        expect(found.p).toBe(expected.p);
        found.bca.forEach((end, at) => {
          expect(end).toBeCloseTo(expected.bca[at], 10);
        });
      }),
    );
  });

  it('mirrors its interval when the runs change places, and keeps its p', () => {
    fc.assert(
      fc.property(whole, (sample) => {
        const mirrored = sample.map((value) => -value);
        const [one, other] = [sample, mirrored].map((values) =>
          bootstrapIntervals(values, resampleMeans([values], options)[0]),
        );
        expect(other.bca[0]).toBeCloseTo(-one.bca[1], 10);
        expect(other.bca[1]).toBeCloseTo(-one.bca[0], 10);
        expect(other.p).toBe(one.p);
      }),
    );
  });

  it('repeats itself with a seed, and shares its draws between metrics', () => {
    const sample = Array.from({ length: 40 }, (_, index) => Math.sin(index));
    const [one, doubled] = resampleMeans([sample, sample.map((value) => 2 * value)], options);
    expect([...doubled]).toEqual(Array.from(one, (value) => 2 * value));
    expect(resampleMeans([sample], options)[0]).toEqual(one);
    expect(resampleMeans([sample], { ...options, seed: 8 })[0]).not.toEqual(one);
  });

  it('covers the mean about as often as it says, and its p is never 0', () => {
    const random = new Random(1);
    const covered = Array.from({ length: 300 }, () => {
      const sample = Array.from({ length: 60 }, () => random.normal());
      const { bca } = bootstrapIntervals(sample, resampleMeans([sample], { resamples: 400, seed: 1 })[0]);
      return bca[0] <= 0 && bca[1] >= 0;
    }).filter(Boolean).length;
    expect(Math.abs(covered / 300 - 0.945)).toBeLessThan(0.035);
    const far = Array.from({ length: 50 }, (_, at) => 10 + (at % 3));
    expect(bootstrapIntervals(far, resampleMeans([far], options)[0]).p).toBe(2 / (RESAMPLES + 1));
  });

  it('says nothing of what is no number, and refuses nothing and different users', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const sample = [1, value, 3];
      const { bca, p } = bootstrapIntervals(sample, resampleMeans([sample], options)[0]);
      expect([...bca, p]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    }
    expect(() => resampleMeans([], options)).toThrow(/at least one user/);
    expect(() => resampleMeans([[]], options)).toThrow(/at least one user/);
    expect(() => resampleMeans([[1], [1, 2]], options)).toThrow(/of the same users/);
  });
});

describe('draws of seeds', () => {
  it('add the variance of the mean of seeds on both sides, and nothing where there is one', () => {
    const means = new Float64Array(20_000);
    const seeds = { baseline: [0.1, 0.2, 0.6], row: [0.4, 0.5] };
    const drawn = drawSeeds(means, seeds, 1);
    const variance = (values: ArrayLike<number>) => standardDeviation(values) ** 2;
    const expected = variance(seeds.baseline) / 3 + variance(seeds.row) / 2;
    expect(mean(drawn)).toBeCloseTo(0, 2);
    expect(variance(drawn) / expected).toBeCloseTo(1, 1);
    expect(drawSeeds(means, { baseline: [0.1], row: [0.7] }, 1)).toEqual(means);
    expect(drawSeeds(means, seeds, 1)).toEqual(drawn);
  });
});

describe('resamples of very many users', () => {
  const USERS = 250_000;
  const random = new Random(5);
  /** Mostly zeros, as differences of a metric are, and one with a value of its own for each user. */
  const few = Float64Array.from({ length: USERS }, () => [0, 0, 0, 0.5, -0.25][random.below(5)]);
  const many = Float64Array.from({ length: USERS }, () => random.normal());
  const means = resampleMeans([few, many], { resamples: 1_000, seed: 1 });

  it('vary as the mean of as many users does', () => {
    for (const [at, sample] of [few, many].entries()) {
      const error = standardDeviation(sample) / Math.sqrt(USERS);
      expect(Math.abs(mean(means[at]) - mean(sample))).toBeLessThan((5 * error) / Math.sqrt(1_000));
      expect(Math.abs(standardDeviation(means[at]) / error - 1)).toBeLessThan(0.1);
      const { bca } = bootstrapIntervals(sample, means[at]);
      for (const [end, side] of [-1.96, 1.96].entries())
        expect(Math.abs(bca[end] - mean(sample) - side * error)).toBeLessThan(0.4 * error);
    }
  });

  it('are the same for the same seed, negated those of a negated sample, and no numbers where a value is none', () => {
    expect(resampleMeans([few, many], { resamples: 1_000, seed: 1 })).toEqual(means);
    expect(resampleMeans([many.map((value) => -value)], { resamples: 1_000, seed: 1 })[0]).toEqual(
      resampleMeans([many], { resamples: 1_000, seed: 1 })[0].map((value) => -value),
    );
    const broken = Float64Array.from({ length: USERS }, (_, at) => (at === 7 ? Number.NaN : 1));
    expect(bootstrapIntervals(broken, resampleMeans([broken], { resamples: 1_000, seed: 1 })[0]).bca).toEqual(
      [Number.NaN, Number.NaN],
    );
    expect(
      resampleMeans([new Float64Array(USERS).fill(0.1)], { resamples: 1_000, seed: 1 })[0][3],
    ).toBeCloseTo(0.1, 12);
  });
});
