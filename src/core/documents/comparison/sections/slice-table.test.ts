import { describe, expect, it } from 'vitest';
import type { ComparedSlice, SliceTest } from '../../../evaluation/paired/types.ts';
import { metricColumn } from '../rows/columns.ts';
import { nobodyHits, sliceGroups, sliceVerdict } from './slice-table.ts';

const column = metricColumn('test/ndcg@10');
const rows = ['SASRec', 'TIGER', 'RPG'].map((name, at) => ({ name, isBaseline: at === 0, protocol: 0 }));

interface Fact {
  value: number;
  users?: number;
  difference?: number;
  significant?: boolean;
}

function slice(by: ComparedSlice['by'], name: string, fact: Fact): ComparedSlice {
  const { value, users = 1000, difference, significant = false } = fact;
  const test: SliceTest | undefined =
    difference === undefined
      ? undefined
      : {
          ...{ test: 'student', unit: 'users', count: users, wins: 1, ties: 0, losses: 1 },
          ...{
            difference,
            interval: [difference - 0.001, difference + 0.002],
            p: 0.01,
            exact: false,
            holm: 0.02,
            significant,
          },
        };
  return {
    ...{ by, slice: name, description: '', users },
    metrics: users > 0 ? { 'test/ndcg@10': value } : {},
    differences: test && { 'test/ndcg@10': test },
  };
}

/** A list a row, of each slice by what each row has. */
const table = (by: ComparedSlice['by'], facts: Record<string, Fact[]>): ComparedSlice[][] =>
  rows.map((_, at) =>
    Object.entries(facts).flatMap(([name, all]) => (all[at] ? [slice(by, name, all[at])] : [])),
  );

const seen = table('seen in training', {
  'transition seen': [
    { value: 0.4, users: 200 },
    { value: 0.2, users: 200, difference: -0.2, significant: true },
    { value: 0.3, users: 200, difference: -0.1, significant: true },
  ],
  'pair unseen': [
    { value: 0.01, users: 800 },
    { value: 0.015, users: 800, difference: 0.005, significant: true },
    { value: 0.02, users: 800, difference: 0.01 },
  ],
});

describe('slices of a comparison as a table', () => {
  it('are lines with shares of the group, differences in the unit of the baseline, and places', () => {
    const [group, ...others] = sliceGroups({ rows, slices: seen, column });
    expect(others).toEqual([]);
    expect(group.title).toBe('By what training has shown after the last item');
    const [step, pair] = group.lines;
    expect([step.share, pair.share]).toEqual([0.2, 0.8]);
    expect(pair.cells.map((cell) => cell?.place)).toEqual([null, 'second', 'best']);
    expect(pair.cells[1]?.share).toBeCloseTo(0.5, 12);
    expect(pair.cells[0]?.share).toBeNull();
  });

  it('name the rows that lack a kind, and keep a slice without users and one where nobody hits', () => {
    const slices = table('item popularity', {
      head: [{ value: 0 }, { value: 0 }],
      hidden: [
        { value: 0, users: 0 },
        { value: 0, users: 0 },
      ],
    });
    const [{ lines, missing }] = sliceGroups({ rows, slices, column });
    expect(missing).toEqual([2]);
    expect(lines.map(nobodyHits)).toEqual([true, false]);
    expect(lines[1]).toMatchObject({ most: 0, share: 0, cells: [null, null, null] });
  });

  it('have no place beside rows of another protocol', () => {
    const apart = rows.map((row, at) => ({ ...row, protocol: at === 2 ? 1 : 0 }));
    const [{ lines }] = sliceGroups({ rows: apart, slices: seen, column });
    expect(lines.flatMap(({ cells }) => cells.flatMap((cell) => cell?.place ?? []))).toEqual([]);
  });

  it('say who leads where by the tests: never the largest number alone', () => {
    const groups = sliceGroups({ rows, slices: seen, column });
    expect(sliceVerdict({ rows, column }, groups)).toEqual({
      lead: 'TIGER leads where the two items were never seen together, 4 users in 5',
      limit: 'SASRec leads where the same step was in training',
      details: ['Where the two items were never seen together, +0.0050 over SASRec (+0.0040 to +0.0070).'],
      line: 'seen in training pair unseen',
    });
  });

  it('say that nobody leads where no test finds it, and nothing where nothing was tested', () => {
    const open = table('item popularity', {
      head: [{ value: 0.1 }, { value: 0.2, difference: 0.1 }, { value: 0.3, difference: 0.2 }],
    });
    const verdict = sliceVerdict({ rows, column }, sliceGroups({ rows, slices: open, column }));
    expect(verdict?.lead).toBe('No run is better than SASRec in any slice');
    const untested = table('item popularity', { head: [{ value: 0.1 }, { value: 0.2 }, { value: 0.3 }] });
    expect(sliceVerdict({ rows, column }, sliceGroups({ rows, slices: untested, column }))).toBeNull();
  });

  it('say in words that an item has no training row', () => {
    const ages = table('item age', {
      unseen: [{ value: 0.1 }, { value: 0.2, difference: 0.1, significant: true }],
    });
    const verdict = sliceVerdict({ rows, column }, sliceGroups({ rows, slices: ages, column }));
    expect(verdict?.lead).toContain('TIGER leads on items without a training row,');
  });

  it('name several slices of items in one breath', () => {
    const better = [{ value: 0.1 }, { value: 0.2, difference: 0.1, significant: true }];
    const popular = table('item popularity', { torso: better, tail: better, cold: better });
    const verdict = sliceVerdict({ rows, column }, sliceGroups({ rows, slices: popular, column }));
    expect(verdict?.lead).toContain('TIGER leads on torso, tail, and cold items,');
  });

  it('take a lower value as better where lower is', () => {
    const rank = metricColumn('test/mean-rank');
    const lower = seen.map((all) =>
      all.map((one) => ({
        ...one,
        metrics: { 'test/mean-rank': one.metrics['test/ndcg@10'] },
        differences: one.differences && { 'test/mean-rank': one.differences['test/ndcg@10'] },
      })),
    );
    const verdict = sliceVerdict({ rows, column: rank }, sliceGroups({ rows, slices: lower, column: rank }));
    expect(verdict?.lead).toBe('TIGER leads where the same step was in training, 1 user in 5');
  });
});
