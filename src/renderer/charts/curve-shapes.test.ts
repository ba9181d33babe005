import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  curvesOf,
  meanCurve,
  type NamedSeries,
  panelsOf,
  rangeOn,
  type Series,
  sharedDecimals,
  smoothed,
  stepsOf,
  withDetail,
} from './curve-shapes.ts';

function series(metric: string, values: number[]): NamedSeries {
  const steps = values.map((_, at) => 10 * (at + 1));
  return {
    id: metric,
    label: metric,
    colour: '#123456',
    steps,
    values,
    epochs: steps.map((step) => Math.ceil(step / 40)),
    times: steps.map((step) => 1_000 * step),
  };
}

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
    const curves = curvesOf([series('train/loss', [3, 1, 2, 2])], { axis: 'step', smoothing: 0.1 });
    expect(curves.map(({ id, faint }) => [id, faint ?? false])).toEqual([
      ['train/loss as logged', true],
      ['train/loss', false],
    ]);
  });
});

describe('curves', () => {
  it('have a growing axis whatever it is: of the points of one epoch the last stays', () => {
    const [curve] = curvesOf([series('train/loss', [9, 8, 7, 6, 5])], { axis: 'epoch', smoothing: 0 });
    expect([curve.x, curve.y]).toEqual([
      [1, 2],
      [6, 5],
    ]);
  });

  it('of one measure share a panel, whatever their split and cut-off', () => {
    const panels = panelsOf(['train/loss', 'valid/ndcg@10', 'valid/hr@10', 'valid/ndcg@50']);
    expect(panels.map(({ title, metrics }) => [title, metrics.length])).toEqual([
      ['Loss', 1],
      ['NDCG', 2],
      ['HR', 1],
    ]);
  });
});

describe('a stretch that is zoomed into', () => {
  const run = (stepsOfEpoch: number, epochs: number, each = 1): Series => {
    const steps = Array.from({ length: epochs * each }, (_, at) => ((at + 1) * stepsOfEpoch) / each);
    const times = steps.map((step) => 2 * step);
    return { steps, epochs: steps.map((step) => step / stepsOfEpoch), times, values: steps };
  };
  const [slow, fast] = [run(1000, 100), run(125, 100)];
  const epochs = { axis: 'epoch', from: 40, to: 50 } as const;

  it('is shown as it is, whatever steps other runs took, and is found in the steps of each', () => {
    expect(rangeOn([slow, fast], epochs, 'epoch')).toEqual({ from: 40, to: 50 });
    expect(stepsOf([slow], epochs)).toEqual({ from: 40_000, to: 50_000 });
    expect(stepsOf([fast], epochs)).toEqual({ from: 5_000, to: 6_250 });
  });

  it('within an epoch is not widened to the epochs around it', () => {
    const part = { axis: 'epoch', from: 40.25, to: 40.75 } as const;
    expect(stepsOf([slow, run(1000, 100, 10)], part)).toEqual({ from: 40_250, to: 40_750 });
  });

  it('stays the same part of the training of the first run on another axis', () => {
    const none = { steps: [], epochs: [], times: [], values: [] };
    expect(rangeOn([none, slow, fast], epochs, 'step')).toEqual({ from: 40_000, to: 50_000 });
    expect(rangeOn([slow, fast], epochs, 'time')).toEqual({ from: 80_000, to: 100_000 });
    expect(rangeOn([slow], { axis: 'time', from: 0, to: 2_000 }, 'epoch')).toEqual({ from: 0, to: 1 });
  });

  it('lies beyond the points as far as it goes, and without points nowhere', () => {
    expect(stepsOf([slow], { axis: 'epoch', from: 99.5, to: 102 })).toEqual({ from: 99_500, to: 102_000 });
    expect(stepsOf([series('train/loss', [])], epochs)).toBeNull();
  });
});

describe('the mean of seeds', () => {
  const named = { id: 'row', label: 'row', colour: '#123456' };
  const curve = (x: number[], y: number[]) => ({ ...named, x, y });

  it('has their mean and deviation at common points, over the stretch that all cover', () => {
    const mean = meanCurve([curve([1, 2, 3], [1, 2, 3]), curve([1, 2], [3, 6])], named);
    expect(mean.x).toEqual([1, 2]);
    expect(mean.y).toEqual([2, 4]);
    expect(mean.band?.low.map((low, at) => (mean.y[at] - low) ** 2)).toEqual([
      expect.closeTo(2, 12),
      expect.closeTo(8, 12),
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

describe('a stretch in detail', () => {
  it('stands between the points of the whole curve, each once', () => {
    const whole = series('train/loss', [5, 4, 3, 2, 1]);
    const detail = {
      steps: [18, 20, 30, 33],
      values: [9, 4, 3, 9],
      epochs: [1, 1, 1, 1],
      times: [1, 2, 3, 4],
    };
    const joined = withDetail(whole, detail, { from: 15, to: 35 });
    expect(joined.steps).toEqual([10, 18, 20, 30, 33, 40, 50]);
    expect(joined.values).toEqual([5, 9, 4, 3, 9, 2, 1]);
    expect(withDetail(whole, undefined, { from: 15, to: 35 })).toBe(whole);
  });
});

it('writes all values of a chart with the same decimals, four digits of the largest', () => {
  const decimals = (...values: number[]) => sharedDecimals([{ y: values }]);
  expect(decimals(0.0117, 0.008566, Number.NaN)).toBe(5);
  expect(decimals(-9.8, 4)).toBe(3);
  expect(decimals(12_000)).toBe(0);
  expect(sharedDecimals([])).toBe(0);
});

it('calls a panel what its metric is called', () => {
  expect(panelsOf(['valid/id-hr@10', 'valid/logloss']).map(({ title }) => title)).toEqual([
    'ID HR',
    'Log-loss',
  ]);
});
