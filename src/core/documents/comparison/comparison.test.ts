import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocol, someRanks, someRun, someRuns } from '../../../../test/reports/runs.ts';
import { perUserMetric } from '../../evaluation/metrics.ts';
import { pairedT } from '../../evaluation/significance.ts';
import { REPORT_PARTS } from '../formats.ts';
import type { ComparedRun, Comparison } from '../types.ts';
import { writeComparison } from '../writers/write.ts';
import { compareRuns } from './comparison.ts';
import { differenceLines, markNotes } from './sections/differences.ts';

function cell(comparison: Comparison, row: number, metric: string) {
  return comparison.rows[row].cells[comparison.columns.findIndex(({ name }) => name === metric)];
}

describe('comparison', () => {
  it('folds seeds into one row with mean and spread', () => {
    const runs = someRuns();
    const comparison = compareRuns(runs);
    expect(comparison.rows.map(({ name, seeds }) => [name, seeds])).toEqual([
      ['popularity', [1]],
      ['bprmf', [1]],
      ['sasrec', [1, 2, 3]],
    ]);
    const values = runs.slice(2).map((run) => run.metrics['test/ndcg@10']);
    const mean = (values[0] + values[1] + values[2]) / 3;
    const ndcg = cell(comparison, 2, 'test/ndcg@10');
    expect(ndcg.mean).toBeCloseTo(mean, 12);
    expect(ndcg.std).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2), 12);
    expect(cell(comparison, 0, 'test/ndcg@10').std).toBeNull();
  });

  it('does not count a repeated seed, another config, data set or checkpoint as a seed', () => {
    const runs = [
      someRun('a', 'sasrec', 1, 3),
      someRun('a', 'sasrec', 1, 3),
      someRun('a', 'sasrec', 2, 3, { config: { dim: 7 } }),
      someRun('a', 'sasrec', 3, 3, { dataset: { name: 'Other', fingerprint: 'other' } }),
      someRun('a', 'sasrec', 4, 3, { seed: null }),
      someRun('a', 'sasrec', 5, 3, { evaluates: { kind: 'last', splits: ['test'] } }),
    ];
    const names = compareRuns(runs).rows.map(({ name }) => name);
    expect(names).toHaveLength(6);
    expect(new Set(names).size).toBeGreaterThan(1);
  });

  it('takes seeds of one file for a row, and no others in a file of the same name', () => {
    const result = (sha256: string) => ({ file: 'lists.csv', sha256 }) as ComparedRun['result'];
    const config = { file: 'lists.csv' };
    const runs = ['a', 'a', 'b'].map((hash, at) =>
      someRun(`copy-${at}`, 'copy', at + 1, 3, { config, result: result(hash) }),
    );
    expect(compareRuns(runs).rows.map(({ seeds }) => seeds)).toEqual([[1, 2], [3]]);
  });

  it('marks best and second by the way each metric points', () => {
    const comparison = compareRuns(someRuns(), { metrics: ['ndcg@10', 'mean-rank'] });
    expect(comparison.columns.map(({ label }) => label)).toEqual(['NDCG@10', 'Mean rank']);
    for (const metric of ['test/ndcg@10', 'test/mean-rank']) {
      expect([0, 1, 2].map((row) => cell(comparison, row, metric).mark)).toEqual([null, 'second', 'best']);
    }
    expect(cell(comparison, 2, 'test/mean-rank').delta).toBeLessThan(0);
    // Of two, the other is second to nothing.
    const two = compareRuns(someRuns().slice(0, 2), { metrics: ['ndcg@10'] });
    expect([0, 1].map((row) => cell(two, row, 'test/ndcg@10').mark)).toEqual([null, 'best']);
  });

  it('lets values that print alike share the mark', () => {
    const metrics = (value: number) => ({ metrics: { 'test/ndcg@10': value }, ranks: null });
    const runs = [
      someRun('a', 'x', 1, 1, metrics(0.10001)),
      someRun('b', 'y', 1, 1, metrics(0.10004)),
      someRun('c', 'z', 1, 1, metrics(0.05)),
    ];
    expect(compareRuns(runs).rows.map((row) => row.cells[0].mark)).toEqual(['best', 'best', null]);
  });

  it('tests each row against the baseline per user, with Holm over the rows of a metric', () => {
    const runs = someRuns();
    const comparison = compareRuns(runs, { baseline: 'bprmf', resamples: 300 });
    expect(comparison.rows[1]).toMatchObject({ isBaseline: true });
    expect(cell(comparison, 1, 'test/mrr').significance).toBeNull();
    const ranks = (at: number) => [...(runs[at].ranks ?? [])][0].ranks;
    const differences = Float64Array.from(ranks(0), (rank, user) => 1 / rank - 1 / ranks(1)[user]);
    const tested = cell(comparison, 0, 'test/mrr').significance;
    const other = cell(comparison, 2, 'test/mrr').significance;
    expect(tested?.p).toBeCloseTo(pairedT(differences).p, 12);
    expect(tested?.count).toBe(400);
    const smaller = Math.min(tested?.p ?? 1, other?.p ?? 1);
    expect(Math.min(tested?.holm ?? 0, other?.holm ?? 0)).toBeCloseTo(2 * smaller, 12);
    expect(tested?.interval[0]).toBeLessThan(tested?.difference ?? Number.NaN);
    expect(tested?.interval[1]).toBeGreaterThan(tested?.difference ?? Number.NaN);
  });

  it('finds no difference between rows whose seeds have the same ranks in another order', () => {
    const config = (dim: number) => ({ config: { dim } });
    const seeds = [1, 2, 3].map((seed) => someRanks(seed, 2));
    const row = (name: string, model: string, order: readonly number[]) =>
      order.map((from, seed) => someRun(name, model, seed, 2, { ...config(8), ranks: [seeds[from]] }));
    const comparison = compareRuns([...row('a', 'x', [0, 1, 2]), ...row('b', 'y', [2, 0, 1])], {
      resamples: 100,
    });
    for (const { significance } of comparison.rows[1].cells) {
      expect(significance).toMatchObject({ difference: 0, p: 1, wins: 0, losses: 0, wilcoxon: { p: 1 } });
      // Other seeds may well differ.
      expect(significance?.interval[0]).toBeLessThan(0);
      expect(significance?.interval[1]).toBeGreaterThan(0);
    }
  });

  it('pairs what both rows evaluated, user by user, whatever the order and the seeds', () => {
    const seed = fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1, maxLength: 10 });
    const row = fc.array(seed, { minLength: 1, maxLength: 3 });
    const rankOf = (user: number, at: number, side: number) => 1 + ((user * 7 + at * 5 + side * 3) % 12);
    fc.assert(
      fc.property(row, row, fc.constantFrom('hr@5', 'ndcg@10', 'mrr', 'mean-rank'), (left, right, metric) => {
        const runs = [left, right].flatMap((seeds, side) =>
          seeds.map((users, at) => {
            const ranks = {
              ...someRanks(1, 1, users.length),
              users: Int32Array.from(users),
              targets: Int32Array.from(users),
              ranks: Int32Array.from(users, (user) => rankOf(user, at, side)),
            };
            return someRun(`${side}`, `${side}`, at, 1, { ranks: [ranks], config: { side } });
          }),
        );
        const comparison = compareRuns(runs, { metrics: [metric], resamples: 20 });
        const { significance } = comparison.rows[1].cells[0];
        const all = [...left, ...right];
        const shared = [...new Set(all.flat())].filter((user) => all.every((users) => users.includes(user)));
        if (shared.length < 2) {
          expect(significance).toBeNull();
          return;
        }
        const value = (user: number, seeds: number[][], side: number) =>
          seeds.reduce(
            (sum, _, at) =>
              sum + perUserMetric({ ranks: [rankOf(user, at, side)] }, metric)[0] / seeds.length,
            0,
          );
        const differences = shared.map((user) => value(user, right, 1) - value(user, left, 0));
        const better = (sign: number) => differences.filter((difference) => sign * difference > 1e-9).length;
        const way = metric === 'mean-rank' ? -1 : 1;
        expect(significance).toMatchObject({
          count: shared.length,
          difference: expect.closeTo(differences.reduce((sum, one) => sum + one, 0) / shared.length, 10),
          wins: better(way),
          losses: better(-way),
        });
      }),
      { numRuns: 60 },
    );
  });

  it("takes Wilcoxon's exact p where few users differ, and names it in every report", () => {
    const base = someRanks(1, 2);
    const better = base.ranks.map((rank, user) => (user < 6 ? 1 : rank));
    const comparison = compareRuns(
      [
        someRun('a', 'x', 1, 2, { ranks: [base] }),
        someRun('b', 'y', 1, 2, { ranks: [{ ...base, ranks: better }] }),
      ],
      { metrics: ['mrr'], resamples: 100 },
    );
    const { significance } = cell(comparison, 1, 'test/mrr');
    expect(significance).toMatchObject({ wins: 6, losses: 0, wilcoxon: { method: 'exact', p: 2 / 2 ** 6 } });
    const whole = { parts: REPORT_PARTS };
    for (const format of ['table', 'md', 'html'] as const) {
      expect(writeComparison(comparison, format, whole)).toMatch(/0\.031 \\?\(exact\\?\)/);
      expect(writeComparison(comparison, format, whole)).toContain(
        'Wilcoxon is exact where at most 20 users differ',
      );
    }
    const [heading, , record] = writeComparison(comparison, 'csv')
      .split('\r\n')
      .map((line) => line.split(','));
    expect(record[heading.indexOf('test/mrr wilcoxon')]).toBe('exact');
    const many = compareRuns([someRun('a', 'x', 1, 2), someRun('b', 'y', 2, 2)], { resamples: 100 });
    expect(many.rows[1].cells[0].significance).toMatchObject({ wilcoxon: { method: 'normal' } });
    expect(writeComparison(many, 'md', whole)).not.toContain('exact');
  });

  it('marks by the exact test where few users differ, and calls it a sign test where they are hits', () => {
    const base = {
      ...someRanks(1, 2),
      ranks: new Int32Array(90).fill(50),
      users: new Int32Array(90).map((_, at) => at),
    };
    const found = { ...base, ranks: base.ranks.map((rank, user) => (user < 6 ? 1 : rank)) };
    const runs = [base, found, found].map((ranks, at) =>
      someRun(`${at}`, `${at}`, 1, 2, { ranks: [{ ...ranks, targets: new Int32Array(90) }] }),
    );
    const comparison = compareRuns(runs, { metrics: ['hr@10'], resamples: 100 });
    const { significance } = cell(comparison, 1, 'test/hr@10');
    expect(significance).toMatchObject({ exact: true, p: 2 / 2 ** 6, holm: 4 / 2 ** 6, significant: false });
    // Student's test of 90 values of which 84 are 0 would have marked both.
    expect(significance?.test === 't' && significance.t.holm).toBeLessThan(0.05);
    const [line] = differenceLines(comparison);
    expect(line).toMatchObject({ wilcoxon: '0.063 (exact, sign test)', t: '0.027', significant: false });
    expect(markNotes(comparison).join()).toContain("Wilcoxon's exact test where at most 20 differ, Holm");
  });

  it('pairs users by id, not by place, and leaves out those of one run only', () => {
    const base = someRanks(1, 2);
    const turned = {
      ...base,
      users: base.users.toReversed(),
      ranks: base.ranks.toReversed(),
      targets: base.targets.toReversed(),
    };
    const same = compareRuns([
      someRun('a', 'x', 1, 2, { ranks: [base] }),
      someRun('b', 'y', 1, 2, { ranks: [turned] }),
    ]);
    expect(cell(same, 1, 'test/mrr').significance).toMatchObject({
      difference: 0,
      p: 1,
      wins: 0,
      losses: 0,
    });
    const fewer = {
      ...base,
      users: base.users.slice(10),
      ranks: base.ranks.slice(10),
      targets: base.targets.slice(10),
    };
    const part = compareRuns([
      someRun('a', 'x', 1, 2, { ranks: [base] }),
      someRun('b', 'y', 1, 2, { ranks: [fewer] }),
    ]);
    expect(cell(part, 1, 'test/mrr').significance?.count).toBe(390);
    expect(part.warnings.join()).toMatch(/10 users are in only one/);
    const others = { ...base, targets: base.targets.map((target) => target + 1) };
    const wrong = compareRuns([
      someRun('a', 'x', 1, 2, { ranks: [base] }),
      someRun('b', 'y', 1, 2, { ranks: [others] }),
    ]);
    expect(cell(wrong, 1, 'test/mrr').significance).toBeNull();
  });

  it('never compares across protocols, and says what differs', () => {
    const other = { ...protocol, historyFilter: 'none' as const, ties: 'shuffle(4)' };
    const runs = [
      someRun('a', 'x', 1, 1),
      someRun('b', 'y', 1, 2, { protocol: other }),
      someRun('c', 'z', 1, 3, { protocol: null }),
      someRun('d', 'w', 1, 2),
    ];
    const comparison = compareRuns(runs);
    expect(comparison.rows.map(({ name, protocol: at }) => [name, at])).toEqual([
      ['a', 0],
      ['d', 0],
      ['b', 1],
      ['c', 2],
    ]);
    expect(comparison.warnings).toEqual([
      'Protocols A and B differ (order of equal time stamps: file against shuffle(4); history filter: all against none). ' +
        'b is not compared with a, d: values of different protocols are not compared.',
      'The protocol of c was not recorded: shown, but compared with nothing.',
    ]);
    for (const row of [2, 3]) {
      expect(cell(comparison, row, 'test/mrr')).toMatchObject({
        mark: null,
        delta: null,
        significance: null,
      });
    }
    expect(cell(comparison, 1, 'test/mrr').delta).not.toBeNull();
  });

  it('tests the rows of every protocol against their own row of the baseline, in every format', () => {
    const later = (name: string, model: string, at: number) =>
      someRun(`${name}-time`, model, 1, at, {
        config: { dim: at, split: 'time' },
        protocol: { ...protocol, split: 'time', testShare: 0.1, validShare: 0.1 },
      });
    const apart = [
      ...[1, 2, 3].map((at) => someRun('abc'[at - 1], 'xyz'[at - 1], 1, at, { config: { dim: at } })),
      ...[3, 2, 1].map((at) => later('abc'[at - 1], 'xyz'[at - 1], at)),
    ];
    const metrics = ['ndcg@10', 'hr@10'];
    const comparison = compareRuns(apart, { baseline: 'a', metrics, resamples: 100 });
    expect(comparison.protocols.map(({ baseline }) => baseline)).toEqual([0, 5]);
    expect(comparison.rows.map(({ isBaseline }) => isBaseline)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
    // As if each protocol were alone, Holm's correction included.
    const alone = compareRuns(apart.slice(3), { baseline: 'a-time', metrics, resamples: 100 });
    expect(comparison.rows.slice(3).map(({ cells }) => cells)).toEqual(alone.rows.map(({ cells }) => cells));
    expect(comparison.rows[4].cells[0].significance?.significant).toBe(true);
    const whole = { parts: REPORT_PARTS };
    for (const format of ['table', 'md', 'html'] as const) {
      const text = writeComparison(comparison, format, whole).replaceAll('\\', '');
      expect(text).toContain('Difference to a-time');
      expect(text).toMatch(/†.*differs from the baseline of its protocol \(A: a; B: a-time\)/);
      expect(text).toContain('Holm over the rows of a metric and protocol');
    }
    const [heading, ...records] = writeComparison(comparison, 'csv')
      .split('\r\n')
      .map((line) => line.split(','));
    const filled = records.slice(0, 6).map((fields) => fields[heading.indexOf('test/ndcg@10 p holm')] !== '');
    expect(filled).toEqual([false, true, true, true, true, false]);
    const json = JSON.parse(writeComparison(comparison, 'json'));
    expect(json.protocols.map(({ baseline }: { baseline: string }) => baseline)).toEqual(['a', 'a-time']);
    // The checkpoint that a run has tested is the same model where it is measured otherwise.
    const unfiltered = [1, 2].map((at) =>
      someRun(`${'abc'[at - 1]}-unfiltered`, 'xyz'[at - 1], 1, at, {
        config: { dim: at, historyFilter: 'none' },
        protocol: { ...protocol, historyFilter: 'none' },
        evaluates: { kind: 'best', splits: ['test'] },
      }),
    );
    const again = compareRuns([...apart.slice(0, 2), ...unfiltered], {
      baseline: 'a',
      metrics,
      resamples: 100,
    });
    expect(again.protocols.map(({ baseline }) => baseline)).toEqual([0, 2]);
    // Without a row of the same model and settings there is nothing to test against.
    const lone = compareRuns(apart.slice(0, 5), { baseline: 'a', metrics, resamples: 100 });
    expect(lone.rows[4].cells[0].delta).toBeNull();
    expect(lone.warnings.at(-1)).toBe(
      'Protocol B has no row with the model and settings of a, the baseline: its rows are not tested.',
    );
  });

  it('compares models that know the time of the target with others, and warns of it', () => {
    const runs = [
      someRun('hstu', 'hstu', 1, 3, { protocol: { ...protocol, targetTime: 'seen' } }),
      someRun('sasrec', 'sasrec', 1, 2),
      someRun('hstu hidden', 'hstu', 2, 2, { protocol: { ...protocol, targetTime: 'hidden' } }),
    ];
    const comparison = compareRuns(runs, { resamples: 200 });
    expect(comparison.protocols).toHaveLength(1);
    expect(comparison.protocols[0].protocol).toEqual(protocol);
    expect(comparison.protocols[0].fingerprint?.split(', ')).toHaveLength(3);
    expect(comparison.warnings).toEqual([
      'hstu knows the time of the interaction to predict, sasrec, hstu hidden do not: part of the difference may ' +
        'come from it (rule it out: targetTime=hidden).',
    ]);
    expect(cell(comparison, 1, 'test/mrr').significance).not.toBeNull();
    expect(compareRuns(runs.slice(1)).warnings).toEqual([]);
    const seeing = compareRuns([runs[0]]);
    expect(seeing.protocols[0].protocol).toHaveProperty('targetTime', 'seen');
    expect(seeing.warnings).toEqual([]);
  });

  it('shows only the config keys that differ, the model first; a key that a model lacks differs', () => {
    const config = { optimiser: { lr: 0.1, beta: 0.9 }, dim: 8, seed: 1 };
    const runs = [
      someRun('a', 'sasrec', 1, 1, { config }),
      someRun('b', 'sasrec', 1, 1, { config: { ...config, optimiser: { lr: 0.2, beta: 0.9 }, extra: true } }),
      someRun('c', 'ease', 1, 1, { config: { lambda: 5, dim: 8 } }),
    ];
    expect(compareRuns(runs).configDifferences).toEqual([
      { key: 'model', values: ['sasrec', 'sasrec', 'ease'] },
      { key: 'extra', values: [null, 'true', null] },
      { key: 'lambda', values: [null, null, '5'] },
      { key: 'optimiser.beta', values: ['0.9', '0.9', null] },
      { key: 'optimiser.lr', values: ['0.1', '0.2', null] },
    ]);
  });

  it('says what is wrong with a request', () => {
    expect(() => compareRuns([])).toThrow(/no run to compare/);
    expect(() => compareRuns(someRuns(), { baseline: 'ghost' })).toThrow(
      /"ghost" is none of the compared runs: popularity/,
    );
    expect(() => compareRuns(someRuns(), { metrics: ['recall@3'] })).toThrow(
      /no run has the metric "recall@3"; there are: /,
    );
    expect(compareRuns(someRuns(), { baseline: null }).rows[2].cells[0].delta).toBeNull();
  });

  it('takes runs that have next to nothing', () => {
    const bare = { id: '1', name: 'bare', model: 'm', metrics: { 'train/loss': 2 } };
    expect(compareRuns([bare]).columns.map(({ label }) => label)).toEqual(['Training loss']);
    expect(compareRuns([{ ...bare, metrics: {} }]).columns).toEqual([]);
  });
});
