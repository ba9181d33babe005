import { expect, test } from 'vitest';
import type { RunTableRow } from '../../core/api/runs.ts';
import { bestPlaces } from './best-values.ts';

function row(id: string, metrics: Record<string, number>, changes: Partial<RunTableRow> = {}): RunTableRow {
  const cells = Object.entries(metrics).map(([name, mean]) => [name, { mean, std: null, count: 1 }]);
  return {
    id,
    dataset: { id: 'd', name: 'club', fingerprint: 'f' },
    comparisonKey: 'p',
    group: null,
    metrics: Object.fromEntries(cells),
    ...changes,
  } as RunTableRow;
}

const NDCG = 'test/ndcg@10';

test('the best and the second stand out among rows measured alike, equal ones together', () => {
  const rows = [
    row('a', { [NDCG]: 0.2, 'test/mean-rank': 30 }),
    row('b', { [NDCG]: 0.3, 'test/mean-rank': 40 }),
    row('c', { [NDCG]: 0.3, 'test/mean-rank': 50 }),
    row('other protocol', { [NDCG]: 0.9 }, { comparisonKey: 'q' }),
    row('other group', { [NDCG]: 0.8 }, { group: 'x' }),
  ];
  const place = bestPlaces(rows, rows.length);
  expect(rows.map((one) => place(one, NDCG))).toEqual(['second', 'best', 'best', undefined, undefined]);
  expect(rows.map((one) => place(one, 'test/mean-rank')).slice(0, 3)).toEqual(['best', 'second', undefined]);
});

test('nothing stands out while rows are missing, and no metric without a direction', () => {
  const rows = [
    row('a', { [NDCG]: 0.2, 'test/entropy@10': 1 }),
    row('b', { [NDCG]: 0.3, 'test/entropy@10': 2 }),
  ];
  expect(bestPlaces(rows, 3)(rows[1], NDCG)).toBeUndefined();
  expect(bestPlaces(rows, 2)(rows[1], 'no/such@metric')).toBeUndefined();
});
