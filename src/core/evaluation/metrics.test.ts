import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  leadingRows,
  metricsOfRanks,
  parseRankMetric,
  perUserMetric,
  rankMetrics,
  withRankMetrics,
} from './metrics.ts';

const someRanks = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 });

describe('metrics of ranks', () => {
  it('computes the textbook values', () => {
    const metrics = rankMetrics({ split: 'test', ranks: Int32Array.from([1, 3, 11, 300]) }, [10, 20]);
    expect(metrics['test/hr@10']).toBe(0.5);
    expect(metrics['test/hr@20']).toBe(0.75);
    expect(metrics['test/ndcg@10']).toBeCloseTo((1 + 0.5) / 4, 12);
    expect(metrics['test/mrr']).toBeCloseTo((1 + 1 / 3 + 1 / 11 + 1 / 300) / 4, 12);
    expect(metrics['test/mean-rank']).toBe(315 / 4);
  });

  it('are those of the list that the target stands in, its relevance and its ideal', () => {
    fc.assert(
      fc.property(someRanks, fc.integer({ min: 1, max: 300 }), (ranks, k) => {
        const metrics = metricsOfRanks({ ranks }, [k]);
        const gain = (relevance: readonly number[]) =>
          relevance.slice(0, k).reduce((sum, relevant, place) => sum + relevant / Math.log2(place + 2), 0);
        const users = ranks.map((rank) => {
          const list = Array.from({ length: rank + 5 }, (_, place) => (place === rank - 1 ? 1 : 0));
          return {
            hr: list.slice(0, k).includes(1) ? 1 : 0,
            ndcg: gain(list) / gain(list.toSorted((a, b) => b - a)),
            mrr: 1 / (list.indexOf(1) + 1),
            mrrAt: list.slice(0, k).includes(1) ? 1 / (list.indexOf(1) + 1) : 0,
            rank: list.indexOf(1) + 1,
          };
        });
        const mean = (of: keyof (typeof users)[number]) =>
          users.reduce((sum, user) => sum + user[of] / users.length, 0);
        expect(metrics[`hr@${k}`]).toBeCloseTo(mean('hr'), 12);
        expect(metrics[`ndcg@${k}`]).toBeCloseTo(mean('ndcg'), 12);
        expect(metrics.mrr).toBeCloseTo(mean('mrr'), 12);
        expect(metrics[`mrr@${k}`]).toBeCloseTo(mean('mrrAt'), 12);
        expect(metrics['mean-rank']).toBeCloseTo(mean('rank'), 8);
      }),
    );
  });

  it('of several targets in one list are those of one where there is one, whatever their order', () => {
    const users = fc.array(someRanks, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(users, (all) => {
        const rows = (of: readonly (readonly number[])[]) => ({
          ranks: Int32Array.from(of.flat()),
          users: Int32Array.from(of.flatMap((ranks, user) => ranks.map(() => user))),
          several: 'all' as const,
        });
        const turned = all.map((ranks) => ranks.toReversed());
        expect(metricsOfRanks(rows(all))).toEqual(metricsOfRanks(rows(turned)));
        const best = all.map((ranks) => [Math.min(...ranks)]);
        const { ranks } = rows(best);
        expect(metricsOfRanks(rows(best))).toMatchObject(metricsOfRanks({ ranks }));
        // Of rows with a history each, a user counts once.
        const successive = { ...rows(all), several: 'successive' as const };
        const means = all.map((one) => metricsOfRanks({ ranks: one }).mrr);
        expect(metricsOfRanks(successive).mrr).toBeCloseTo(
          means.reduce((sum, value) => sum + value, 0) / means.length,
          12,
        );
      }),
    );
  });

  it('show of several targets in one list the best, of others the first', () => {
    const rows = { users: Int32Array.of(7, 7, 7, 3), ranks: Int32Array.of(5, 2, 9, 4) };
    expect([...leadingRows({ ...rows, several: 'all' })]).toEqual([
      [7, 1],
      [3, 3],
    ]);
    expect([...leadingRows({ ...rows, several: 'successive' })]).toEqual([
      [7, 0],
      [3, 3],
    ]);
  });

  it('of a target that is nowhere are 0', () => {
    const { 'mean-rank': rank, ...others } = metricsOfRanks({ ranks: [Number.POSITIVE_INFINITY] });
    expect(new Set(Object.values(others))).toEqual(new Set([0]));
    expect(rank).toBe(Number.POSITIVE_INFINITY);
  });

  it('that an earlier version did not keep follow from the ranks that it kept', () => {
    const ranks = (['test', 'valid'] as const).map((split) => ({
      split,
      ranks: Int32Array.from([1, 4, 30]),
    }));
    const whole = { ...rankMetrics(ranks[0]), 'train/loss': 2 };
    const kept = { 'test/mrr': 0.5, 'train/loss': 2 };
    // What is kept stays; of a split without metrics nothing is said.
    expect(withRankMetrics(kept, ranks)).toEqual({ ...whole, 'test/mrr': 0.5 });
    const unread = {
      [Symbol.iterator]: () => {
        throw new Error('read in vain');
      },
    };
    expect(withRankMetrics(whole, unread)).toEqual(whole);
  });

  it('reads names and refuses others', () => {
    expect(parseRankMetric('valid/ndcg@10')).toMatchObject({ cutoff: 10 });
    expect(parseRankMetric('mrr')).toMatchObject({ cutoff: Number.POSITIVE_INFINITY });
    for (const name of ['ndcg', 'mean-rank@10', 'ids/mrr', 'test/coverage@10'])
      expect(parseRankMetric(name)).toBeNull();
    expect(parseRankMetric('train/loss')).toBeNull();
    expect(parseRankMetric('hr@0')).toBeNull();
    expect(() => perUserMetric({ ranks: [1] }, 'recall')).toThrow(/not a ranking metric; use/);
  });
});
