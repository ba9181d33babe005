/** Tests with a region of practical equivalence, and sample sizes, against baycomp and statsmodels. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { equivalence } from '../../src/core/evaluation/practical/equivalence.ts';
import { neededValues } from '../../src/core/evaluation/practical/sample-size.ts';
import { bayesianSignedRank, pairShares } from '../../src/core/evaluation/practical/signed-rank.ts';
import { mean } from '../../src/core/evaluation/metrics.ts';
import { standardDeviation } from '../../src/core/evaluation/significance.ts';

interface Case {
  name: string;
  differences: number[];
  rope: number;
  /** Draws of the posterior, the pseudo-user first, and what baycomp made of each: below, within and above. */
  weights: number[][];
  samples: number[][];
  /** Over all its draws. */
  probabilities: number[];
  tost?: number;
  interval90?: [number, number];
  needed: Record<string, number>;
}

const fixture = JSON.parse(readFileSync(new URL('practical-a.json', import.meta.url), 'utf8'));
const { draws, cases } = fixture as { draws: number; cases: Case[] };

const near = (ours: number, theirs: number, what: string) =>
  expect(Math.abs(ours - theirs), what).toBeLessThan(1e-9);

test.each(cases)('$name: shares of every draw are those of baycomp', ({ differences, rope, weights, samples }) => {
  const values = [0, ...differences];
  const order = values.map((_, at) => at).sort((a, b) => values[a] - values[b]);
  const sharesOf = pairShares(Float64Array.from(order, (at) => values[at]), rope);
  for (const [draw, drawn] of weights.entries()) {
    const shares = sharesOf(Float64Array.from(order, (at) => drawn[at]));
    for (const [at, share] of shares.entries()) near(share, samples[draw][at], `draw ${draw}`);
  }
});

test.each(cases)('$name: probabilities are those of baycomp up to the draws of both', (one) => {
  const differences = Float64Array.from(one.differences);
  const found = bayesianSignedRank(differences, { rope: one.rope, seed: 1 });
  const ours = [found.smaller, found.within, found.larger];
  expect(ours.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10);
  for (const [at, p] of one.probabilities.entries()) {
    const error = Math.sqrt(p * (1 - p) * (1 / draws + 1 / found.draws));
    expect(Math.abs(ours[at] - p)).toBeLessThanOrEqual(4 * error + 1e-3);
  }
});

test.each(cases)('$name: equivalence and sample sizes are those of statsmodels', (one) => {
  const differences = Float64Array.from(one.differences);
  if (one.tost !== undefined && one.interval90) {
    const { p, interval } = equivalence(differences, one.rope);
    near(p, one.tost, 'p');
    for (const [at, end] of one.interval90.entries()) near(interval[at], end, 'interval');
  }
  for (const [power, values] of Object.entries(one.needed))
    expect(neededValues(mean(differences), standardDeviation(differences), Number(power))).toBe(
      Math.max(2, Math.ceil(values)),
    );
});
