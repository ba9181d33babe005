import { describe, expect, it } from 'vitest';
import { steppedSeries as series } from '../../../test/figures/made.ts';
import type { Series } from '../../core/api/figures.ts';
import { rangeOn, readZoom, stepsOf, withDetail, zoomText } from './zoom.ts';

describe('a stretch that is zoomed into', () => {
  const run = (stepsOfEpoch: number, epochs: number, each = 1): Series => {
    const steps = Array.from({ length: epochs * each }, (_, at) => ((at + 1) * stepsOfEpoch) / each);
    const times = steps.map((step) => 2 * step);
    return { steps, epochs: steps.map((step) => step / stepsOfEpoch), times, values: steps };
  };
  it('is read from an address as it was written there, and none from what is no stretch', () => {
    const zoom = { axis: 'time', from: 12.5, to: 4000 } as const;
    expect(readZoom(zoomText(zoom))).toEqual(zoom);
    expect(['', 'time', 'hour 1 to 2', 'step 2 to 1', 'step 1 to'].map(readZoom)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

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
