import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeBucket } from '../layers/relative-bias.ts';
import { rankBlock, selectTop } from './ranking.ts';

/** Few distinct scores, so that ties are common, and infinite ones. */
const score = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) },
);
const block = fc.integer({ min: 1, max: 25 }).chain((items) =>
  fc.record({
    scores: fc.array(score, { minLength: items, maxLength: items }),
    target: fc.nat({ max: items - 1 }),
    history: fc.array(fc.nat({ max: items - 1 }), { maxLength: 12 }),
    k: fc.nat({ max: 30 }),
  }),
);

/** Order of scores, best first; infinite ones that are equal have no difference. */
const descending = (a: number, b: number) => (a === b ? 0 : a > b ? -1 : 1);

describe('ranking by counting', () => {
  it('equals sorting with ties against the target', () => {
    fc.assert(
      fc.property(block, ({ scores, target, history }) => {
        const filter = { offsets: [0, history.length], columns: history };
        const { ranks } = rankBlock({
          scores: Float32Array.from(scores),
          items: scores.length,
          targets: [target],
          filter,
        });
        const candidates = scores
          .map((_, item) => item)
          .filter((item) => item === target || !history.includes(item));
        candidates.sort(
          (a, b) => descending(scores[a], scores[b]) || Number(a === target) - Number(b === target),
        );
        expect(ranks[0]).toBe(candidates.indexOf(target) + 1);
      }),
    );
  });

  it('lists the best candidates in a fixed order', () => {
    fc.assert(
      fc.property(block, ({ scores, target, history, k }) => {
        const filter = { offsets: [0, history.length], columns: history };
        const ranked = rankBlock({
          scores: Float64Array.from(scores),
          items: scores.length,
          targets: [target],
          filter,
          topK: k,
        });
        const expected = scores.map((_, item) => item).filter((item) => !history.includes(item));
        expected.sort((a, b) => descending(scores[a], scores[b]) || a - b);
        const padded = [...expected.slice(0, k), ...new Array(Math.max(0, k - expected.length)).fill(-1)];
        expect([...ranked.topItems]).toEqual(padded);
      }),
    );
  });

  it('treats every user of a block alone', () => {
    const scores = Float32Array.from([3, 2, 1, 0, /**/ 0, 1, 2, 3]);
    const filter = { offsets: [0, 2, 2], columns: [0, 0] };
    const { ranks, topItems } = rankBlock({ scores, items: 4, targets: [2, 2], filter, topK: 2 });
    expect([...ranks]).toEqual([2, 2]);
    expect([...topItems]).toEqual([1, 2, 3, 2]);
  });

  it('gives absent targets the rank that was asked for', () => {
    const request = {
      scores: Float32Array.from([3, 2, 1]),
      items: 3,
      filter: { offsets: [0, 1], columns: [0] },
    };
    expect(rankBlock({ ...request, targets: [0], rankIfAbsent: 99 }).ranks[0]).toBe(99);
    expect(rankBlock({ ...request, targets: [-1], rankIfAbsent: 99 }).ranks[0]).toBe(99);
    expect(rankBlock({ ...request, targets: [0] }).ranks[0]).toBe(1);
    expect(() => rankBlock({ ...request, targets: [-1] })).toThrow(/not among the candidates/);
  });

  it('fails on scores that are not numbers, the target being one or not', () => {
    const scores = Float32Array.from([1, Number.NaN, 2]);
    expect(() => rankBlock({ scores, items: 3, targets: [0] })).toThrow(/item 1 is not a number/);
    expect(() => rankBlock({ scores, items: 3, targets: [1] })).toThrow(/item 1 is not a number/);
    expect(() => rankBlock({ scores, items: 3, targets: [1], rankIfAbsent: 4 })).toThrow(/not a number/);
    expect(() => rankBlock({ scores, items: 2, targets: [1] })).toThrow(/3 scores do not make 1 rows of 2/);
  });

  it('selects from infinite scores and from nothing', () => {
    expect([...selectTop(Float32Array.from([-Infinity, Infinity]), 3)]).toEqual([1, 0, -1]);
    expect([...selectTop(new Float32Array(), 2)]).toEqual([-1, -1]);
  });
});

describe('time buckets', () => {
  it('are symmetric, start at zero and end at 128', () => {
    expect([0, 1, -1, 2, 60, -60, 86400].map(timeBucket)).toEqual([0, 0, 0, 2, 13, 13, 37]);
    expect(timeBucket(1e30)).toBe(128);
  });
});
