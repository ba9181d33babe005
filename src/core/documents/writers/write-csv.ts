import { type Cell, markedCell, type ReportDocument } from '../document.ts';
import { csvField } from './text.ts';

/** The records of a report under the names of all their columns; else one table after the other, with an empty line between. */
export function writeCsv({ records, sections, chapters }: ReportDocument): string {
  if (chapters) return chapters.map(writeCsv).join('\r\n');
  if (records) {
    const head = [...new Set(records.flatMap(Object.keys))];
    return csvLines([head, ...records.map((record) => head.map((name) => record[name] ?? ''))]);
  }
  const tables = sections.flatMap(({ title, table }) => {
    if (!table) return [];
    const { headings, lines, textColumns } = table;
    // The first field of every line names its table.
    const rows = lines.map((line) => [title, ...line.map((cell, at) => plainField(cell, at < textColumns))]);
    return [csvLines([['table', ...headings], ...rows])];
  });
  return tables.join('\r\n');
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function csvLines(lines: readonly (readonly string[])[]): string {
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
