import type { DocumentFigure, DocumentSection, ReportDocument } from './document.ts';
import { type LegendEntry, svgFile } from './figure-files.ts';
import { markedName } from './footnotes.ts';
import { publishedTable } from './published.ts';
import { curveLegend, reportCharts } from './report-charts.ts';
import {
  differenceCells,
  differenceHeadings,
  differenceLines,
  factColumns,
  markNotes,
  protocolSentence,
  showsProtocol,
  testNote,
  valueTexts,
  wantsPart,
} from './sections.ts';
import { sliceNote, sliceSections } from './slices.ts';
import { escapeMarkdown, paragraphs } from './text.ts';
import type { Comparison, PublishedSection, ReportTable, TableSection, WriteOptions } from './types.ts';

/** Cells are Markdown already; the first columns are words, the others numbers. */
function markdownTable(heading: string[], rows: string[][], textColumns: number): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = line(heading.map((_, at) => (at < textColumns ? ':--' : '--:')));
  return [line(heading), rule, ...rows.map(line)].join('\n');
}

function listOf(notes: readonly string[]): string {
  return notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n');
}

function textTable({ headings, lines, textColumns }: ReportTable): string {
  const body = lines.map((line) => line.map(escapeMarkdown));
  return markdownTable(headings.map(escapeMarkdown), body, textColumns);
}

function publishedParts(section: PublishedSection): string[] {
  const { title, notes: [source, ...notes] = [], ...table } = publishedTable(section);
  return [`### ${escapeMarkdown(title)}`, textTable(table), escapeMarkdown(source), listOf(notes)];
}

function tableParts({ title, notes = [], ...table }: TableSection): string[] {
  return [`### ${escapeMarkdown(title)}`, textTable(table), ...(notes.length > 0 ? [listOf(notes)] : [])];
}

function sliceParts(comparison: Comparison): string[] {
  const parts = sliceSections(comparison).flatMap(tableParts);
  const note = sliceNote(comparison);
  return note ? [...parts, escapeMarkdown(note)] : parts;
}

/** Links to the files of figures; nothing where they are not kept. */
function figureLinks(
  figures: readonly DocumentFigure[],
  keep: WriteOptions['keepFigure'],
  legend?: readonly LegendEntry[],
): string[] {
  if (!keep) return [];
  return figures.map(
    (figure) => `![${escapeMarkdown(figure.caption)}](${encodeURIComponent(keep(svgFile(figure, legend)))})`,
  );
}

function chartParts(comparison: Comparison, choice: WriteOptions): string[] {
  const { metrics, curves } = reportCharts(comparison, choice);
  const effect = figureLinks(metrics, choice.keepFigure);
  const training = figureLinks(curves, choice.keepFigure, curveLegend(comparison));
  return [
    ...(effect.length > 0 ? ['### Metrics', ...effect] : []),
    ...(training.length > 0 ? ['### Training', ...training] : []),
  ];
}

/** The comparison as GitHub-flavoured Markdown: warnings, table (best bold, second underlined), differences, charts, protocol. */
export function writeMarkdown(comparison: Comparison, choice: WriteOptions): string {
  const { columns, rows, protocols } = comparison;
  const named = showsProtocol(comparison);
  const facts = factColumns(choice);
  const heading = [
    'Run',
    ...facts.map((fact) => fact.heading),
    ...(named ? ['Protocol'] : []),
    ...columns.map(({ label }) => label),
  ];
  const body = rows.map((row) => {
    const values = valueTexts(comparison, row).map((text, at) => {
      const { mark, significance } = row.cells[at];
      const dagger = significance?.significant ? '†' : '';
      if (mark === 'best') return `**${text}**${dagger}`;
      return mark === 'second' ? `<ins>${text}</ins>${dagger}` : text + dagger;
    });
    const texts = [
      markedName(row),
      ...facts.map((fact) => fact.text(row)),
      ...(named ? [protocols[row.protocol].label] : []),
    ];
    return [...texts.map(escapeMarkdown), ...values];
  });
  const parts = [
    ...(choice.title === undefined ? [] : [`# ${escapeMarkdown(choice.title)}`]),
    ...paragraphs(choice.text).map(escapeMarkdown),
    ...comparison.warnings.map((warning) => `> **Warning.** ${escapeMarkdown(warning)}`),
  ];
  parts.push(markdownTable(heading.map(escapeMarkdown), body, 1 + facts.length + (named ? 1 : 0)));
  const notes = markNotes(comparison, 'Bold', 'Underlined').map(escapeMarkdown);
  if (notes.length > 0) parts.push(notes.join(' '));
  const lines = wantsPart(choice, 'differences') ? differenceLines(comparison) : [];
  if (lines.length > 0) {
    const cells = lines.map((line) => differenceCells(line).map(escapeMarkdown));
    parts.push(
      `### Difference to ${escapeMarkdown(lines[0].baseline)}`,
      markdownTable(differenceHeadings, cells, 2),
    );
    const note = testNote(comparison);
    if (note) parts.push(escapeMarkdown(note));
  }
  if (wantsPart(choice, 'slices')) parts.push(...sliceParts(comparison));
  parts.push(...(comparison.overview ?? []).flatMap(tableParts));
  parts.push(...comparison.published.flatMap(publishedParts), ...chartParts(comparison, choice));
  if (wantsPart(choice, 'protocol')) {
    parts.push(protocols.map((protocol) => `- ${escapeMarkdown(protocolSentence(protocol))}`).join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

/** A report of several tables as Markdown. */
export function markdownDocument({ title, sections }: ReportDocument, { keepFigure }: WriteOptions): string {
  const parts = sections.flatMap((section) => documentSection(section, keepFigure));
  return `${[`# ${escapeMarkdown(title)}`, ...parts].join('\n\n')}\n`;
}

function documentSection(
  { title, text = [], table, figures = [], notes = [], commands = [] }: DocumentSection,
  keepFigure: WriteOptions['keepFigure'],
): string[] {
  return [
    `## ${escapeMarkdown(title)}`,
    ...text.map(escapeMarkdown),
    ...(table ? [textTable(table)] : []),
    ...figureLinks(figures, keepFigure),
    ...(notes.length > 0 ? [listOf(notes)] : []),
    ...(commands.length > 0 ? [`\`\`\`\n${commands.join('\n')}\n\`\`\``] : []),
  ];
}
