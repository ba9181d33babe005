import { expect, test } from 'vitest';
import { chooseColumns, metricColumn } from './columns.ts';

const run = (id: string, metrics: Record<string, number>) => ({ id, name: id, model: id, metrics });

test('measures of Semantic IDs have names, decimals and a direction of their own', () => {
  expect(metricColumn('ids/usage@2')).toMatchObject({ label: 'Usage@2', direction: 'higher', decimals: 4 });
  expect(metricColumn('ids/category-ami@1')).toMatchObject({ label: 'Category AMI@1' });
  expect(metricColumn('ids/dead-codes@1')).toMatchObject({ direction: 'lower', decimals: 0 });
  expect(metricColumn('ids/perplexity@1')).toMatchObject({ direction: 'higher', decimals: 1 });
  expect(metricColumn('valid/ndcg@10')).toMatchObject({ label: 'Validation NDCG@10' });
});

test('tokenisers are compared by their usual measures, the others follow', () => {
  const { columns, others } = chooseColumns(
    [run('a', { 'ids/usage@1': 1, 'ids/gini@1': 0.1, 'ids/collision-rate': 0.2 })],
    undefined,
  );
  expect(columns.map(({ name }) => name)).toEqual(['ids/collision-rate', 'ids/usage@1']);
  expect(others.map(({ name }) => name)).toEqual(['ids/gini@1']);
  const asked = chooseColumns([run('a', { 'ids/gini@1': 0.1 })], ['gini@1']);
  expect(asked.columns.map(({ label }) => label)).toEqual(['Gini@1']);
});
