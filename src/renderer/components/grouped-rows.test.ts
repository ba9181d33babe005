import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupAt, placeGroups, rowAt } from './grouped-rows.ts';

it('lays every row of the open groups under its heading, once and in order', () => {
  const group = fc.record({ rows: fc.integer({ min: 1, max: 9 }), open: fc.boolean() });
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 12 }), (made) => {
      const groups = made.map(({ rows }, at) => ({ id: String(at), label: `group ${at}`, rows }));
      const closed = new Set(groups.filter((_, at) => !made[at].open).map(({ id }) => id));
      const { placed, total } = placeGroups(groups, closed);
      let row = 0;
      const expected = groups.flatMap(({ id, rows }) => {
        const own = Array.from({ length: rows }, () => ({ id, row: row++ }));
        return [{ id, row: null as number | null }, ...(closed.has(id) ? [] : own)];
      });
      const lines = Array.from({ length: total }, (_, index) => ({
        id: groupAt(placed, index)?.id,
        row: rowAt(placed, index),
      }));
      expect(lines).toEqual(expected);
    }),
  );
});
