import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  auc,
  brier,
  calibrationErrors,
  equalCountBins,
  equalWidthBins,
  expectedCalibrationError,
  groupedAuc,
  logit,
  logLoss,
  normalisedEntropy,
} from './classification.ts';
import { type ClickPredictions, clickMetrics, sigmoid } from './predictions.ts';

/** Labels of both classes or of one, log-odds with ties, all equal, or infinite; from one row on. */
const rows = fc.array(
  fc.record({
    label: fc.integer({ min: 0, max: 1 }),
    score: fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(-Infinity, Infinity, -40, 40),
      fc.double({ min: -3, max: 3, noNaN: true }),
    ),
    user: fc.integer({ min: -1, max: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);

/** That value up to rounding; not a number where it is none. */
const near = (value: number) => (Number.isNaN(value) ? value : expect.closeTo(value, 10));
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Share of pairs of a positive and a negative in order, ties counting half; NaN without pairs. */
function aucByPairs(labels: readonly number[], scores: readonly number[]): number {
  const of = (label: number) => scores.filter((_, row) => labels[row] === label);
  const order = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  return meanOf(of(1).flatMap((a) => of(0).map((b) => order(a, b))));
}

/** ECE and the largest gap, bin by bin. */
function calibrationByBins(labels: readonly number[], p: readonly number[]) {
  const gaps = Array.from({ length: 10 }, (_, bin) => {
    const own = p.flatMap((value, row) => (Math.min(9, Math.floor(value * 10)) === bin ? [row] : []));
    const gap =
      own.length === 0
        ? 0
        : Math.abs(meanOf(own.map((row) => p[row])) - meanOf(own.map((row) => labels[row])));
    return { gap, weight: own.length / p.length };
  });
  return {
    expected: gaps.reduce((sum, { gap, weight }) => sum + gap * weight, 0),
    maximum: Math.max(...gaps.map(({ gap }) => gap)),
  };
}

describe('metrics of clicks', () => {
  it('are those of their definitions', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const [labels, scores] = [all.map(({ label }) => label), all.map(({ score }) => score)];
        const p = scores.map((score) => 1 / (1 + Math.exp(-score)));
        expect(auc(labels, scores)).toEqual(near(aucByPairs(labels, scores)));
        expect(brier(labels, p)).toBeCloseTo(meanOf(p.map((value, row) => (value - labels[row]) ** 2)), 12);
        expect(accuracy(labels, p)).toBe(
          meanOf(p.map((value, row) => Number(value >= 0.5 === (labels[row] === 1)))),
        );
        const calibration = calibrationByBins(labels, p);
        expect(expectedCalibrationError(labels, p)).toBeCloseTo(calibration.expected, 12);
        expect(calibrationErrors(equalWidthBins(labels, p)).maximum).toBeCloseTo(calibration.maximum, 12);
        // The other label's log-odds are the negative, so that nothing is lost near 1.
        const own = scores.map((score, row) => 1 / (1 + Math.exp(labels[row] === 1 ? -score : score)));
        const loss = meanOf(own.map((value) => -Math.log(Math.min(1 - 1e-15, Math.max(1e-15, value)))));
        expect(logLoss(labels, scores)).toBeCloseTo(loss, 12);
        const rate = meanOf(labels);
        const guess = -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
        expect(normalisedEntropy(labels, scores)).toEqual(near(loss / guess));
      }),
    );
  });

  it('weigh the AUC of each user with both classes by the rows, and leave out what one class leaves undefined', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const predictions: ClickPredictions = {
          split: 'test',
          tasks: ['click'],
          rows: Int32Array.from(all.keys()),
          labels: [Uint8Array.from(all, ({ label }) => label)],
          logits: [Float32Array.from(all, ({ score }) => score)],
          users: Int32Array.from(all, ({ user }) => user),
          items: new Int32Array(all.length),
          itemCounts: new Int32Array(all.length),
          userCounts: new Int32Array(all.length),
        };
        const users = [0, 1, 2, 3].flatMap((user) => {
          const own = all.filter((row) => row.user === user);
          const value = aucByPairs(
            own.map(({ label }) => label),
            own.map(({ score }) => Math.fround(score)),
          );
          return Number.isNaN(value) ? [] : [{ value, rows: own.length }];
        });
        const total = users.reduce((sum, { rows: count }) => sum + count, 0);
        const metrics = clickMetrics(predictions);
        if (total === 0) expect(metrics).not.toHaveProperty('test/gauc');
        else
          expect(metrics['test/gauc']).toBeCloseTo(
            users.reduce((sum, user) => sum + user.value * user.rows, 0) / total,
            10,
          );
        expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
        const oneClass = new Set(all.map(({ label }) => label)).size === 1;
        expect('test/auc' in metrics).toBe(!oneClass);
        expect('test/ne' in metrics).toBe(!oneClass);
      }),
    );
    expect(groupedAuc([])).toBeNaN();
  });

  it('turn probabilities into log-odds and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (p) => {
        expect(sigmoid(logit(p))).toBeCloseTo(p, 12);
      }),
    );
  });

  it('refuse what is no number, no label or no probability', () => {
    expect(() => auc([0, 1], [0.5, Number.NaN])).toThrow(/example 1 is not a number/);
    expect(() => logLoss([0, 1], [Number.NaN, 1])).toThrow(/example 0 is not a number/);
    expect(() => brier([0, 2], [0.5, 0.5])).toThrow(/label 2 of example 1/);
    expect(() => equalWidthBins([1], [1.2])).toThrow(/1.2 of example 0 is no probability/);
    expect(() => accuracy([1], [])).toThrow(/1 labels and 0 predictions/);
  });
});

it('bins of as many rows are many where clicks are rare, and keep equal probabilities together', () => {
  const p = Array.from({ length: 100 }, (_, at) => 0.001 * (at + 1));
  const labels = p.map((_, at) => Number(at % 10 === 0));
  expect(equalWidthBins(labels, p)).toHaveLength(2);
  expect(equalCountBins(labels, p).map(({ count, meanLabel }) => [count, meanLabel])).toEqual(
    Array(10).fill([10, 0.1]),
  );
  const tied = equalCountBins(labels, p.with(19, p[20]), 5);
  expect(tied.map(({ count }) => count)).toEqual([21, 19, 20, 20, 20]);
});

it('the largest calibration error is of bins that have enough rows', () => {
  const bin = (index: number, count: number, meanLabel: number) => ({
    ...{ index, count, meanLabel },
    meanProbability: 0.9,
  });
  const bins = [bin(8, 50, 0.8), bin(9, 1, 0)];
  expect(calibrationErrors(bins).maximum).toBeCloseTo(0.9);
  expect(calibrationErrors(bins, 20).maximum).toBeCloseTo(0.1);
  expect(calibrationErrors(bins, 20).expected).toBe(calibrationErrors(bins).expected);
});
