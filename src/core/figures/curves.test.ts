import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steppedSeries as series } from '../../../test/figures/made.ts';
import { curveFigure } from './curve-figure.ts';
import { curvesOf, meanCurve, smoothed, smoothedCurves } from './curves.ts';
import type { Range } from './spec.ts';

describe('smoothing', () => {
  const value = fc.double({ min: -5, max: 5, noNaN: true });
  const points = fc
    .array(fc.record({ y: value, step: fc.double({ min: 0.1, max: 3, noNaN: true }) }), { minLength: 2 })
    .map((made) => {
      let x = 0;
      return { x: made.map(({ step }) => (x += step)), y: made.map(({ y }) => y) };
    });

  it('is the mean of the values so far, each weighted by half a half-life', () => {
    fc.assert(
      fc.property(points, fc.double({ min: 0.2, max: 20, noNaN: true }), ({ x, y }, halfLife) => {
        const last = x.length - 1;
        const weights = x.map((at) => 2 ** (-(x[last] - at) / halfLife));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const expected = weights.reduce((sum, weight, at) => sum + weight * y[at], 0) / total;
        expect(smoothed(x, y, halfLife)[last]).toBeCloseTo(expected, 8);
      }),
    );
  });

  it('leaves a gap where the curve has one, and shows the logged points behind it', () => {
    expect(smoothed([0, 1, 2], [1, Number.NaN, 1], 1)).toEqual([1, Number.NaN, 1]);
    const curves = smoothedCurves(curvesOf([series('train/loss', [3, 1, 2, 2])], 'step'), 4);
    expect(curves.map(({ id, faint }) => [id, faint ?? false])).toEqual([
      ['train/loss as logged', true],
      ['train/loss', false],
    ]);
  });

  it('is the same for a short line and a long one, and follows the stretch that is shown', () => {
    const values = Array.from({ length: 40 }, (_, at) => (7 * at) % 11);
    const all = [series('short', values.slice(0, 10)), series('long', values)];
    const lines = (range: Range | null) => {
      const view = { axis: 'step', smoothing: 0.1, logarithmic: false } as const;
      const figure = curveFigure({ title: 'Loss', fileName: 'loss', series: all }, { view, all, range });
      return figure.series.flatMap(({ faint, points }) => (faint ? [] : [points.slice(0, 10)]));
    };
    const [short, long] = lines(null);
    expect(short).toEqual(long);
    expect(lines({ from: 0, to: 100 })[0]).not.toEqual(short);
  });

  it('leaves the mark at the best point that was logged', () => {
    const all = [series('valid/ndcg@10', [1, 1, 9, 1, 5, 5, 5, 5, 5, 5])];
    const view = { axis: 'step', smoothing: 0.1, logarithmic: false } as const;
    const panel = { title: 'NDCG@10', fileName: 'ndcg', series: all, best: 1 } as const;
    expect(curveFigure(panel, { view, all, range: null }).marks?.map(({ x }) => x)).toEqual([30]);
  });
});

describe('curves', () => {
  it('have a growing axis whatever it is: of the points of one epoch the last stays', () => {
    const [curve] = curvesOf([series('train/loss', [9, 8, 7, 6, 5])], 'epoch');
    expect([curve.x, curve.y]).toEqual([
      [1, 2],
      [6, 5],
    ]);
  });
});

describe('the mean of seeds', () => {
  const named = { id: 'row', label: 'row', colour: '#123456' };
  const curve = (x: number[], y: number[]) => ({ ...named, x, y });

  it('has their mean and deviation, goes on without a seed that ended, and says so', () => {
    const mean = meanCurve([curve([1, 2, 3], [1, 2, 3]), curve([1, 2], [3, 6])], named);
    expect(mean.label).toBe('row, fewer after 2');
    expect(mean.x).toEqual([1, 2, 3]);
    expect(mean.y).toEqual([2, 4, 3]);
    expect(mean.band?.low.map((low, at) => (mean.y[at] - low) ** 2)).toEqual([
      expect.closeTo(2, 12),
      expect.closeTo(8, 12),
      0,
    ]);
  });

  it('takes a seed between its points as the line that is drawn there', () => {
    const mean = meanCurve([curve([0, 4], [0, 4]), curve([0, 1, 4], [0, 10, 4])], named);
    expect(mean.x).toEqual([0, 1, 4]);
    expect(mean.y).toEqual([0, 5.5, 4]);
  });

  it('of equal seeds is the seed, without a deviation', () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.integer({ min: 2, max: 5 }), (y, seeds) => {
        const one = curve([...y.keys()], y);
        const mean = meanCurve(Array(seeds).fill(one), named);
        for (const [at, expected] of y.entries()) {
          expect(mean.y[at]).toBeCloseTo(expected, 10);
          expect(mean.band?.high[at]).toBeCloseTo(expected, 6);
        }
      }),
    );
  });
});
