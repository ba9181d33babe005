import { expect, it } from 'vitest';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { finalistsOf, finalistsText, furtherText, rungsReached } from './search-parts.ts';

const spec = (sweep: Partial<SweepSpec['sweep']> = {}, sizes = 0) =>
  ({
    ...{ seeds: [1], sizes: Array.from({ length: sizes }, () => ({})) },
    sweep: {
      metric: 'valid/ndcg@10',
      search: 'tpe',
      trials: 20,
      finalists: { trials: 3, seeds: [1, 2, 3] },
      ...sweep,
    },
  }) as unknown as SweepSpec;

/** Of values at the rungs of 1, 3 and 9 epochs, and of seeds. */
function trial(rank: number | null, values: number[], seeds: (number | null)[] = [], status = 'stopped') {
  const rungs = values.map((value, at) => ({ epochs: 3 ** at, value }));
  const runs = seeds.map((value, at) => ({ id: `${rank}-${at}`, seed: at + 1, value }));
  const value = values.length > 0 ? { mean: values.at(-1), std: null } : null;
  return { rank, rungs, runs, status, value } as unknown as SweepTrial;
}

it('counts at each rung who reached it, who was promoted, and from which value on', () => {
  const trials = [
    trial(1, [0.2, 0.3, 0.5]),
    trial(2, [0.3, 0.4]),
    trial(3, [0.25], [], 'running'),
    trial(4, [0.1]),
  ];
  const failed = trial(null, [], [], 'failed');
  expect(rungsReached(spec(), [...trials, failed])).toEqual([
    { epochs: 1, trials: 4, promoted: 3, from: 0.2 },
    { epochs: 3, trials: 2, promoted: 1, from: 0.3 },
    { epochs: 9, trials: 1, promoted: 0, from: null },
  ]);
  expect(rungsReached(spec({ metric: 'valid/logloss' }), trials)[0].from).toBe(0.3);
  expect(rungsReached(spec(), [failed])).toEqual([]);
});

it('tests finalists over their seeds against the chosen one, and says whether they can be told apart', () => {
  const chosen = trial(1, [0.5], [0.51, 0.5, 0.52]);
  const near = trial(2, [0.5], [0.5, 0.51, 0.49]);
  const far = trial(3, [0.4], [0.31, 0.3, 0.32]);
  const other = trial(4, [0.3], [0.3]);
  const found = finalistsOf(spec(), [chosen, near, far, other]);
  expect(found.map(({ p }) => p === null || p < 0.05)).toEqual([true, false, true]);
  expect(found[0].p).toBeNull();
  expect(finalistsText(spec(), [chosen, near, other])).toBe('the 2 finalists cannot be told apart');
  expect(finalistsText(spec(), [chosen, near, far])).toBe('the chosen finalist is told from 1 of 2 others');
  expect(finalistsText(spec(), [chosen, far])).toBe('the chosen finalist is told from the others');
  // One still trains.
  expect(finalistsText(spec(), [chosen, trial(2, [0.5], [0.5, null, null])])).toBeNull();
  expect(finalistsText(spec(), [other])).toBeNull();
});

it('says what more trials would bring while there are some to make', () => {
  const trials = Array.from({ length: 12 }, (_, at) => trial(at + 1, [0.5 - at / 100]));
  expect(furtherText(spec({ state: 'open' }, 12), trials)).toBe(
    '8 more trials like the first 12 find a better one with a probability of 40 %, by 0.0100 at the median.',
  );
  expect(furtherText(spec({ state: 'ended' }, 12), trials)).toBeNull();
  expect(furtherText(spec({ state: 'open' }, 12), trials.slice(3))).toBeNull();
});
