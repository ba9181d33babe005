import {
  type Cell,
  type DocumentSection,
  type DocumentTable,
  isNumeric,
  linesByGroup,
  markedCell,
  noteLines,
  type PaperLook,
  type ReportDocument,
  withGroupColumn,
} from '../document.ts';
import type { LatexStyle } from '../formats.ts';
import { NAME_EMS, textEms } from '../paper/fit.ts';
import type { WriteOptions } from '../types.ts';
import { cleanText, escapeLatex } from './text.ts';

function cellText(cell: Cell): string {
  const { text, mark, significant, spread, note = '' } = markedCell(cell);
  const shown = escapeLatex(text);
  const marked = { best: `\\textbf{${shown}}`, second: `\\underline{${shown}}` };
  const scatter = spread === undefined ? '' : `\\,{\\scriptsize$\\pm$\\,${spread}}`;
  return (mark ? marked[mark] : shown) + (significant ? '$^{\\dagger}$' : '') + scatter + note;
}

/** Letters of a word after which it may go on in the next line. */
const BREAKS = /(?<=[^\s{}\\]{12})(?=[a-z\d]{4})/gi;

function nameText(cell: Cell): string {
  const { text } = markedCell(cell);
  if (textEms(text) <= NAME_EMS) return cellText(cell);
  const parts = text.split(BREAKS).map(escapeLatex);
  return `\\parbox[t]{${NAME_EMS}em}{\\raggedright\\strut ${parts.join('\\allowbreak{}')}\\strut}`;
}

/** A bracket or star at the start of a row would belong to the \\ of the row before. */
function rowText(cells: readonly Cell[], first: (cell: Cell) => string = cellText): string {
  const [name, ...others] = cells;
  return `    ${[first(name), ...others.map(cellText)].join(' & ').replace(/^[[*]/, '{}$&')} \\\\`;
}

/** Sentences of ours: an apostrophe is none of code. */
const proseText = (text: string) => escapeLatex(text.replaceAll(/(?<=\p{L})'(?=\p{L})/gu, '’'));

function sentence(title: string): string {
  return /[.?!]$/.test(title) ? title : `${title}.`;
}

const alignment = (table: DocumentTable) =>
  table.headings.map((_, at) => (isNumeric(table, at) ? 'r' : 'l')).join('');

const bodyLines = (table: DocumentTable, first?: (cell: Cell) => string) =>
  linesByGroup(table).flatMap((lines) => ['    \\midrule', ...lines.map((line) => rowText(line, first))]);

/** A section's table under what there is to know about it; nothing where it has none. */
function tableLines(
  section: DocumentSection,
  { title, isUntitled, warnings = [], sections }: ReportDocument,
) {
  if (section.isProse) return proseLines(section);
  if (!section.table) return [];
  if (section.paper) return paperLines(section.table, section.paper);
  const table = withGroupColumn(section.table);
  const caption = [
    section.isBare && !isUntitled ? title : sentence(section.isBare ? title : section.title),
    ...(section.text ?? []),
    ...(section === sections.find((one) => one.table) ? warnings : []),
    ...(section.caption ?? noteLines(section, 'Bold', 'Underlined')),
  ];
  return [
    '\\begin{table}[t]',
    '  \\centering',
    `  \\caption{${proseText(caption.join(' '))}}`,
    `  \\begin{tabular}{${alignment(table)}}`,
    '    \\toprule',
    rowText(table.headings),
    ...bodyLines(table),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
  ];
}

/** A paragraph under its title, and in its source where its numbers come from. */
function proseLines({ title, text = [], notes = [] }: DocumentSection): string[] {
  return [
    `\\paragraph{${escapeLatex(title)}}`,
    ...text.map(proseText),
    ...notes.map((note) => `% ${cleanText(note)}`),
  ];
}

/** A table across both columns of a paper, as wide as its page at most. */
function paperLines(table: DocumentTable, { setting, label, caption, notes, comments }: PaperLook): string[] {
  const { heads = [], headings, textColumns } = table;
  return [
    ...comments.map((comment) => `% ${cleanText(comment)}`),
    '\\begin{table*}[t]',
    `  \\caption{${proseText(caption)}}`,
    `  \\label{${label}}`,
    '  \\centering',
    `  \\${setting.size}`,
    `  \\setlength{\\tabcolsep}{${setting.gap}pt}`,
    `  \\begin{tabular}{@{}${alignment(table)}@{}}`,
    '    \\toprule',
    ...heads.flatMap((groups) => headLines(groups, textColumns)),
    rowText(headings),
    ...bodyLines(table, nameText),
    '    \\bottomrule',
    '  \\end{tabular}',
    ...notes.map((note) => `  \\par\\smallskip{\\footnotesize\\raggedright ${proseText(note)}\\par}`),
    '\\end{table*}',
  ];
}

/** Titles over groups of columns, with a rule under each. */
function headLines(groups: readonly { title: string; count: number }[], from: number): string[] {
  let end = from;
  const rules = groups.map(({ count }) => {
    end += count;
    return `\\cmidrule(lr){${end - count + 1}-${end}}`;
  });
  const titles = groups.map(({ title, count }) => `\\multicolumn{${count}}{c}{${escapeLatex(title)}}`);
  return [`    ${'& '.repeat(from)}${titles.join(' & ')} \\\\`, `    ${rules.join(' ')}`];
}

/** What a document of its own begins with, by the class that the tables are set for. */
const CLASSES: Record<LatexStyle, string> = {
  article:
    '\\documentclass[twocolumn]{article} \\setlength{\\textwidth}{506pt} \\setlength{\\oddsidemargin}{-19pt}',
  // Where its fonts are missing others take their place, which cannot be stretched.
  acm: '\\PassOptionsToPackage{expansion=false}{microtype} \\documentclass[sigconf,nonacm]{acmart}',
  ieee: '\\documentclass[conference]{IEEEtran}',
};
const PACKAGES = ['\\usepackage[T1]{fontenc}', '\\usepackage{textcomp}', '\\usepackage{booktabs}'];

/**
 * `table*` environments with booktabs rules for a paper, or `table` for what is no comparison; with `standalone`, a whole document around
 * them. What has no table stands in comments above, so that the numbers keep it wherever they are pasted.
 */
export function writeLatex(report: ReportDocument, { standalone, style = 'article' }: WriteOptions): string {
  const { sections } = report;
  const comments = sections.flatMap((section) => [
    ...(section.table || section.isProse
      ? []
      : [...(section.text ?? []), ...noteLines(section, 'Bold', 'Underlined')]),
    ...(section.commands ?? []),
  ]);
  const body = [
    ...comments.map((comment) => `% ${cleanText(comment)}`),
    ...sections.flatMap((section) => tableLines(section, report)),
  ];
  if (!standalone) return `${[`% Needs in the preamble: ${PACKAGES.join(' ')}`, ...body].join('\n')}\n`;
  const preamble = [CLASSES[style], '\\usepackage[utf8]{inputenc}', ...PACKAGES];
  return `${[...preamble, '\\begin{document}', ...body, '\\end{document}'].join('\n')}\n`;
}
