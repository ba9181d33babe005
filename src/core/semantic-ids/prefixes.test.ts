import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixesByDepth } from './prefixes.ts';
import { collisionTokens } from './types.ts';

test('prefixes are equal exactly where the codes are, and items without an ID have none', () => {
  const codes = Int32Array.from([1, 0, 1, 2, -1, -1, 1, 0, 0, 0]);
  const [first, second] = prefixesByDepth({ codes, levels: 2, codebookSizes: [3, 3] });
  expect(first).toEqual({ ids: Int32Array.from([0, 0, -1, 0, 1]), count: 2 });
  expect(second).toEqual({ ids: Int32Array.from([0, 1, -1, 0, 2]), count: 3 });
  expect(collisionTokens(codes, 2)).toEqual(Int32Array.from([0, 0, -1, 1, 0]));
});

describe('the collision token', () => {
  test('makes every ID unique and counts from 0 within one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2)), { minLength: 1, maxLength: 60 }), (ids) => {
        const tokens = collisionTokens(Int32Array.from(ids.flat()), 2);
        expect(new Set(ids.map((id, item) => [...id, tokens[item]].join())).size).toBe(ids.length);
        ids.forEach((id, item) => {
          const before = ids.slice(0, item).filter((other) => other.join() === id.join());
          expect(tokens[item]).toBe(before.length);
        });
      }),
    );
  });
});
