import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricsOfRanks, parseRankMetric, perUserMetric, rankMetrics } from './metrics.ts';
import { metricDirection } from './metrics-table.ts';

const someRanks = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 60 });

describe('metrics of ranks', () => {
  it('computes the textbook values', () => {
    const metrics = rankMetrics({ split: 'test', ranks: Int32Array.from([1, 3, 11, 300]) }, [10, 20]);
    expect(metrics['test/hr@10']).toBe(0.5);
    expect(metrics['test/hr@20']).toBe(0.75);
    expect(metrics['test/ndcg@10']).toBeCloseTo((1 + 0.5) / 4, 12);
    expect(metrics['test/mrr']).toBeCloseTo((1 + 1 / 3 + 1 / 11 + 1 / 300) / 4, 12);
    expect(metrics['test/mean-rank']).toBe(315 / 4);
  });

  it('grows with the cut-off, and NDCG never exceeds HR', () => {
    fc.assert(
      fc.property(someRanks, (ranks) => {
        const metrics = metricsOfRanks(ranks);
        let lower = 0;
        for (const cutoff of [5, 10, 20, 50, 100, 200]) {
          const ndcg = metrics[`ndcg@${cutoff}`];
          expect(ndcg).toBeGreaterThanOrEqual(lower);
          expect(ndcg).toBeLessThanOrEqual(metrics[`hr@${cutoff}`] + 1e-12);
          lower = ndcg;
        }
      }),
    );
  });

  it('never falls when a rank improves', () => {
    fc.assert(
      fc.property(someRanks, fc.nat(), (ranks, position) => {
        const index = position % ranks.length;
        const better = ranks.with(index, Math.max(1, ranks[index] - 1));
        for (const name of ['hr@10', 'ndcg@50', 'mrr']) {
          expect(perUserMetric(better, name)[index]).toBeGreaterThanOrEqual(
            perUserMetric(ranks, name)[index],
          );
        }
      }),
    );
  });

  it('reads names and refuses others', () => {
    expect(parseRankMetric('valid/ndcg@10')).toEqual({ kind: 'ndcg', cutoff: 10 });
    expect(parseRankMetric('train/loss')).toBeNull();
    expect(parseRankMetric('hr@0')).toBeNull();
    expect(() => perUserMetric([1], 'recall')).toThrow(/not a ranking metric; use/);
  });

  it('knows which way is better', () => {
    expect(metricDirection('test/ndcg@10')).toBe('higher');
    expect(metricDirection('test/mean-rank')).toBe('lower');
    expect(metricDirection('train/loss')).toBe('lower');
    expect(metricDirection('test/average-popularity@10')).toBe('none');
    expect(metricDirection('ids/perplexity@2')).toBe('higher');
    expect(metricDirection('ids/collision-rate')).toBe('lower');
    expect(metricDirection('ids/prefixes@2')).toBe('none');
  });
});
