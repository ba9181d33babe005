import { type DocumentSection, type ReportDocument, tableSection } from './document.ts';
import { cellMark, markedName } from './footnotes.ts';
import { fixed } from './format.ts';
import { publishedTable } from './published.ts';
import { factColumns, markNotes, protocolSentence, showsProtocol } from './sections.ts';
import { sliceNote, sliceSections } from './slices.ts';
import { cleanText, escapeLatex } from './text.ts';
import type { Comparison, ComparisonCell, ComparisonRow, MetricColumn, WriteOptions } from './types.ts';

type Facts = ReturnType<typeof factColumns>;

function cellText(cell: ComparisonCell, column: MetricColumn): string {
  if (cell.mean === null) return '--';
  const mean = fixed(cell.mean, column.decimals).replace('−', '$-$');
  const marked = { best: `\\textbf{${mean}}`, second: `\\underline{${mean}}` };
  const spread = cell.std === null ? '' : `\\,{\\scriptsize$\\pm$\\,${fixed(cell.std, column.decimals)}}`;
  const dagger = cell.significance?.significant ? '$^{\\dagger}$' : '';
  return (cell.mark ? marked[cell.mark] : mean) + dagger + spread + cellMark(cell);
}

function rowText(comparison: Comparison, row: ComparisonRow, facts: Facts): string {
  const protocol = showsProtocol(comparison) ? [comparison.protocols[row.protocol].label] : [];
  const cells = row.cells.map((cell, at) => cellText(cell, comparison.columns[at]));
  // A bracket or star at the start of a row would belong to the \\ of the row before.
  const name = escapeLatex(markedName(row)).replace(/^[[*]/, '{}$&');
  const factCells = facts.map(({ text }) => escapeLatex(text(row)));
  return `    ${[name, ...factCells, ...protocol, ...cells].join(' & ')} \\\\`;
}

function mainTable(comparison: Comparison, options: WriteOptions): string[] {
  const { columns, rows, protocols, warnings } = comparison;
  const named = showsProtocol(comparison);
  // A paper's rows are models: a column of its own for the model comes only where it was asked for.
  const facts = factColumns({ facts: options.facts ?? [] });
  const heading = [
    facts.length > 0 ? 'Run' : 'Model',
    ...facts.map((fact) => fact.heading),
    ...(named ? ['Protocol'] : []),
    ...columns.map(({ label }) => escapeLatex(label)),
  ];
  const blocks = protocols.flatMap((protocol, at) => [
    ...(at > 0 ? ['    \\midrule'] : []),
    ...protocol.rows.map((index) => rowText(comparison, rows[index], facts)),
  ]);
  const aligned = facts.map(({ numeric }) => (numeric ? 'r' : 'l')).join('');
  const notes = [...warnings, ...markNotes(comparison, 'Bold', 'Underlined')].map(escapeLatex);
  return [
    '\\begin{table}[t]',
    '  \\centering',
    `  \\caption{${[escapeLatex(options.title ?? 'Comparison of runs.'), ...notes].join(' ')}}`,
    '  \\label{tab:comparison}',
    `  \\begin{tabular}{l${aligned}${named ? 'l' : ''}${'r'.repeat(columns.length)}}`,
    '    \\toprule',
    `    ${heading.join(' & ')} \\\\`,
    '    \\midrule',
    ...blocks,
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ];
}

/** A section's table with everything else in its caption; nothing where it has none. */
function sectionLines({ title, text = [], table, notes = [] }: DocumentSection): string[] {
  if (!table) return [];
  const row = (cells: readonly string[]) => `    ${cells.map(escapeLatex).join(' & ')} \\\\`;
  const { headings, lines, textColumns } = table;
  return [
    '\\begin{table}[t]',
    '  \\centering',
    `  \\caption{${escapeLatex([`${title}.`, ...text, ...notes].join(' '))}}`,
    `  \\begin{tabular}{${'l'.repeat(textColumns)}${'r'.repeat(headings.length - textColumns)}}`,
    '    \\toprule',
    row(headings),
    '    \\midrule',
    ...lines.map(row),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ];
}

/**
 * A `table` environment with booktabs rules for a paper; with `standalone`, a whole document around it. The protocol
 * stands in comments above, so that the numbers keep it wherever they are pasted.
 */
export function writeLatex(comparison: Comparison, options: WriteOptions): string {
  const { overview = [], published, protocols } = comparison;
  const note = sliceNote(comparison);
  const slices = sliceSections(comparison).map((section) => (note ? { ...section, notes: [note] } : section));
  const sections = [...slices, ...overview, ...published.map(publishedTable)].map(tableSection);
  const tables = [...mainTable(comparison, options), ...sections.flatMap(sectionLines)];
  return latexFile(tables, protocols.map(protocolSentence), options.standalone);
}

/** Lines of tables with what they need around them; `comments` stand above, one a line. */
function latexFile(tables: readonly string[], comments: readonly string[], standalone = false): string {
  const packages = ['\\usepackage[T1]{fontenc}', '\\usepackage{textcomp}', '\\usepackage{booktabs}'];
  const body = [...comments.map((comment) => `% ${cleanText(comment)}`), ...tables];
  if (!standalone) return `${[`% Needs in the preamble: ${packages.join(' ')}`, ...body].join('\n')}\n`;
  const preamble = ['\\documentclass{article}', '\\usepackage[utf8]{inputenc}', ...packages];
  return `${[...preamble, '\\begin{document}', ...body, '\\end{document}'].join('\n')}\n`;
}

/** The tables of a report, its other texts in comments. */
export function latexDocument({ sections }: ReportDocument, { standalone }: WriteOptions): string {
  return latexFile(sections.flatMap(sectionLines), documentComments(sections), standalone);
}

/** What has no table, and the commands, as comments that stay with the tables. */
function documentComments(sections: readonly DocumentSection[]): string[] {
  return sections.flatMap(({ text = [], table, notes = [], commands = [] }) => [
    ...(table ? [] : [...text, ...notes]),
    ...commands,
  ]);
}
