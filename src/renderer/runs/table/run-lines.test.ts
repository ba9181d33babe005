import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keysOf, runLines } from './run-lines.ts';

const made = fc.array(
  fc.record({
    closed: fc.boolean(),
    rows: fc.array(fc.record({ runs: fc.integer({ min: 1, max: 3 }), open: fc.boolean() }), { minLength: 1 }),
  }),
  { minLength: 1, maxLength: 8 },
);

it('lays every row of the open groups under its heading, and the runs of open rows under these, once and in order', () => {
  fc.assert(
    fc.property(made, (all) => {
      const ids = all.map(({ rows }, group) =>
        rows.map(({ runs }, row) => Array.from({ length: runs }, (_, run) => `${group}-${row}-${run}`)),
      );
      const rows = ids.flat().map((runs) => runs.join(' '));
      const groups = all.map(({ rows: { length } }, group) => ({ key: `group ${group}`, rows: length }));
      const closed = groups.filter((_, group) => all[group].closed).map(({ key }) => key);
      const open = ids.flatMap((of, group) =>
        of.filter((_, row) => all[group].rows[row].open).map(([key]) => key),
      );
      const lines = runLines(rows, { groups, closed, open, runsOf: (_, runs) => runs.toReversed() });
      const expected = all.flatMap(({ closed: shut, rows: members }, group) => [
        `group ${group}`,
        ...(shut ? [] : members).flatMap(({ open: isOpen }, row) => {
          const [key] = ids[group][row];
          const runs = isOpen && ids[group][row].length > 1 ? ids[group][row].toReversed() : [];
          return [key, ...runs.map((run) => `${key}/${run}`)];
        }),
      ]);
      expect(lines.map((line) => (line.kind === 'group' ? groups[line.group].key : line.key))).toEqual(
        expected,
      );
      for (const line of lines) {
        if (line.kind === 'group') expect(line.keys).toEqual(ids[line.group].map(([key]) => key));
        if (line.kind === 'run') expect(lines[line.under]).toMatchObject({ key: line.key.split('/')[0] });
      }
    }),
  );
});

it('has no headings where nothing is grouped', () => {
  const rows = ['b a', 'c'];
  const lines = runLines(rows, { groups: null, closed: [], open: [], runsOf: (_, runs) => runs });
  expect(lines.map(({ kind }) => kind)).toEqual(['row', 'row']);
  expect(keysOf(rows)).toEqual(['b', 'c']);
});
