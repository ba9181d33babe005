import { protocolFingerprint } from '../evaluation/protocol.ts';
import { csvField } from './text.ts';
import type { Comparison, ComparisonCell, MetricColumn } from './types.ts';

/** Six decimals for metrics and their differences; p-values keep six digits, however small they are. */
function number(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '' : value.toFixed(6);
}

function digits(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '' : value.toPrecision(6);
}

function headings(column: MetricColumn, tested: boolean): string[] {
  const parts = ['', ' std', ' n'];
  const tests = [' difference', ' difference %', ' low95', ' high95', ' p wilcoxon holm', ' p t holm'];
  return [...parts, ...(tested ? tests : [])].map((part) => column.name + part);
}

function fields(cell: ComparisonCell, tested: boolean): string[] {
  const plain = [number(cell.mean), number(cell.std), String(cell.values.length)];
  if (!tested) return plain;
  const { delta, deltaPercent, significance } = cell;
  const [low, high] = significance?.interval ?? [null, null];
  const tests = [number(delta), number(deltaPercent), number(low), number(high)];
  return [...plain, ...tests, digits(significance?.wilcoxonHolm), digits(significance?.tHolm)];
}

/** One line a row: names, protocol, and for every metric its mean, spread, count and, with a baseline, the tests. */
export function writeCsv(comparison: Comparison): string {
  const { columns, otherColumns, rows, baseline } = comparison;
  const tested = baseline !== null;
  const head = [
    'run',
    'model',
    'dataset',
    'seeds',
    'protocol',
    'baseline',
    ...columns.flatMap((column) => headings(column, tested)),
    ...otherColumns.map((column) => column.name),
  ];
  const lines = rows.map((row) => [
    row.name,
    row.model,
    row.runs[0].dataset?.name ?? '',
    row.seeds.join(' '),
    row.runs[0].protocol ? protocolFingerprint(row.runs[0].protocol) : '',
    row.isBaseline ? 'yes' : '',
  ]);
  const values = rows.map((row) => [
    ...row.cells.flatMap((cell) => fields(cell, tested)),
    ...row.others.map(number),
  ]);
  // Numbers are already text here: a leading minus must not be taken for a formula.
  const records = lines.map((names, at) => [...names.map(csvField), ...values[at]].join(','));
  return `${[head.map(csvField).join(','), ...records].join('\r\n')}\r\n`;
}
