import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auc, logit, rowLosses } from './classification.ts';
import { clickSlices, measureSlice, reliability } from './click-slices.ts';
import { aucInterval, compareAucs, meanPlacements, placements } from './delong.ts';
import { mean } from './metrics.ts';
import { type ClickPredictions, clickMetrics, parseClickMetric, sigmoid } from './predictions.ts';

/** Both classes at least twice; scores with many ties. */
const scored = fc
  .array(
    fc.record({
      label: fc.integer({ min: 0, max: 1 }),
      a: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-Infinity, Infinity)),
      b: fc.double({ min: -2, max: 2, noNaN: true }),
    }),
    {
      minLength: 6,
      maxLength: 40,
    },
  )
  .filter((rows) => [0, 1].every((label) => rows.filter((row) => row.label === label).length > 1));

/** Variance and covariance of two AUCs by their definition: a kernel over all pairs of a positive and a negative. */
function byDefinition(labels: number[], scores: number[][]) {
  const [positive, negative] = [1, 0].map((label) =>
    labels.flatMap((own, row) => (own === label ? [row] : [])),
  );
  const kernel = (own: number[], i: number, j: number) => (own[i] > own[j] ? 1 : own[i] === own[j] ? 0.5 : 0);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const parts = scores.map((own) => ({
    positives: positive.map((i) => mean(negative.map((j) => kernel(own, i, j)))),
    negatives: negative.map((j) => mean(positive.map((i) => kernel(own, i, j)))),
  }));
  const aucs = parts.map(({ positives }) => mean(positives));
  const covariance = (a: number, b: number) => {
    const of = (part: 'positives' | 'negatives') => {
      const [left, right] = [parts[a][part], parts[b][part]];
      const sum = left.reduce((total, value, at) => total + (value - aucs[a]) * (right[at] - aucs[b]), 0);
      return sum / (left.length - 1) / left.length;
    };
    return of('positives') + of('negatives');
  };
  return { aucs, covariance };
}

describe('DeLong', () => {
  it('equals its definition over all pairs, ties counting half', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const labels = rows.map(({ label }) => label);
        const scores = [rows.map(({ a }) => a), rows.map(({ b }) => b)];
        const { aucs, covariance } = byDefinition(labels, scores);
        const [left, right] = scores.map((own) => placements(labels, own));
        const single = aucInterval(left);
        expect(single.value).toBeCloseTo(auc(labels, scores[0]), 12);
        expect(single.standardError ** 2).toBeCloseTo(covariance(0, 0), 12);
        const difference = compareAucs(left, right);
        expect(difference.value).toBeCloseTo(aucs[1] - aucs[0], 12);
        const variance = covariance(0, 0) + covariance(1, 1) - 2 * covariance(0, 1);
        expect(difference.standardError ** 2).toBeCloseTo(variance, 12);
      }),
    );
  });

  it('finds no difference between means of the same seeds in another order', () => {
    fc.assert(
      fc.property(scored, fc.array(fc.nat({ max: 97 }), { minLength: 2, maxLength: 5 }), (rows, seeds) => {
        const labels = rows.map(({ label }) => label);
        const all = seeds.map((seed) =>
          placements(
            labels,
            rows.map(({ b }, at) => ((at * seed) % 11) + b),
          ),
        );
        const [one, other] = [all, all.toReversed()].map(meanPlacements);
        expect(compareAucs(one, other)).toMatchObject({ value: 0, standardError: 0, p: 1 });
      }),
    );
  });

  it('finds no difference of a model with itself, or of one that tells nothing apart', () => {
    const constant = placements([0, 1, 0, 1, 1], [2, 2, 2, 2, 2]);
    expect(aucInterval(constant)).toEqual({ value: 0.5, standardError: 0, interval: [0.5, 0.5], p: 0 });
    expect(compareAucs(constant, constant)).toMatchObject({ value: 0, p: 1 });
    const own = placements([0, 1, 0, 1, 1], [0.1, 0.4, 0.4, 0.8, 0.3]);
    expect(compareAucs(own, own)).toMatchObject({ value: 0, p: 1, interval: [0, 0] });
  });
});

function predictions(rows: number): ClickPredictions {
  const at = Array.from({ length: rows }, (_, row) => row);
  const labels = Uint8Array.from(at, (row) => ((row * 7) % 11 < 4 ? 1 : 0));
  return {
    split: 'test',
    tasks: ['click', 'like'],
    rows: Int32Array.from(at),
    labels: [labels, labels.map((label) => 1 - label)],
    logits: [Float32Array.from(at, (row) => Math.sin(row) + labels[row]), new Float32Array(rows)],
    users: Int32Array.from(at, (row) => (row % 5) - 1),
    items: Int32Array.from(at, (row) => row % 20),
    itemCounts: Int32Array.from(at, (row) => (row % 20) * 7),
    userCounts: Int32Array.from(at, (row) => row % 5),
  };
}

describe('predictions of clicks', () => {
  it('gives every task its metrics, the main one without its name', () => {
    const metrics = clickMetrics(predictions(220));
    expect(metrics['test/auc']).toBeGreaterThan(0.6);
    expect(metrics['test/like/auc']).toBe(0.5);
    expect(metrics['test/like/logloss']).toBeCloseTo(Math.log(2), 12);
    expect(parseClickMetric('test/like/auc')).toEqual({ split: 'test', task: 'like', metric: 'auc' });
    expect(parseClickMetric('test/ndcg@10')).toBeNull();
  });

  it('cuts slices that part the rows, each with an interval around its value', () => {
    const whole = predictions(2000);
    const slices = clickSlices(whole).map((slice) => measureSlice([whole], slice));
    for (const by of ['all', 'item age', 'item popularity', 'history length'] as const) {
      const own = slices.filter((slice) => slice.by === by);
      expect(own.reduce((sum, { users }) => sum + users, 0)).toBe(2000);
      for (const { metrics, intervals } of own) {
        for (const [name, [low, high]] of Object.entries(intervals ?? {})) {
          expect(metrics[name]).toBeGreaterThanOrEqual(low);
          expect(metrics[name]).toBeLessThanOrEqual(high);
        }
      }
    }
    expect(slices.find(({ slice }) => slice === 'unseen')?.users).toBe(100);
    const deciles = slices.filter(({ by }) => by === 'item popularity').map(({ slice }) => slice);
    expect(deciles).toEqual(Array.from({ length: 10 }, (_, at) => `decile ${at + 1}`));
    const alike = predictions(1000);
    alike.itemCounts.fill(3, 250);
    alike.itemCounts.fill(1, 0, 250);
    const merged = clickSlices(alike).filter(({ by }) => by === 'item popularity');
    expect(merged.map(({ slice, members }) => [slice, members.length])).toEqual([
      ['deciles 1–3', 250],
      ['deciles 4–10', 750],
    ]);
  });

  it('puts every row into one group of each kind, whatever the counts', () => {
    const few = Array.from({ length: 100 }, (_, at) => (at < 85 ? at : at < 96 ? 1000 : 2000 + at));
    const counts = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(counts, (drawn) => {
        const own = Int32Array.from(drawn);
        const slices = clickSlices({ itemCounts: own, userCounts: own });
        for (const by of ['item popularity', 'history length']) {
          const rows = slices.filter((slice) => slice.by === by).flatMap(({ members }) => [...members]);
          expect(rows.sort((a, b) => a - b)).toEqual(drawn.map((_, at) => at));
        }
      }),
      { examples: [[few]] },
    );
    const own = Int32Array.from(few);
    const popular = clickSlices({ itemCounts: own, userCounts: own }).filter(
      ({ by }) => by === 'item popularity',
    );
    expect(popular.slice(-2).map(({ slice, members }) => [slice, members.length])).toEqual([
      ['decile 9', 16],
      ['decile 10', 4],
    ]);
  });

  it('averages what a row adds over the seeds, so that equal seeds are one and other seeds narrow the interval', () => {
    const seed = (shift: number): ClickPredictions => {
      const own = predictions(600);
      const logits = own.logits[0].map((_, row) => 2 * Math.sin(row * (1 + shift)) + own.labels[0][row]);
      return { ...own, logits: [logits, own.logits[1]] };
    };
    const [one, other] = [seed(0), seed(0.37)];
    const [all] = clickSlices(one);
    const [alone, same, both] = [[one], [one, one], [one, other]].map((seeds) => measureSlice(seeds, all));
    expect(same.intervals).toEqual(alone.intervals);
    expect(same.spreads?.['test/auc']).toBe(0);
    expect(alone.spreads).toBeUndefined();
    const aucs = [one, other].map((own) => clickMetrics(own)['test/auc']);
    expect(both.metrics['test/auc']).toBeCloseTo((aucs[0] + aucs[1]) / 2, 12);
    expect(both.spreads?.['test/auc']).toBeCloseTo(Math.abs(aucs[0] - aucs[1]) / Math.SQRT2, 12);
    const width = ({ intervals }: typeof both) => {
      const [low, high] = intervals?.['test/auc'] ?? [0, 0];
      return high - low;
    };
    // Independent noise of two seeds averages out; that of rows does not, which is why the width does not halve.
    expect(width(both)).toBeLessThan(width(alone));
    expect(width(both)).toBeGreaterThan(width(alone) / 2);
    // The interval is DeLong's of the averaged placements, around the mean AUC.
    const [low, high] = both.intervals?.['test/auc'] ?? [0, 0];
    expect((low + high) / 2).toBeCloseTo(both.metrics['test/auc'], 12);
    const [loss, ne] = ['test/logloss', 'test/ne'].map((name) => both.intervals?.[name][0] ?? 0);
    expect(loss / ne).toBeCloseTo(both.metrics['test/logloss'] / both.metrics['test/ne'], 10);
  });

  it('has one log-loss, of rows and of all, also at log-odds at which a probability rounds to 0 or 1', () => {
    const whole = predictions(220);
    const logits = whole.logits[0].map((logit, row) => (row % 3 === 0 ? 60 * logit : logit));
    const rows = rowLosses(whole.labels[0], logits);
    const metrics = clickMetrics({ ...whole, logits: [logits, logits] });
    expect(metrics['test/logloss']).toBe(mean(rows));
    expect(Math.max(...rows)).toBe(-Math.log(1e-15));
    expect(Array.from(rowLosses([1, 0, 1, 0], [800, 800, -Infinity, -32]))).toEqual([
      -Math.log1p(-1e-15),
      -Math.log(1e-15),
      -Math.log(1e-15),
      Math.log1p(Math.exp(-32)),
    ]);
    expect([0, 0.3, 1].map((p) => rowLosses([0], [logit(p)])[0])).toEqual([
      -Math.log1p(-1e-15),
      expect.closeTo(-Math.log(0.7), 12),
      -Math.log(1e-15),
    ]);
    expect([sigmoid(-800), sigmoid(800)]).toEqual([0, 1]);
    expect(reliability(predictions(220)).reduce((sum, { count }) => sum + count, 0)).toBe(220);
    expect(reliability(predictions(30))).toHaveLength(1);
  });
});
