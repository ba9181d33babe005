import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemSlices, sliceBounds, sliceMetrics } from './slices.ts';

describe('slices', () => {
  it('puts every item in one slice by popularity', () => {
    expect(itemSlices([50, 10, 20, 4, 10, 6])).toEqual(['head', 'torso', 'torso', 'cold', 'tail', 'tail']);
    expect(itemSlices([])).toEqual([]);
  });

  it('splits the users twice, and the slices average to the whole', () => {
    const user = fc.record({
      rank: fc.integer({ min: 1, max: 40 }),
      target: fc.nat({ max: 5 }),
      length: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(user, { minLength: 1, maxLength: 50 }), (users) => {
        const ranks = {
          split: 'test' as const,
          ranks: Int32Array.from(users, ({ rank }) => rank),
          targets: Int32Array.from(users, ({ target }) => target),
          historyLengths: Int32Array.from(users, ({ length }) => length),
        };
        const slices = sliceMetrics(ranks, sliceBounds(ranks, [50, 10, 20, 4, 10, 6]), [10]);
        const hits = users.filter(({ rank }) => rank <= 10).length;
        for (const by of ['item popularity', 'history length']) {
          const part = slices.filter((slice) => slice.by === by);
          expect(part.reduce((sum, slice) => sum + slice.users, 0)).toBe(users.length);
          const total = part.reduce(
            (sum, slice) => sum + slice.users * (slice.metrics['test/hr@10'] ?? 0),
            0,
          );
          expect(total).toBeCloseTo(hits, 8);
        }
      }),
    );
  });
});
