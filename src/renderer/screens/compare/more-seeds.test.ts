import { expect, it } from 'vitest';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { seedOffer } from './more-seeds.ts';

interface Facts {
  model: string;
  seeds: number[];
  mean: number;
}

function viewOf(rows: Facts[], baseline = 0, protocols = 1): ComparisonView {
  return {
    baseline,
    protocols: Array.from({ length: protocols }, () => ({})),
    columns: [{ name: 'test/ndcg@10', label: 'NDCG@10', direction: 'higher', decimals: 4 }],
    rows: rows.map(({ model, seeds, mean }) => ({
      ...{ model, seeds, protocol: 0, seconds: 60, cells: [{ mean }] },
    })),
  } as unknown as ComparisonView;
}

const row = (model: string, mean: number, ...seeds: number[]) => ({ model, mean, seeds });

it('offers the seeds that the best row lacks, and the time of as many', () => {
  const offer = seedOffer(viewOf([row('sasrec', 0.1, 1, 2, 3), row('hstu', 0.2, 2)]), [0]);
  expect(offer).toMatchObject({ row: { model: 'hstu' }, seeds: [1, 3], seconds: 120 });
});

it('offers those of the baseline where the best row has enough, or none that could differ', () => {
  expect(seedOffer(viewOf([row('sasrec', 0.1, 1, 7), row('hstu', 0.2, 1, 2, 3)]), [0])?.seeds).toEqual([2]);
  expect(seedOffer(viewOf([row('sasrec', 0.1, 1), row('ease', 0.2, 1)]), [0])?.row.model).toBe('sasrec');
  expect(seedOffer(viewOf([row('ease', 0.3, 1), row('hstu', 0.2, 1)]), [0])?.row.model).toBe('hstu');
});

it('offers nothing where both have enough, for baselines, one row, or several protocols', () => {
  const both = [row('sasrec', 0.1, 1, 2, 3), row('hstu', 0.2, 1, 2, 3)];
  expect(seedOffer(viewOf(both), [0])).toBeNull();
  expect(seedOffer(viewOf([row('popularity', 0.1, 1), row('ease', 0.2, 1)]), [0])).toBeNull();
  expect(seedOffer(viewOf([row('hstu', 0.2, 1)]), [0])).toBeNull();
  expect(seedOffer(viewOf([row('sasrec', 0.1, 1), row('hstu', 0.2, 1)], 0, 2), [0])).toBeNull();
});
