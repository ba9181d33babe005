import { describe, expect, it } from 'vitest';
import {
  checkMetricNames,
  findMetric,
  METRIC_GROUPS,
  metricDirection,
  metricLabel,
  metricPhrase,
  mostTellingFirst,
} from './metrics-table.ts';

describe('the table of metrics', () => {
  it('has every name of a prefix once', () => {
    const names = METRIC_GROUPS.flatMap(({ prefixes, metrics }) =>
      prefixes.flatMap((prefix) => metrics.map(({ name }) => `${prefix}/${name}`)),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('takes names apart', () => {
    expect(findMetric('test/like/auc')).toMatchObject({
      prefix: 'test',
      task: 'like',
      metric: { name: 'auc' },
    });
    expect(findMetric('ids/gini@2')).toMatchObject({ parameter: 2, metric: { direction: 'lower' } });
    expect(findMetric('ndcg@10')).toMatchObject({ prefix: null, parameter: 10 });
    expect(findMetric('test/like/ndcg@10')).toBeNull();
    expect(findMetric('ids/hr@10')).toBeNull();
  });

  it('says which way is better, and of what is neither nothing', () => {
    const of = (...names: string[]) => [...new Set(names.map(metricDirection))];
    expect(of('test/ndcg@10', 'test/like/auc', 'test/level-accuracy@2', 'test/cold-hr@10')).toEqual([
      'higher',
    ]);
    expect(of('test/mean-rank', 'test/invalid@10', 'train/loss', 'train/reconstruction')).toEqual(['lower']);
    expect(of('train/commitment', 'test/logloss', 'ids/dead-codes@1')).toEqual(['lower']);
    expect(of('test/first-divergence@1', 'test/cold-users', 'test/cold-share@10')).toEqual(['none']);
    expect(of('train/codes-reset', 'test/auc of popularity', 'test/auc of item likes')).toEqual(['none']);
    expect(of('of/another program')).toEqual(['none']);
  });

  it('makes titles of names', () => {
    const titles = [
      'test/ndcg@10',
      'valid/hr@50',
      'valid/logloss',
      'valid/r-precision',
      'test/like/auc',
      'train/loss',
      'ids/usage@1',
    ];
    expect(titles.map(metricLabel)).toEqual([
      'NDCG@10',
      'Validation HR@50',
      'Validation log-loss',
      'Validation R-precision',
      'AUC (like)',
      'Training loss',
      'Usage@1',
    ]);
    expect(metricLabel('of/another program')).toBe('of/another program');
    expect(['valid/hr@50', 'test/hr@50', 'train/loss'].map(metricPhrase)).toEqual([
      'validation HR@50',
      'HR@50',
      'training loss',
    ]);
  });

  it('put the curve first that chooses the epoch, of clicks as well', () => {
    expect(mostTellingFirst(['train/auc', 'valid/ndcg@5', 'train/loss', 'valid/auc'])).toEqual([
      'valid/auc',
      'train/loss',
      'valid/ndcg@5',
      'train/auc',
    ]);
  });

  it('refuses names that it does not have', () => {
    expect(() => checkMetricNames(['test/ndcg@10', 'valid/loss', 'test/a label/auc'])).not.toThrow();
    for (const name of ['test/surprise', 'ndcg@10', 'test/ndcg', 'test/mean-rank@10']) {
      expect(() => checkMetricNames([name])).toThrow(name);
    }
  });
});
