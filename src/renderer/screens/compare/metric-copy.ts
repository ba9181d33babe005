import type { ComparedRow, ComparisonView } from '../../../core/api/compare.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { fixed, pValueText, signed, signedRange } from '../../format/format.ts';

/** The table as it is copied: a line a row, all numbers of all shown metrics. */
export function copiedColumns(view: ComparisonView, shown: readonly number[]): Column<ComparedRow>[] {
  return [
    column('run', 'Run', (row) => row.name + (row.isBaseline ? ' (baseline)' : '')),
    column('name', 'Name', ({ fullName }) => fullName),
    column('seeds', 'Seeds', ({ seeds }) => seeds.join(' ')),
    ...shown.flatMap((at): Column<ComparedRow>[] => {
      const { name, label, decimals } = view.columns[at];
      const tested = (row: ComparedRow) => row.cells[at].significance;
      return [
        numeric(name, label, (row) => fixed(row.cells[at].mean, decimals)),
        numeric(`${name} ±`, `${label} ±`, (row) => fixed(row.cells[at].std, decimals)),
        numeric(`${name} Δ`, `${label} Δ`, (row) => signed(row.cells[at].delta, decimals)),
        numeric(`${name} %`, `${label} Δ %`, (row) => signed(row.cells[at].deltaPercent, 1)),
        numeric(`${name} i`, `${label} 95 % interval`, (row) => signedRange(tested(row)?.interval, decimals)),
        numeric(`${name} p`, `${label} p`, (row) => pValueText(tested(row)?.holm)),
      ];
    }),
  ];
}
