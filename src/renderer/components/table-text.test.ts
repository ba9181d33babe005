import { expect, test } from 'vitest';
import { type Column, column, sortedRows } from './columns.ts';
import { tableText } from './table-text.ts';

interface Row {
  name: string;
  count: number | null;
  delta: number;
  cell: { mean: number; std: number | null; count: number };
  seconds: number;
  created: number;
}

const ROW: Row = {
  name: '=1+1',
  count: 1204,
  delta: -0.003,
  cell: { mean: 0.05123, std: 0.00071, count: 3 },
  seconds: 725,
  created: Date.UTC(2026, 0, 2, 3, 4, 5),
};
const COLUMNS: Column<Row>[] = [
  column('name', 'Run', 'text', ({ name }) => name),
  column('count', 'Users', 'count', ({ count }) => count, { sortable: true }),
  column('delta', 'Δ', 'signed', ({ delta }) => delta),
  column('cell', 'NDCG@10', 'mean', ({ cell }) => cell),
  column('seconds', 'Time', 'duration', ({ seconds }) => seconds),
  column('created', 'Created', 'time', ({ created }) => created),
  column('box', '', 'none', () => null),
];

test('a copy for programs is data, and a spreadsheet takes no cell for a formula', () => {
  expect(
    tableText(
      COLUMNS,
      [ROW, { ...ROW, name: 'b', count: null, cell: { mean: 0.5, std: null, count: 1 } }],
      'csv',
    ),
  ).toBe(
    [
      'Run,Users,Δ,NDCG@10,NDCG@10 std,Time,Created',
      "'=1+1,1204,-0.003,0.05123,0.00071,725,2026-01-02T03:04:05.000Z",
      'b,,-0.003,0.5,,725,2026-01-02T03:04:05.000Z',
      '',
    ].join('\r\n'),
  );
});

test('copies for texts are what is shown', () => {
  const shown = COLUMNS.slice(0, 5);
  expect(tableText(shown, [ROW], 'latex')).toContain(
    '=1+1 & 1,204 & $-$0.0030 & 0.0512 $\\pm$ 0.0007 (3) & 12 min 5 s',
  );
  // A Greek letter that stands as it is, pdfLaTeX does not know.
  expect(tableText(shown, [ROW], 'latex')).toContain('Run & Users & $\\Delta$ & NDCG@10 & Time');
  expect(tableText(shown, [ROW], 'markdown')).toContain(
    '| =1\\+1 | 1,204 | −0.0030 | 0.0512 ± 0.0007 \\(3\\) | 12 min 5 s |',
  );
});

test('what is missing comes last whichever way rows are sorted', () => {
  const rows = [null, 9, 11].map((count) => ({ ...ROW, count }));
  const sorted = (descending: boolean) =>
    sortedRows(rows, COLUMNS, [{ field: 'count', descending }]).map(({ count }) => count);
  expect(sorted(false)).toEqual([9, 11, null]);
  expect(sorted(true)).toEqual([11, 9, null]);
});
