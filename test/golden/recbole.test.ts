import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tensorError } from '../../src/core/golden/tensor-compare.ts';
import { recBoleMetrics } from './recbole.ts';

test('the metrics of RecBole where they differ from ours', () => {
  const fixture = JSON.parse(readFileSync(new URL('stats-a.json', import.meta.url), 'utf8'));
  const { lists, recbole_inputs: inputs, recbole, ...given } = fixture.beyond_accuracy;
  const request = {
    hits: inputs.hits.data,
    positives: inputs.num_positives.data ?? inputs.num_positives,
    lists: lists.data,
    length: lists.shape[1],
    items: inputs.num_items_passed,
    popularity: given['popularity_of_item_1..I'].data ?? given['popularity_of_item_1..I'],
    tailRatio: inputs.tail_ratio,
  };
  const ours = recBoleMetrics(request, inputs.topk);
  expect(Object.keys(recbole)).toHaveLength(33);
  for (const [name, value] of Object.entries<number>(recbole)) {
    expect(tensorError([ours[name]], [value]), name).toBeLessThan(2e-8);
  }
});
