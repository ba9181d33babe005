import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../../test/store/home.ts';
import type { SeriesPoints } from '../../training/events.ts';
import { CHUNK_POINTS, pointsOf, thinPoints, toSeriesPoints } from './chunks.ts';
import type { Series } from './series.ts';

const METRIC = 'train/loss';
const WHOLE = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** `count` points with gaps between steps and, now and then, values that are no finite number. */
function madePoints(count: number, seed: number): SeriesPoints {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const points: SeriesPoints = { metric: METRIC, steps: [], epochs: [], times: [], values: [] };
  for (let step = 0, index = 0; index < count; index++) {
    step += 1 + Math.floor(random() * 3);
    const odd = random();
    points.steps.push(step);
    points.epochs.push(step / 7);
    points.times.push(1_700_000_000_000 + step * 10 + random());
    points.values.push(odd < 0.01 ? Number.NaN : odd < 0.02 ? Number.POSITIVE_INFINITY : random() - 0.5);
  }
  return points;
}

function part(points: SeriesPoints, from: number, to: number): SeriesPoints {
  const cut = (column: number[]) => column.slice(from, to);
  const { metric, steps, epochs, times, values } = points;
  return { metric, steps: cut(steps), epochs: cut(epochs), times: cut(times), values: cut(values) };
}

function appendInBatches(series: Series, run: string, points: SeriesPoints, sizes: number[]): void {
  for (let from = 0, turn = 0; from < points.steps.length; turn++) {
    const size = sizes[turn % sizes.length];
    series.append(run, [part(points, from, from + size)]);
    from += size;
  }
}

const made = fc
  .record({ count: fc.integer({ min: 1, max: 6000 }), seed: fc.nat() })
  .map(({ count, seed }) => madePoints(count, seed));
const sizes = fc.array(fc.oneof(fc.integer({ min: 40, max: 300 }), fc.integer({ min: 1000, max: 3000 })), {
  minLength: 1,
  maxLength: 5,
});

describe('series', () => {
  it('reads back what was appended in any batches, whole, in part and cut', () => {
    const store = temporaryStore();
    const check = (points: SeriesPoints, batches: number[], ends: [number, number]) => {
      const run = addRun(store).id;
      appendInBatches(store.series, run, points, batches);
      expect(store.series.read(run, METRIC)).toEqual(points);

      const lastStep = points.steps[points.steps.length - 1];
      const [from, to] = ends.map((end) => Math.floor(end * (lastStep + 2))).sort((a, b) => a - b);
      const inside = (step: number) => step >= from && step <= to;
      const first = points.steps.findIndex(inside);
      const last = points.steps.findLastIndex(inside);
      expect(store.series.read(run, METRIC, { from, to })).toEqual(
        part(points, Math.max(first, 0), last + 1),
      );

      store.series.truncateAfter(run, to);
      const kept = points.steps.filter((step) => step <= to).length;
      expect(store.series.read(run, METRIC)).toEqual(part(points, 0, kept));
      store.series.append(run, [part(points, kept, points.steps.length)]);
      expect(store.series.read(run, METRIC)).toEqual(points);
    };
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(fc.property(made, sizes, fc.tuple(unit, unit), check), { numRuns: 60 });
  });

  it('is cut after any point, the first and the last of a stored chunk among them', () => {
    const store = temporaryStore();
    const points = madePoints(2 * CHUNK_POINTS + 1, 1);
    for (const last of [0, 1, CHUNK_POINTS - 1, CHUNK_POINTS, CHUNK_POINTS + 1, 2 * CHUNK_POINTS]) {
      const run = addRun(store).id;
      store.series.append(run, [points]);
      store.series.truncateAfter(run, points.steps[last]);
      expect(store.series.read(run, METRIC)).toEqual(part(points, 0, last + 1));
    }
  });

  it('thins to at most the points asked for, with every extreme of a zoomed-out view', () => {
    const store = temporaryStore();
    const check = (points: SeriesPoints, limit: number, zoomed: boolean) => {
      const run = addRun(store).id;
      store.series.append(run, [points]);
      const last = points.steps[points.steps.length - 1];
      const range = zoomed ? { from: Math.floor(last / 5), to: Math.floor((4 * last) / 5) } : WHOLE;
      const all = store.series.read(run, METRIC, range);
      const thin = store.series.read(run, METRIC, { ...range, limit });
      const numbers = all.values.filter((value) => !Number.isNaN(value));
      if (Math.ceil(points.steps.length / CHUNK_POINTS) < limit / 4) {
        expect(thin).toEqual(toSeriesPoints(METRIC, thinPoints(pointsOf(all), limit)));
      }
      expect(thin.steps.length).toBeLessThanOrEqual(limit);
      expect(thin.steps[0]).toBe(all.steps[0]);
      expect(thin.steps.at(-1)).toBe(all.steps.at(-1));
      expect(new Set(thin.steps).size).toBe(thin.steps.length);
      expect([...thin.steps].sort((a, b) => a - b)).toEqual(thin.steps);
      if (numbers.length > 0) {
        expect(thin.values).toContain(Math.min(...numbers));
        expect(thin.values).toContain(Math.max(...numbers));
      }
      for (const [index, step] of thin.steps.entries()) {
        const at = all.steps.indexOf(step);
        expect([thin.epochs[index], thin.times[index], thin.values[index]]).toEqual([
          all.epochs[at],
          all.times[at],
          all.values[at],
        ]);
      }
    };
    fc.assert(fc.property(made, fc.integer({ min: 4, max: 500 }), fc.boolean(), check), { numRuns: 60 });
  });

  it('keeps metrics and runs apart and sums each up', () => {
    const store = temporaryStore();
    const [first, second] = [addRun(store).id, addRun(store).id];
    const loss = {
      metric: METRIC,
      steps: [1, 2, 3],
      epochs: [0, 0, 1],
      times: [1, 2, 3],
      values: [3, Number.NaN, 2],
    };
    store.series.append(first, [loss, { ...loss, metric: 'valid/mrr', values: [0.1, 0.3, Number.NaN] }]);
    store.series.append(second, [loss]);
    store.series.truncateAfter(second, 0);
    expect(store.series.list(first)).toEqual([
      { metric: METRIC, points: 3, lastStep: 3, last: 2, min: 2, max: 3 },
      { metric: 'valid/mrr', points: 3, lastStep: 3, last: Number.NaN, min: 0.1, max: 0.3 },
    ]);
    expect(store.series.list(second)).toEqual([]);
    expect(store.series.read(second, METRIC).steps).toEqual([]);
  });

  it('refuses steps that do not grow, and keeps nothing of such a batch', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    const points = { metric: METRIC, steps: [5, 6], epochs: [0, 0], times: [1, 2], values: [1, 2] };
    store.series.append(run, [points]);
    const other = { ...points, metric: 'a' };
    expect(() => store.series.append(run, [other, points])).toThrow('step 5 does not follow step 6');
    expect(() => store.series.append(run, [{ ...points, steps: [7] }])).toThrow('different lengths');
    expect(store.series.list(run).map(({ metric, points: count }) => [metric, count])).toEqual([[METRIC, 2]]);
  });

  it('shows two million points from the summaries, without reading every chunk', () => {
    const store = temporaryStore();
    const run = addRun(store).id;
    const points = madePoints(2_000_000, 7);
    store.series.append(run, [points]);
    const started = performance.now();
    const thin = store.series.read(run, METRIC, { limit: 2 * 800 });
    const elapsed = performance.now() - started;
    expect(thin.steps.length).toBeGreaterThan(1400);
    expect(Math.ceil(points.steps.length / CHUNK_POINTS)).toBeGreaterThan(1600 / 4);
    expect(elapsed).toBeLessThan(500);
  });
});
