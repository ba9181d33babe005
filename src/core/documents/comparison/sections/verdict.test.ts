import { expect, it } from 'vitest';
import { someRanks, someRun } from '../../../../../test/reports/runs.ts';
import type { Significance } from '../../../evaluation/paired/types.ts';
import type { Comparison } from '../../types.ts';
import { compareRuns } from '../comparison.ts';
import { verdictOf } from './verdict.ts';

/** Rows of plain numbers, [NDCG@10, HR@10] each; `tests`: difference and significance of each cell against the first row. */
function comparison(
  values: Record<string, [number, number]>,
  tests: Record<string, ([difference: number, significant: boolean] | null)[]> = {},
  baseline: string | null = Object.keys(values)[0],
): Comparison {
  const runs = Object.entries(values).map(([model, [ndcg, hr]]) =>
    someRun(model, model, 1, 1, { ranks: null, metrics: { 'test/ndcg@10': ndcg, 'test/hr@10': hr } }),
  );
  const result = compareRuns(runs, { baseline, metrics: ['ndcg@10', 'hr@10'] });
  for (const row of result.rows) {
    tests[row.model]?.forEach((test, at) => {
      if (test) {
        const [difference, significant] = test;
        row.cells[at].significance = {
          difference,
          significant,
          holm: significant ? 0.0001 : 0.4,
        } as Significance;
      }
    });
  }
  return result;
}

const said = (...request: Parameters<typeof comparison>) => {
  const made = comparison(...request);
  const verdict = verdictOf(made, [0, 1]);
  return (
    verdict && [`${verdict.lead}${verdict.limit && `: ${verdict.limit}`}`, ...verdict.details].join(' | ')
  );
};

it('leads where a test says so, and names the metrics that do not', () => {
  const values: Record<string, [number, number]> = { sasrec: [0.0526, 0.0866], esasrec: [0.0543, 0.0907] };
  expect(
    said(values, {
      esasrec: [
        [0.0017, false],
        [0.0041, true],
      ],
    }),
  ).toBe(
    'esasrec leads sasrec by 3.2 %: not significant in NDCG@10, significant in HR@10 | One seed of esasrec and sasrec says nothing of others.',
  );
  expect(
    said(values, {
      esasrec: [
        [0.0017, true],
        [0.0041, true],
      ],
    }),
  ).toBe(
    'esasrec leads sasrec by 3.2 %: significant in NDCG@10 and HR@10 | One seed of esasrec and sasrec says nothing of others.',
  );
  expect(
    said(values, {
      esasrec: [
        [0.0017, true],
        [0.0041, false],
      ],
    }),
  ).toBe(
    'esasrec leads sasrec by 3.2 %: significant in NDCG@10, not in HR@10 | One seed of esasrec and sasrec says nothing of others.',
  );
  expect(
    said(values, {
      esasrec: [
        [0.0017, true],
        [-0.01, true],
      ],
    }),
  ).toBe(
    'esasrec leads sasrec by 3.2 %: significant in NDCG@10, significantly worse in HR@10 | One seed of esasrec and sasrec says nothing of others.',
  );
});

it('cannot tell apart what no test tells apart, though one number is larger', () => {
  expect(
    said(
      { sasrec: [0.05, 0.08], hstu: [0.06, 0.09] },
      {
        hstu: [
          [0.01, false],
          [0.01, false],
        ],
      },
    ),
  ).toBe(
    'hstu and sasrec cannot be told apart: no significant difference in NDCG@10 and HR@10 | One seed of hstu and sasrec says nothing of others.',
  );
});

it('is of the baseline and the second where the baseline is the best', () => {
  expect(
    said(
      { sasrec: [0.06, 0.09], hstu: [0.05, 0.08], narm: [0.04, 0.07] },
      {
        hstu: [
          [-0.01, true],
          [-0.01, false],
        ],
        narm: [
          [-0.02, true],
          [-0.02, true],
        ],
      },
    ),
  ).toBe(
    'sasrec leads hstu by 20.0 %: significant in NDCG@10, not in HR@10 | One seed of sasrec and hstu says nothing of others.',
  );
});

it('says a ratio where a percentage would be large, and how far the best simple baseline is', () => {
  expect(
    said(
      { ease: [0.02, 0.03], popularity: [0.01, 0.02], sasrec: [0.058, 0.09] },
      {
        sasrec: [
          [0.038, true],
          [0.06, true],
        ],
        popularity: [
          [-0.01, true],
          [-0.01, true],
        ],
      },
    ),
  ).toBe(
    'sasrec has 2.9 times the NDCG@10 of ease: significant in NDCG@10 and HR@10 | Best simple baseline: ease, 0.0200. | sasrec is 190 % above it, p < 0.001. | One seed of sasrec says nothing of others.',
  );
});

it('says no more than the number where there is no test, without a baseline, and across protocols', () => {
  const values: Record<string, [number, number]> = { sasrec: [0.05, 0.08], hstu: [0.06, 0.09] };
  expect(said(values)).toBe('hstu has the highest NDCG@10: not tested');
  expect(said(values, {}, null)).toBe('hstu has the highest NDCG@10');
  const two = comparison(values);
  two.protocols = [two.protocols[0], two.protocols[0]];
  two.rows[1].protocol = 1;
  expect(verdictOf(two, [0, 1])?.lead).toBe('Two protocols');
  two.rows[1].unknown = ['split'] as never;
  expect(verdictOf(two, [0, 1])).toBeNull();
  expect(said({ sasrec: [0.05, 0.08] })).toBeNull();
});

it('speaks of this run where a model has one seed, and of the model where both sides have several', () => {
  const row = (model: string, seeds: readonly number[], skill: number) =>
    seeds.map((seed) => someRun(`${model}-${seed}`, model, seed, skill, { config: { dim: 8 } }));
  const verdict = (baseline: readonly number[], other: readonly number[]) => {
    const runs = [...row('sasrec', baseline, 1), ...row('hstu', other, 3)];
    const options = { metrics: ['ndcg@10'], resamples: 100, names: 'short' } as const;
    return verdictOf(compareRuns(runs, { ...options, labels: { [runs[0].id]: 'SASRec' } }), [0]);
  };
  const one = verdict([1], [1, 2]);
  expect(one?.lead).toMatch(/^hstu-?\w* has .* of this run of SASRec$/i);
  expect(one?.details).toEqual(['One seed of SASRec says nothing of others.']);
  const both = verdict([1, 2], [1, 2]);
  expect(both?.lead).not.toContain('this run');
  expect(both?.details).toEqual([]);
});

it('says that other seeds may turn a difference whose interval over users and seeds contains 0', () => {
  const rows = (['sasrec', 'hstu'] as const).flatMap((model, side) =>
    [1, 2].map((seed) => {
      // hstu wins a tenth of the users with its second seed alone.
      const ranks = someRanks(9, 1);
      const found = ranks.ranks.map((rank, user) => (side === 1 && seed === 2 && user % 10 === 0 ? 1 : rank));
      return someRun(`${model}-${seed}`, model, seed, 1, { config: {}, ranks: [{ ...ranks, ranks: found }] });
    }),
  );
  const comparison = compareRuns(rows, { metrics: ['ndcg@10'], resamples: 200 });
  for (const [at, run] of comparison.rows.entries()) run.cells[0].mean = 0.02 + at / 100;
  const { significance } = comparison.rows[1].cells[0];
  expect(significance?.significant).toBe(true);
  expect(significance?.interval[0]).toBeLessThan(0);
  expect(verdictOf(comparison, [0])?.details).toEqual([
    'In NDCG@10 the interval contains 0: other seeds may turn it.',
  ]);
});
