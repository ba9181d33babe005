import type { ComparedRow, ComparisonView } from '../../../core/api/compare.ts';
import { type Column, column } from '../../components/columns.ts';

/** The table as it is copied: a line a row, all numbers of all shown metrics. */
export function copiedColumns(view: ComparisonView, shown: readonly number[]): Column<ComparedRow>[] {
  return [
    column('run', 'Run', 'text', (row) => row.name + (row.isBaseline ? ' (baseline)' : '')),
    column('name', 'Name', 'text', ({ fullName }) => fullName),
    column('seeds', 'Seeds', 'text', ({ seeds }) => seeds.join(' ')),
    ...shown.flatMap((at): Column<ComparedRow>[] => {
      const { name, label, decimals } = view.columns[at];
      const tested = (row: ComparedRow) => row.cells[at].significance;
      return [
        column(name, label, 'metric', (row) => row.cells[at].mean, decimals),
        column(`${name} ±`, `${label} ±`, 'metric', (row) => row.cells[at].std, decimals),
        column(`${name} Δ`, `${label} Δ`, 'signed', (row) => row.cells[at].delta, decimals),
        column(`${name} %`, `${label} Δ %`, 'signed', (row) => row.cells[at].deltaPercent, 1),
        column(`${name} i`, `${label} 95 % interval`, 'interval', (row) => tested(row)?.interval, decimals),
        column(`${name} p`, `${label} p`, 'p', (row) => tested(row)?.holm),
      ];
    }),
  ];
}
