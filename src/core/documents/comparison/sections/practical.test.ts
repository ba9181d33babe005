import { expect, it } from 'vitest';
import { someRun } from '../../../../../test/reports/runs.ts';
import { compareRuns } from '../comparison.ts';
import { comparisonDocument } from '../comparison-document.ts';

const runs = [someRun('a', 'sasrec', 1, 2), someRun('b', 'hstu', 1, 2), someRun('c', 'hstu', 2, 2)];
const how = { resamples: 100, metrics: ['ndcg@10', 'mean-rank'] };

it('a comparison says what differences come to in practice where that is asked, and nothing else changes', () => {
  const plain = compareRuns(runs, how);
  const practical = { rope: { size: 0.05, isShare: true }, power: 0.8 };
  const asked = compareRuns(runs, { ...how, practical });
  const without = (comparison: typeof asked) =>
    JSON.stringify(comparison, (key, value) => (key === 'practical' ? undefined : value));
  expect(without(asked)).toBe(without(plain));

  const test = asked.rows[1].cells[0].significance;
  if (test?.test !== 't' || !test.practical?.rope) throw new Error('no test');
  const { rope, needed } = test.practical;
  expect(rope.size).toBeCloseTo(0.05 * (asked.rows[0].cells[0].mean ?? 0), 12);
  // The only row of its metric: Holm's correction leaves p as it is.
  expect(rope.equivalence.holm).toBe(rope.equivalence.p);
  expect(needed).toMatchObject({ power: 0.8, seeds: null });

  const titles = (comparison: typeof asked) =>
    comparisonDocument(comparison, 'table', {}).sections.map(({ title }) => title);
  const own = ['Practical equivalence', 'What these differences would need'];
  expect(titles(asked).filter((title) => !titles(plain).includes(title))).toEqual(own);
  const { sections, records = [] } = comparisonDocument(asked, 'csv', {});
  const lines = own.map((title) => sections.find((section) => section.title === title)?.table?.lines.length);
  expect(lines).toEqual([2, 2]);
  expect(records[1]).toMatchObject({
    'test/ndcg@10 P within': rope.signedRank.within.toFixed(6),
    'test/ndcg@10 users needed': String(needed?.values),
    'test/ndcg@10 seeds needed': '',
  });
});
