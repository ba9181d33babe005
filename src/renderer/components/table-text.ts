/** A table as text to paste: what "Copy as" writes. */

export type TableFormat = 'csv' | 'markdown' | 'latex';

export interface TableText {
  head: string[];
  rows: string[][];
  /** Right-aligned columns, by index. */
  numeric: ReadonlySet<number>;
}

export function tableText(table: TableText, format: TableFormat): string {
  if (format === 'csv') return [table.head, ...table.rows].map(csvLine).join('');
  return format === 'markdown' ? markdown(table) : latex(table);
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is written as text, and a number with a plain minus. */
function csvLine(cells: readonly string[]): string {
  const fields = cells.map((shown) => {
    const cell = shown.replace(/^−(?=\d)/, '-');
    const safe = /^[=+@\t\r]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${fields.join(',')}\r\n`;
}

function markdown({ head, rows, numeric }: TableText): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |\n`;
  const rule = head.map((_, column) => (numeric.has(column) ? '---:' : '---'));
  return [head, rule, ...rows].map(line).join('');
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
function latex({ head, rows, numeric }: TableText): string {
  const columns = head.map((_, column) => (numeric.has(column) ? 'r' : 'l')).join('');
  const line = (cells: readonly string[]) => `${cells.map(latexText).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${columns}}`,
    '\\toprule',
    line(head),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}
