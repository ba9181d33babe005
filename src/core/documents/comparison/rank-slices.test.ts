import { describe, expect, it } from 'vitest';
import { protocol, someRun } from '../../../../test/reports/runs.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import { adjustedSlices, testRankSlices } from '../../evaluation/paired/slice-tests.ts';
import type { ComparedSlice } from '../../evaluation/paired/types.ts';
import { byHistory, sliceMetrics, sliceRows } from '../../evaluation/slices.ts';
import { REPORT_PARTS } from '../formats.ts';
import type { ComparedRun } from '../types.ts';
import { writeComparison } from '../writers/write.ts';
import { compareRuns } from './comparison.ts';

/** One slice of all users, then three by the length of their history. */
function sliced(
  { ranks: all }: ComparedRun,
  cutoffs = [10],
): {
  slices: ComparedSlice[];
  users: ReadonlySet<number>[];
} {
  const [ranks] = all ?? [];
  const everyone = { by: 'all', slices: [['all', 'every user']], of: () => 'all' } as const;
  const slices = sliceRows(ranks.users.length, [everyone, byHistory(ranks)]);
  return {
    slices: sliceMetrics(ranks, slices, cutoffs),
    users: slices.map(({ rows }) => new Set(rows.map((row) => ranks.users[row]))),
  };
}

describe('slices of ranks beside a baseline', () => {
  const base = someRun('popularity', 'popularity', 1, 1);
  const better = someRun('sasrec', 'sasrec', 1, 3);
  const elsewhere = someRun('ease', 'ease', 1, 2, { protocol: { ...protocol, historyFilter: 'none' } });
  const comparison = compareRuns([base, better, elsewhere], { resamples: 100 });
  const tested = adjustedSlices(
    comparison.rows.map(({ runs }, at) => {
      const own = { runs, ...sliced(runs[0]) };
      return at === 0 ? own.slices : testRankSlices({ runs: [base], ...sliced(base) }, own);
    }),
  );
  const metric = 'test/ndcg@10';

  it('have the difference of their means, and over all users the test of the table', () => {
    const [reference, slices] = tested;
    expect(slices.length).toBe(4);
    for (const [at, { metrics, users, differences }] of slices.entries()) {
      const own = differences?.[metric];
      expect(own?.count).toBe(users);
      expect(own?.difference).toBeCloseTo(metrics[metric] - reference[at].metrics[metric], 12);
      expect(own?.interval[0]).toBeLessThanOrEqual(own?.difference ?? 0);
    }
    const column = comparison.columns.findIndex(({ name }) => name === metric);
    const whole = comparison.rows[1].cells[column].significance;
    expect(slices[0].differences?.[metric]).toMatchObject({ difference: whole?.difference, p: whole?.p });
  });

  it('have p adjusted over the slices of their kind, and none beside other protocols', () => {
    const ps = tested[1].slice(1).map(({ differences }) => differences?.[metric]);
    const smallest = Math.min(...ps.map((one) => one?.p ?? 1));
    expect(Math.min(...ps.map((one) => one?.holm ?? 1))).toBeCloseTo(Math.min(1, 3 * smallest), 12);
    for (const row of [tested[0], tested[2]])
      expect(row.every(({ differences }) => differences === undefined)).toBe(true);
  });

  it('have the targets that are theirs of users with several, who count once', () => {
    const halved = ({ ranks: all, ...run }: ComparedRun): ComparedRun => {
      const [ranks] = all ?? [];
      const users = ranks.users.map((row) => row >> 1);
      const several = { ...ranks, users, several: 'all' as const };
      return { ...run, ranks: [several], metrics: rankMetrics(several) };
    };
    const runs = [base, better].map(halved);
    const own = runs.map((run) => {
      const [ranks] = run.ranks ?? [];
      const parity = {
        by: 'item popularity',
        slices: [
          ['head', 'one of the two targets of each'],
          ['tail', 'some of the others'],
        ],
        of: (row: number) => (row % 2 === 0 ? 'head' : row % 4 === 1 ? 'tail' : ''),
      } as const;
      const slices = sliceRows(ranks.users.length, [parity]);
      const users = slices.map(({ rows }) => new Set(rows.map((row) => ranks.users[row])));
      const rows = slices.map((slice) => slice.rows);
      return { runs: [run], slices: sliceMetrics(ranks, slices, [10]), users, rows };
    });
    const found = testRankSlices(own[0], own[1]);
    expect(found.map(({ users }) => users)).toEqual([200, 100]);
    for (const [at, { metrics, users, differences }] of found.entries())
      for (const name of ['test/ndcg@10', 'test/recall@10']) {
        const difference = metrics[name] - own[0].slices[at].metrics[name];
        expect(differences?.[name]?.difference).toBeCloseTo(difference, 12);
        expect(differences?.[name]?.count).toBe(users);
      }
    // And so do whole rows: tests and intervals are over users, not over targets.
    const { rows, columns } = compareRuns(runs, { resamples: 100, metrics: ['recall@10', 'ndcg@10'] });
    for (const [at, { name }] of columns.entries()) {
      const { significance } = rows[1].cells[at];
      expect(significance?.count).toBe(200);
      expect(significance?.difference).toBeCloseTo(runs[1].metrics[name] - runs[0].metrics[name], 12);
    }
    // Other targets of one user, and nothing is paired.
    const [ranks] = runs[1].ranks ?? [];
    const other = {
      ...runs[1],
      ranks: [{ ...ranks, targets: ranks.targets.map((item, row) => item + +(row === 7)) }],
    };
    expect(compareRuns([runs[0], other], { resamples: 100 }).rows[1].cells[0].significance).toBeNull();
  });

  it('are not tested where they have few users', () => {
    const { slices, users } = sliced(better);
    const few = [99, 100].map((count) => ({
      runs: [better],
      slices: slices.slice(0, 1),
      users: [new Set([...users[0]].slice(0, count))],
    }));
    const counts = few.map(
      (own) => testRankSlices({ ...own, runs: [base] }, own)[0].differences?.[metric]?.count,
    );
    expect(counts).toEqual([undefined, 100]);
  });

  it('are not tested at cut-offs beyond the lists of either row', () => {
    const [whole] = base.ranks ?? [];
    const known = whole.ranks.map((rank) => Math.min(rank, 11));
    const lengths = whole.ranks.map(() => 10);
    const listed = { ...base, program: 'RecBole', ranks: [{ ...whole, ranks: known, lengths }] };
    const of = (run: ComparedRun) => ({ runs: [run], ...sliced(run, [10, 50]) });
    for (const [one, other] of [
      [listed, better],
      [better, listed],
    ]) {
      const [{ differences }] = testRankSlices(of(one), of(other));
      expect(Object.keys(differences ?? {})).toEqual(['test/ndcg@10', 'test/hr@10', 'test/mrr@10']);
    }
  });

  it('come with difference, interval and p in reports', () => {
    const whole = { parts: REPORT_PARTS };
    for (const format of ['md', 'html', 'latex'] as const) {
      const text = writeComparison({ ...comparison, slices: tested }, format, whole);
      expect(text, format).toMatch(/Differences to popularity are over the users of a slice/);
    }
    const text = writeComparison({ ...comparison, slices: tested }, 'md', whole);
    expect(text).toMatch(
      /^\| Slice \| +Users \| Run +\| +NDCG&#64;10 \| +Difference \| +95 % interval \| +p \|$/m,
    );
  });
});
