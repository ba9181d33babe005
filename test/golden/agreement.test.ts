/** Tests and measures that SciPy, scikit-learn and MLstatkit have, too. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { categoryEntropy } from '../../src/core/evaluation/beyond-accuracy.ts';
import { aucInterval, compareAucs, placements } from '../../src/core/evaluation/delong.ts';
import { friedman } from '../../src/core/evaluation/several-datasets.ts';
import { welchT } from '../../src/core/evaluation/significance.ts';
import {
  adjustedInformation,
  contingency,
  entropyOf,
  normalisedInformation,
} from '../../src/core/math/information.ts';
import { spearman } from '../../src/core/math/spearman.ts';

interface Fixture {
  /** z and p are of the second scores less the first. */
  delong: {
    labels: number[];
    scores: [number[], number[]];
    z: number;
    p: number;
    intervals: [number, number][];
    aucs: number[];
  }[];
  information: {
    left: number[];
    right: number[];
    entropies: [number, number];
    mutual: number;
    normalised: number;
    adjusted: number;
  }[];
  several: {
    values: number[][];
    ranks: number[];
    chi_square: number;
    p: number;
    f: number;
    f_p: number;
    critical_difference: number;
    pairs: number[][];
  }[];
  welch: { samples: [number[], number[]]; t: number; df: number; p: number }[];
  spearman: { x: number[]; y: number[]; rho: number }[];
  categories: { labels: number[]; lists: number[][]; entropy: number };
}

const fixture = JSON.parse(
  readFileSync(new URL('agreement-a.json', import.meta.url), 'utf8'),
) as Fixture;

const near = (ours: ArrayLike<number>, theirs: readonly number[]) => {
  expect(ours).toHaveLength(theirs.length);
  for (const [at, value] of theirs.entries()) expect(Math.abs(ours[at] - value), `${at}`).toBeLessThan(1e-9);
};

test.each(fixture.delong)('DeLong: AUCs, their intervals and their difference', (one) => {
  const [first, second] = one.scores.map((scores) => placements(one.labels, scores));
  const { value, standardError, p } = compareAucs(first, second);
  near([value / standardError, p], [one.z, one.p]);
  const own = [first, second].map((placed) => aucInterval(placed));
  near(
    own.map((auc) => auc.value),
    one.aucs,
  );
  near(
    own.flatMap(({ interval }) => interval),
    one.intervals.flat(),
  );
});

test.each(fixture.information)('information that labellings share', (one) => {
  const table = contingency(Int32Array.from(one.left), Int32Array.from(one.right));
  near([entropyOf(table.left), entropyOf(table.right)], one.entropies);
  near(
    [table.information, normalisedInformation(table), adjustedInformation(table)],
    [one.mutual, one.normalised, one.adjusted],
  );
});

test.each(fixture.several)('Friedman, Iman and Davenport, and Nemenyi', (one) => {
  const { averageRanks, chiSquare, p, f, criticalDifference, pairs } = friedman(one.values, 1);
  near(averageRanks, one.ranks);
  near(
    [chiSquare, p, f.value, f.p, criticalDifference],
    [one.chi_square, one.p, one.f, one.f_p, one.critical_difference],
  );
  near(pairs.flat(), one.pairs.flat());
});

test.each(fixture.welch)('Welch', ({ samples: [x, y], ...one }) => {
  const { t, df, p } = welchT(x, y);
  near([t, df, p], [one.t, one.df, one.p]);
});

test('rank correlation and the entropy of categories', () => {
  near(
    fixture.spearman.map(({ x, y }) => spearman(x, y)),
    fixture.spearman.map(({ rho }) => rho),
  );
  const { labels, lists, entropy } = fixture.categories;
  const [{ length }] = lists;
  near([categoryEntropy({ lists: lists.flat(), length, cutoff: length }, labels)], [entropy]);
});
