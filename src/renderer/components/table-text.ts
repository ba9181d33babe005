/** A table as text to paste: what "Copy as" writes. */
import { csvLines, escapeLatex, escapeMarkdown } from '../format/format.ts';
import { type Column, dataOf, dataTitles, isNumeric, textOf } from './columns.ts';

export type TableFormat = 'csv' | 'markdown' | 'latex';

/** Data for programs, or as it is shown; without what has nothing to copy. */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  format: TableFormat,
): string {
  const copied = columns.filter(({ kind }) => kind !== 'none');
  if (format === 'csv') {
    const lines = rows.map((row) => copied.flatMap((column) => dataOf(column, row)));
    return csvLines([copied.flatMap(dataTitles), ...lines]);
  }
  const lines = [
    copied.map(({ title }) => title),
    ...rows.map((row) => copied.map((column) => textOf(column, row))),
  ];
  return format === 'markdown' ? markdown(lines, copied.map(isNumeric)) : latex(lines, copied.map(isNumeric));
}

function markdown([head, ...rows]: string[][], numeric: readonly boolean[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const [titles, ...lines] = [head, ...rows].map((cells) => line(cells.map(escapeMarkdown)));
  return [titles, line(numeric.map((right) => (right ? '---:' : '---'))), ...lines].join('');
}

/** booktabs. */
function latex([head, ...rows]: string[][], numeric: readonly boolean[]): string {
  const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${numeric.map((right) => (right ? 'r' : 'l')).join('')}}`,
    '\\toprule',
    line(head),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}
