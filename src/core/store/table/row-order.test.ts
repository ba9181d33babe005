import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortedRows } from './row-order.ts';

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'a', 'B', 'é', '10', '\u{ff5e}', '\u{1f600}'),
  fc.constant(null),
);
const row = fc.array(fc.record({ number: fc.option(fc.integer({ min: -3, max: 3 })), any: value }), {
  minLength: 1,
  maxLength: 3,
});

test('rows are ordered as the database orders them', () => {
  const database = new Database(':memory:');
  database.exec('CREATE TABLE runs (row INTEGER, number, any)');
  const insert = database.prepare('INSERT INTO runs VALUES (?, ?, ?)');
  const ordered = (first: string, second: string) =>
    database
      .prepare(
        `SELECT row FROM runs GROUP BY row ORDER BY avg(number) ${first} NULLS LAST, max(any) ${second} NULLS LAST, row`,
      )
      .pluck()
      .all();
  const property = fc.property(
    fc.array(row, { maxLength: 12 }),
    fc.boolean(),
    fc.boolean(),
    (rows, one, two) => {
      database.exec('DELETE FROM runs');
      const [known, anything]: [(number | undefined)[], (number | string | undefined)[]] = [[], []];
      const all = rows.map((members, at) => {
        const numbers = members.map(({ number, any }) => {
          insert.run(at, number, any);
          anything.push(any ?? undefined);
          return known.push(number ?? undefined) - 1;
        });
        return { at, numbers };
      });
      const sorted = sortedRows(all, [
        { values: known, descending: one, isMean: true },
        { values: anything, descending: two, isMean: false },
      ]);
      const way = (descending: boolean) => (descending ? 'DESC' : 'ASC');
      expect(sorted.map(({ at }) => at)).toEqual(ordered(way(one), way(two)));
    },
  );
  fc.assert(property, { numRuns: 300 });
  database.close();
});
