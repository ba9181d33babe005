import {
  type Cell,
  type DocumentSection,
  isNumeric,
  linesByGroup,
  markedCell,
  noteLines,
  type ReportDocument,
  withGroupColumn,
} from '../document.ts';
import type { WriteOptions } from '../types.ts';
import { cleanText, escapeLatex } from './text.ts';

function cellText(cell: Cell): string {
  const { text, mark, significant, spread, note = '' } = markedCell(cell);
  const shown = escapeLatex(text);
  const marked = { best: `\\textbf{${shown}}`, second: `\\underline{${shown}}` };
  const scatter = spread === undefined ? '' : `\\,{\\scriptsize$\\pm$\\,${spread}}`;
  return (mark ? marked[mark] : shown) + (significant ? '$^{\\dagger}$' : '') + scatter + note;
}

/** A bracket or star at the start of a row would belong to the \\ of the row before. */
function rowText(cells: readonly Cell[]): string {
  return `    ${cells.map(cellText).join(' & ').replace(/^[[*]/, '{}$&')} \\\\`;
}

function sentence(title: string): string {
  return /[.?!]$/.test(title) ? title : `${title}.`;
}

/** A section's table under what there is to know about it; nothing where it has none. */
function tableLines(
  section: DocumentSection,
  { title, isUntitled, warnings = [], sections }: ReportDocument,
) {
  if (!section.table) return [];
  const table = withGroupColumn(section.table);
  const aligned = table.headings.map((_, at) => (isNumeric(table, at) ? 'r' : 'l')).join('');
  const caption = [
    section.isBare && !isUntitled ? title : sentence(section.isBare ? title : section.title),
    ...(section.text ?? []),
    ...(section === sections.find((one) => one.table) ? warnings : []),
    ...(section.caption ?? noteLines(section, 'Bold', 'Underlined')),
  ];
  return [
    '\\begin{table}[t]',
    '  \\centering',
    `  \\caption{${escapeLatex(caption.join(' '))}}`,
    ...(section.isBare ? ['  \\label{tab:comparison}'] : []),
    `  \\begin{tabular}{${aligned}}`,
    '    \\toprule',
    rowText(table.headings),
    ...linesByGroup(table).flatMap((lines) => ['    \\midrule', ...lines.map(rowText)]),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ];
}

/**
 * `table` environments with booktabs rules for a paper; with `standalone`, a whole document around them. What has no table
 * stands in comments above, so that the numbers keep it wherever they are pasted.
 */
export function writeLatex(report: ReportDocument, { standalone }: WriteOptions): string {
  const { sections } = report;
  const comments = sections.flatMap((section) => [
    ...(section.table ? [] : [...(section.text ?? []), ...noteLines(section, 'Bold', 'Underlined')]),
    ...(section.commands ?? []),
  ]);
  const packages = ['\\usepackage[T1]{fontenc}', '\\usepackage{textcomp}', '\\usepackage{booktabs}'];
  const body = [
    ...comments.map((comment) => `% ${cleanText(comment)}`),
    ...sections.flatMap((section) => tableLines(section, report)),
  ];
  if (!standalone) return `${[`% Needs in the preamble: ${packages.join(' ')}`, ...body].join('\n')}\n`;
  const preamble = ['\\documentclass{article}', '\\usepackage[utf8]{inputenc}', ...packages];
  return `${[...preamble, '\\begin{document}', ...body, '\\end{document}'].join('\n')}\n`;
}
