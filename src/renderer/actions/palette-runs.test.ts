import { expect, test } from 'vitest';
import type { RunTableRow } from '../../core/api/runs.ts';
import { bestPair, inOrder, matchParts, rowContext, rowTitle } from './palette-runs.ts';

function row(id: string, changes: Partial<RunTableRow> = {}, value?: number): RunTableRow {
  const metrics: RunTableRow['metrics'] =
    value === undefined ? {} : { 'test/ndcg@10': { mean: value, std: null, count: 1 } };
  return {
    id,
    name: `${id}-films-seed1`,
    model: id,
    label: { title: id, detail: '' },
    dataset: { id: 'd', name: 'films', fingerprint: 'f' },
    runs: [{ id, name: id, seed: 1, status: 'completed' }],
    study: null,
    comparisonKey: 'k',
    metrics,
    ...changes,
  } as RunTableRow;
}

const seeds = [1, 2].map((seed) => ({ id: String(seed), name: '', seed, status: 'completed' as const }));

test('a run is called as in the table of runs', () => {
  expect(rowTitle(row('sasrec', { label: { title: 'SASRec', detail: 'dim 64' } }))).toBe('SASRec, dim 64');
  expect(rowContext(row('sasrec', { runs: seeds }))).toBe('films, 2 seeds');
});

test('what trains comes first, then the best', () => {
  const training = row('hstu', { runs: [{ id: 'hstu', name: '', seed: 1, status: 'running' }] });
  const rows = [
    row('failed'),
    row('low', {}, 0.1),
    row('nan', {}, Number.NaN),
    row('high', {}, 0.3),
    training,
  ];
  expect(inOrder(rows).map(({ id }) => id)).toEqual(['hstu', 'high', 'low', 'nan', 'failed']);
});

test('the best is compared with the next that is no simple baseline and was measured alike', () => {
  const rows = [
    row('alone', { comparisonKey: 'y' }, 0.4),
    row('sasrec', {}, 0.3),
    row('ease', {}, 0.25),
    row('other', { comparisonKey: 'x' }, 0.22),
    row('hstu', {}, 0.2),
  ];
  expect(bestPair(rows)?.map(({ id }) => id)).toEqual(['sasrec', 'hstu']);
  expect(bestPair(rows.slice(0, 3))?.map(({ id }) => id)).toEqual(['sasrec', 'ease']);
  expect(bestPair(rows.slice(0, 2))).toBeNull();
  // The trials of a sweep are its own affair.
  const study = { id: 's', name: 'rates', kind: 'sweep' } as RunTableRow['study'];
  expect(bestPair([row('sasrec', {}, 0.3), row('trials', { study }, 0.4)])).toBeNull();
});

test('what matches is told apart, whatever is typed', () => {
  expect(matchParts('eSASRec strong', 'sasrec')).toEqual([
    { text: 'e', matches: false },
    { text: 'SASRec', matches: true },
    { text: ' strong', matches: false },
  ]);
  expect(matchParts('a(b', '(')).toContainEqual({ text: '(', matches: true });
  expect(matchParts('a', ' ')).toEqual([{ text: 'a', matches: false }]);
});
