import { type Cell, markedCell, type ReportDocument } from '../document.ts';
import { csvField } from './text.ts';

/**
 * The records of a report under the names of all their columns; else one table after the other, with an empty line between. Of
 * several documents, the first field of every line names the one that it is from.
 */
export function writeCsv(report: ReportDocument): string {
  const tables = report.chapters
    ? report.chapters.flatMap((chapter) =>
        tablesOf(chapter).map(([head, ...rows]) => [
          ['part', ...head],
          ...rows.map((row) => [chapter.title, ...row]),
        ]),
      )
    : tablesOf(report);
  return tables.map(csvLines).join('\r\n');
}

/** Each with its head as the first line. */
function tablesOf({ records, sections }: ReportDocument): string[][][] {
  if (records) {
    const head = [...new Set(records.flatMap(Object.keys))];
    return [[head, ...records.map((record) => head.map((name) => record[name] ?? ''))]];
  }
  return sections.flatMap(({ title, table }) => {
    if (!table) return [];
    const { headings, lines, textColumns } = table;
    // The first field of every line names its table.
    const rows = lines.map((line) => [title, ...line.map((cell, at) => plainField(cell, at < textColumns))]);
    return [[['table', ...headings], ...rows]];
  });
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** A number is written as it is, any other text as `csvField` writes it. */
export function csvLines(lines: readonly (readonly string[])[]): string {
  const field = (text: string) => (NUMBER.test(text) ? text : csvField(text));
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

/** A number as a program reads it: without groups and with a plain minus; a dash is an empty field. */
function plainField(cell: Cell, isWord: boolean): string {
  const { text } = markedCell(cell);
  if (isWord) return text;
  if (text === '–') return '';
  const plain = text.replaceAll(',', '').replace('−', '-').replace(/^\+/, '');
  return NUMBER.test(plain) ? plain : text;
}
