import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineAt, placeOpened } from './expanded-rows.ts';

it('lays what belongs to an open row right below it, every line once and in order', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(counts, (rows) => {
      const opened = rows.flatMap((count, at) => (count > 0 ? [{ at, count }] : []));
      const placed = placeOpened(opened);
      const expected = rows.flatMap((count, line) => [
        { line, member: null as number | null },
        ...Array.from({ length: count }, (_, member) => ({ line, member })),
      ]);
      const lines = expected.map((_, index) => {
        const { line, under, member } = lineAt(placed, index);
        return { line, member: under === null ? null : member };
      });
      expect(lines).toEqual(expected);
    }),
  );
});
