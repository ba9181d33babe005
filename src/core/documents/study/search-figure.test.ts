import { expect, it } from 'vitest';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { marginText, searchFigure } from './search-figure.ts';
import { searchCaption } from './sweep.ts';

const spec = (sweep: Partial<SweepSpec['sweep']> = {}) =>
  ({
    sweep: { metric: 'valid/ndcg@10', search: 'tpe', draw: 1, asha: {}, ...sweep },
  }) as unknown as SweepSpec;

/** Of values at the rungs of 1, 3 and 9 epochs. */
function trial(number: number, values: number[], changes: Partial<SweepTrial> = {}): SweepTrial {
  const rungs = values.map((value, at) => ({ epochs: 3 ** at, value }));
  const last = values.at(-1);
  return {
    ...{ number, settings: { dim: number }, runs: [], message: null, rungs, rank: null, epochs: null },
    ...{ status: values.length === 3 ? 'completed' : 'stopped', seconds: 1, plannedEpochs: 9 },
    value: last === undefined ? null : { mean: last, std: null },
    ...changes,
  };
}

const trials = [
  trial(2, [0.2, 0.3, 0.5], { rank: 1 }),
  trial(1, [0.1]),
  trial(3, [0.25, 0.35], { status: 'running' }),
  trial(4, [], { status: 'failed' }),
  trial(5, [0.2, 0.3, 0.4], { rank: 2 }),
];

it('draws each trial as a column of its rungs, and the best so far in steps', () => {
  const { series = [] } = searchFigure(spec(), trials, 3) ?? {};
  const points = (id: string) => series.find((one) => one.id === id)?.points ?? [];
  expect(points('stopped').map(({ x, y }) => [x, y])).toEqual([[1, 0.1]]);
  expect(points('promoted').map(({ x }) => x)).toEqual([2, 2, 3, 5, 5]);
  const [first, second] = points('promoted').map(({ strength = 1 }) => strength);
  expect(first).toBeLessThan(second);
  expect(points('running').map(({ y }) => y)).toEqual([0.35]);
  expect(points('to the end').map(({ x, hollow }) => [x, hollow])).toEqual([
    [2, false],
    [5, true],
  ]);
  expect(points('best').map(({ x, y }) => [x, y])).toEqual([
    [1, 0.1],
    [2, 0.5],
    [5, 0.5],
  ]);
  // Below all that was measured.
  expect(points('failed').map(({ x, y }) => [x, Number(y) < 0.1])).toEqual([[4, true]]);
  expect(points('columns').filter(({ y }) => Number.isNaN(y))).toHaveLength(3);
  expect(searchFigure(spec(), [trial(1, [])], 3)).toBeNull();
});

it('turns with a metric of which less is better', () => {
  const { series = [] } = searchFigure(spec({ metric: 'valid/logloss' }), trials, 3) ?? {};
  expect(series.find(({ id }) => id === 'best')?.points.map(({ y }) => y)).toEqual([0.1, 0.1]);
});

it('says how far it is ahead of the trials drawn at random, once it has proposed one', () => {
  const many = Array.from({ length: 12 }, (_, at) => trial(at + 1, [0.1, 0.1, 0.1]));
  const better = [...many, trial(13, [0.1, 0.1, 0.111], { rank: 1 })];
  expect(marginText(spec(), better)).toBe('11 % above the best of 10 random trials');
  const worse = [...many, trial(13, [0.1, 0.1, 0.1], { rank: 1 })];
  expect(marginText(spec(), worse)).toBe('no better than the best of 10 random trials');
  const { stretches = [] } = searchFigure(spec(), better, 3) ?? {};
  expect(stretches.map(({ from, to, label }) => [from, to, label])).toEqual([
    [0.5, 10.5, '10 random trials to start'],
    [10.5, 13.5, undefined],
  ]);
  expect(marginText(spec(), trials)).toBeNull();
  expect(marginText(spec({ search: 'random' }), better)).toBeNull();
  const less = [...many, trial(13, [0.1, 0.1, 0.089], { rank: 1 })];
  expect(marginText(spec({ metric: 'valid/logloss' }), less)).toBe('11 % below the best of 10 random trials');
});

it('explains rungs and random draws beneath the figure only where there are any', () => {
  const all = searchCaption(spec());
  expect(all).toContain('climbs from rung to rung');
  expect(all).toMatch(/resampled 1,000 times at equal epochs, as far as they have trained$/);
  expect(searchCaption(spec({ search: 'random', asha: undefined }))).toBe('A point is a trial');
});
