/** A table as text to paste: what "Copy as" writes. */
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
    return [copied.flatMap(dataTitles), ...lines].map(csvLine).join('');
  }
  const lines = [
    copied.map(({ title }) => title),
    ...rows.map((row) => copied.map((column) => textOf(column, row))),
  ];
  return format === 'markdown' ? markdown(lines, copied.map(isNumeric)) : latex(lines, copied.map(isNumeric));
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is written as text. */
function csvLine(cells: readonly string[]): string {
  const fields = cells.map((cell) => {
    const safe = /^[=+@\t\r]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${fields.join(',')}\r\n`;
}

function markdown([head, ...rows]: string[][], numeric: readonly boolean[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |\n`;
  return [head, numeric.map((right) => (right ? '---:' : '---')), ...rows].map(line).join('');
}

const LATEX: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '–': '--',
  '−': '$-$',
};

function latexText(text: string): string {
  return text.replaceAll(/[\\~^±–−&%$#_{}]/g, (character) => LATEX[character] ?? `\\${character}`);
}

/** booktabs. */
function latex([head, ...rows]: string[][], numeric: readonly boolean[]): string {
  const line = (cells: readonly string[]) => `${cells.map(latexText).join(' & ')} \\\\`;
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
