import { expect, it } from 'vitest';
import { protocol } from '../../../test/reports/runs.ts';
import { protocolWords } from '../documents/comparison/sections/protocol-line.ts';
import { meaningOf } from './meanings.ts';
import { metricLabel } from './metrics-table.ts';

it('explains metrics by their labels, with or without a cut-off and a split', () => {
  const ndcg = 'NDCG: hits, with less for lower places (1 / log₂(r + 1) if r ≤ k, else 0).';
  expect(meaningOf(metricLabel('test/ndcg@10'))).toBe(ndcg);
  expect(meaningOf(metricLabel('valid/ndcg@10'))).toMatch(/^NDCG: .* On the validation items/);
  expect(meaningOf(metricLabel('ids/collision-rate'))).toMatch(/^Collision rate: /);
});

it('explains every part of the protocol that stands in its line', () => {
  for (const historyFilter of ['all', 'none', 'window'] as const)
    for (const selection of ['validation', 'test', 'final-epoch'] as const)
      for (const word of protocolWords({ ...protocol, historyFilter, selection }))
        expect(meaningOf(word), word).toBeDefined();
});

it('takes a loss for that of the training, unless it is validated', () => {
  expect(meaningOf('Loss')).toMatch(/what the optimiser lowers/);
  expect(meaningOf(metricLabel('train/loss'))).toBe(meaningOf('Loss'));
});

it('says nothing of what explains itself', () => {
  expect(meaningOf('Run')).toBeUndefined();
  expect(meaningOf('943 users paired')).toBeUndefined();
});
