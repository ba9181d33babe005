import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { resampleMeans } from './bootstrap.ts';
import { mean, metricOfRank, perUserMetric } from './metrics.ts';
import { significanceOf } from './paired/paired-tests.ts';
import { testAgainst } from './paired/pairing.ts';
import { countedPairs } from './paired/rank-pairs.ts';
import { pairedDifferences } from './significance.ts';
import { tallyOf } from './tally.ts';
import type { UserRanks } from './types.ts';

/** Equal to rounding: an absolute 1e-12 of numbers, and all else exactly. */
function expectAlike(one: unknown, other: unknown): void {
  if (typeof one === 'number' && typeof other === 'number' && Number.isFinite(one))
    expect(Math.abs(one - other)).toBeLessThan(1e-12);
  else if (typeof one === 'object' && one !== null) {
    expect(Object.keys(one)).toEqual(Object.keys(other as object));
    for (const [key, value] of Object.entries(one))
      expectAlike(value, (other as Record<string, unknown>)[key]);
  } else expect(one).toEqual(other);
}

const ranks = fc.array(fc.tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 })), {
  minLength: 40,
  maxLength: 80,
});
const metric = fc.constantFrom('ndcg@10', 'hr@10', 'ndcg@50', 'mrr', 'mean-rank');

it('pairs of ranks count the differences that users have one by one', () => {
  const property = fc.property(ranks, metric, (pairs, name) => {
    const [a, b] = [0, 1].map((side) => Int32Array.from(pairs, (pair) => pair[side]));
    const [x, y] = [a, b].map((side) => perUserMetric({ ranks: side }, name));
    const counted = countedPairs(a, b, metricOfRank(name));
    expect(counted?.differences).toEqual(tallyOf(pairedDifferences(x, y)));
    expectAlike(counted?.means, { baseline: mean(x), row: mean(y) });
  });
  fc.assert(property);
});

it('a tally has the tests of the values in it', () => {
  const practical = { rope: { size: 0.1, isShare: false }, power: 0.8 };
  const property = fc.property(ranks, metric, fc.integer({ min: 1, max: 80 }), (pairs, name, users) => {
    const [x, y] = [0, 1].map((side) =>
      perUserMetric({ ranks: pairs.slice(0, users).map((pair) => pair[side]) }, name),
    );
    const differences = pairedDifferences(x, y);
    const [means] = resampleMeans([differences], { resamples: 50, seed: 1 });
    const values = { unit: 'users', metric: name, seeds: { baseline: [mean(x)], row: [mean(y)] } } as const;
    const of = (sample: Parameters<typeof significanceOf>[0]['differences']) =>
      significanceOf({ ...values, differences: sample }, means, { seed: 1, practical });
    expectAlike(of(tallyOf(differences)), of(differences));
  });
  fc.assert(property, { numRuns: 15 });
});

it('very many users are tested as they are one by one, with the same draws', () => {
  const users = 101_000;
  const ranksOf = (run: number, several?: UserRanks['several']): UserRanks => {
    const random = new Random(1, run);
    const column = (of: (at: number) => number) => Int32Array.from({ length: users }, (_, at) => of(at));
    return {
      ...{ split: 'test', candidates: 3_000, topK: 0, topItems: new Int32Array(), several },
      ...{ users: column((at) => at), targets: column((at) => at % 3_000), historyLengths: column(() => 9) },
      ranks: column(() => 1 + Math.floor(3_000 * random.uniform() ** (3 + run / 4))),
    };
  };
  const [left, right] = [[ranksOf(0)], [ranksOf(1), ranksOf(2)]].map((seeds) =>
    seeds.map((of) => ({ metrics: {}, ranks: [of] })),
  );
  const names = ['test/ndcg@10', 'test/hr@10', 'test/mrr'];
  const options = { resamples: 2_000, seed: 1 };
  for (const row of [right.slice(0, 1), right]) {
    const { cells } = testAgainst(left, row, names, options);
    const of = (seeds: typeof left, name: string) =>
      seeds.map(({ ranks: [one] }) => perUserMetric(one, name));
    const all = names.map((name) => {
      const [a, b] = [of(left, name), of(row, name)];
      const mixed = b[0].map((_, user) => mean(b.map((seed) => seed[user])));
      return {
        differences: pairedDifferences(a[0], mixed),
        seeds: { baseline: a.map(mean), row: b.map(mean) },
      };
    });
    const means = resampleMeans(
      all.map(({ differences }) => differences),
      options,
    );
    const expected = all.map((one, at) =>
      significanceOf({ ...one, unit: 'users', metric: names[at] }, means[at], options),
    );
    expectAlike(cells, expected);
  }
});
