import {
  type Cell,
  type DocumentFigure,
  type DocumentSection,
  type DocumentTable,
  isNumeric,
  markedCell,
  noteLines,
  type ReportDocument,
  type Verdict,
  withGroupColumn,
} from '../document.ts';
import type { WriteOptions } from '../types.ts';
import { svgFile } from './figure-files.ts';
import { escapeMarkdown } from './text.ts';

/** Best bold, second underlined, a dagger at what is significant. */
function cellText(cell: Cell): string {
  const { text, spread, note = '', mark, significant } = markedCell(cell);
  const shown = escapeMarkdown(`${text}${spread === undefined ? '' : ` ± ${spread}`}${note}`);
  const marked = { best: `**${shown}**`, second: `<ins>${shown}</ins>` };
  return (mark ? marked[mark] : shown) + (significant ? '†' : '');
}

function tableText(grouped: DocumentTable): string {
  const table = withGroupColumn(grouped);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = table.headings.map((_, at) => (isNumeric(table, at) ? '--:' : ':--'));
  const rows = table.lines.map((cells) => line(cells.map(cellText)));
  return [line(table.headings.map(escapeMarkdown)), line(rule), ...rows].join('\n');
}

/** One note is a paragraph, several are a list. */
function notesText(notes: readonly string[]): string[] {
  const texts = notes.map(escapeMarkdown);
  return texts.length > 1 ? [texts.map((text) => `- ${text}`).join('\n')] : texts;
}

/** Links to the files of figures; nothing where they are not kept. */
function figureLinks(figures: readonly DocumentFigure[], { draw, keepFigure }: WriteOptions): string[] {
  if (!draw || !keepFigure) return [];
  return figures.map((figure) => {
    const file = keepFigure(svgFile(figure, draw));
    return `![${escapeMarkdown(figure.caption)}](${encodeURIComponent(file)})`;
  });
}

function sectionParts(section: DocumentSection, heading: string, options: WriteOptions): string[] {
  const { title, isBare, text = [], table, figures = [], commands = [] } = section;
  const parts = [
    ...text.map(escapeMarkdown),
    ...(table ? [tableText(table)] : []),
    ...figureLinks(figures, options),
    ...notesText(noteLines(section, 'Bold', 'Underlined')),
    ...(commands.length > 0 ? [`\`\`\`\n${commands.join('\n')}\n\`\`\``] : []),
  ];
  return isBare || parts.length === 0 ? parts : [`${heading} ${escapeMarkdown(title)}`, ...parts];
}

/** The answer in bold, and the numbers behind it. */
function verdictText({ lead, limit, details }: Verdict): string {
  const answer = escapeMarkdown(limit === '' ? lead : `${lead}: ${limit}`);
  return [`**${answer}.**`, ...details.map(escapeMarkdown)].join(' ');
}

/** The report as GitHub-flavoured Markdown. */
export function writeMarkdown(report: ReportDocument, options: WriteOptions): string {
  const { title, isUntitled, verdict, text = [], warnings = [], sections, chapters = [] } = report;
  const parts = [
    ...(isUntitled ? [] : [`# ${escapeMarkdown(title)}`]),
    ...(verdict ? [verdictText(verdict)] : []),
    ...text.map(escapeMarkdown),
    ...warnings.map((warning) => `> **Warning.** ${escapeMarkdown(warning)}`),
    ...sections.flatMap((section) => sectionParts(section, isUntitled ? '###' : '##', options)),
    ...chapters.map((chapter) => writeMarkdown(chapter, options).trimEnd()),
  ];
  return `${parts.join('\n\n')}\n`;
}
