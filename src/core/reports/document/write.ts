import { csvField, escapeHtml, escapeMarkdown } from '../text.ts';
import { htmlPage, plainTable } from '../write-html.ts';
import { latexFile, latexTable } from '../write-latex.ts';
import { markdownTable } from '../write-markdown.ts';
import type { DocumentFormat, DocumentSection, ReportDocument } from './document.ts';

export interface DocumentOptions {
  /** html: shown under the title. */
  subtitle?: string;
  /** latex: wrap the tables in a document that compiles by itself. */
  standalone?: boolean;
}

/** The report in one of the formats, ending in a line break. */
export function writeDocument(
  report: ReportDocument,
  format: DocumentFormat,
  { subtitle, standalone }: DocumentOptions = {},
): string {
  const { title, sections, data } = report;
  switch (format) {
    case 'html':
      return htmlPage(title, subtitle, sections.map(htmlSection));
    case 'md':
      return `${[`# ${escapeMarkdown(title)}`, ...sections.flatMap(markdownSection)].join('\n\n')}\n`;
    case 'latex':
      return latexFile(sections.flatMap(latexSection), latexComments(sections), standalone ?? false);
    case 'csv':
      return csvTables(sections);
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
  }
}

function htmlSection({
  title,
  text = [],
  table,
  figures = [],
  notes = [],
  commands = [],
}: DocumentSection): string {
  const drawn = figures.map(
    ({ caption, svg, wide }) =>
      `<figure${wide ? ' class="wide"' : ''}><figcaption>${escapeHtml(caption)}</figcaption>${svg}</figure>`,
  );
  return [
    `<h2>${escapeHtml(title)}</h2>`,
    ...text.map((one) => `<p>${escapeHtml(one)}</p>`),
    table ? plainTable(table.headings, table.rows, table.words) : '',
    drawn.length > 0 ? `<div class="charts">${drawn.join('')}</div>` : '',
    notes.length > 0 ? `<p class="soft">${notes.map(escapeHtml).join('<br>')}</p>` : '',
    commands.length > 0 ? `<pre>${commands.map(escapeHtml).join('\n')}</pre>` : '',
  ].join('');
}

function markdownSection({ title, text = [], table, notes = [], commands = [] }: DocumentSection): string[] {
  return [
    `## ${escapeMarkdown(title)}`,
    ...text.map(escapeMarkdown),
    ...(table
      ? [
          markdownTable(
            table.headings.map(escapeMarkdown),
            table.rows.map((row) => row.map(escapeMarkdown)),
            table.words,
          ),
        ]
      : []),
    ...(notes.length > 0 ? [notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')] : []),
    ...(commands.length > 0 ? [`\`\`\`\n${commands.join('\n')}\n\`\`\``] : []),
  ];
}

function latexSection({ title, text = [], table, notes = [] }: DocumentSection): string[] {
  if (!table) return [];
  const caption = [`${title}.`, ...text, ...notes].join(' ');
  return latexTable(caption, table.headings, table.rows, table.words);
}

/** What has no table, and the commands, as comments that stay with the tables. */
function latexComments(sections: readonly DocumentSection[]): string[] {
  return sections.flatMap(({ text = [], table, notes = [], commands = [] }) => [
    ...(table ? [] : [...text, ...notes]),
    ...commands,
  ]);
}

/** One table after the other with an empty line between; the first field of every line names its table. */
function csvTables(sections: readonly DocumentSection[]): string {
  const tables = sections.flatMap(({ title, table }) => {
    if (!table) return [];
    const head = ['table', ...table.headings].map(csvField);
    const rows = table.rows.map((row) => [
      csvField(title),
      ...row.map((text, at) => cell(text, at < table.words)),
    ]);
    return [[head, ...rows].map((record) => `${record.join(',')}\r\n`).join('')];
  });
  return tables.join('\r\n');
}

/** A number as a program reads it: without groups and with a plain minus; a dash is an empty field. */
function cell(text: string, isWord: boolean): string {
  if (isWord) return csvField(text);
  if (text === '–') return '';
  const plain = text.replaceAll(',', '').replace('−', '-');
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain) ? plain.replace(/^\+/, '') : csvField(text);
}
