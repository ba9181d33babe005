import {
  type Cell,
  type DocumentSection,
  type DocumentTable,
  type FactBlock,
  isNumeric,
  linesByGroup,
  markedCell,
  noteLines,
  type ReportDocument,
  withGroupColumn,
} from '../document.ts';
import type { WriteOptions } from '../types.ts';
import { cleanLines, cleanText, terminalWidth } from './text.ts';

const ESCAPES = {
  best: ['\u001b[1m', '\u001b[22m'],
  second: ['\u001b[4m', '\u001b[24m'],
};
/** Without escape sequences. */
const SIGNS = { best: '¹', second: '²' };

/** Cells of a column as texts. Room for spreads and marks keeps the decimals under each other. */
function columnTexts(cells: readonly Cell[], ansi: boolean): string[] {
  if (isPlain(cells)) return cells.map(cleanText);
  const marked = cells.map((cell) => {
    const { text, mark, significant, spread, note = '' } = markedCell(cell);
    return [
      cleanText(text),
      significant ? '†' : '',
      mark && !ansi ? SIGNS[mark] : '',
      spread === undefined ? '' : ` ± ${spread}`,
      note,
    ];
  });
  const [, ...widths] = [0, 1, 2, 3, 4].map((part) =>
    marked.reduce((most, parts) => Math.max(most, parts[part].length), 0),
  );
  return marked.map(([text, ...parts]) => text + parts.map((part, at) => part.padEnd(widths[at])).join(''));
}

const isPlain = (cells: readonly Cell[]): cells is string[] =>
  cells.every((cell) => typeof cell === 'string');

/** Escape sequences around the text but not around the spaces that follow it. */
function styled(text: string, [on, off]: readonly string[]): string {
  const end = text.trimEnd();
  return on + end + off + ' '.repeat(text.length - end.length);
}

/** Aligned columns under a rule, with a rule between groups. */
export function tableLines(grouped: DocumentTable, ansi = false): string[] {
  const table = withGroupColumn(grouped);
  const { headings, lines } = table;
  const columns = headings.map((heading, at) => {
    const texts = columnTexts(
      lines.map((line) => line[at]),
      ansi,
    );
    const widths = texts.map(terminalWidth);
    const width = widths.reduce((most, one) => Math.max(most, one), terminalWidth(cleanText(heading)));
    return { texts, widths, width, numeric: isNumeric(table, at) };
  });
  const padded = (at: number, text: string, width: number) => {
    const space = ' '.repeat(columns[at].width - width);
    return columns[at].numeric ? space + text : text + space;
  };
  const joined = (parts: readonly string[]) => parts.join('  ').trimEnd();
  const head = headings.map(cleanText).map((text, at) => padded(at, text, terminalWidth(text)));
  const rule = columns.map(({ width }) => '─'.repeat(width)).join('  ');
  const body = lines.map((cells, line) => {
    const parts = columns.map(({ texts, widths }, at) => {
      const { mark } = markedCell(cells[at]);
      const text = mark && ansi ? styled(texts[line], ESCAPES[mark]) : texts[line];
      return padded(at, text, widths[line]);
    });
    return joined(parts);
  });
  let end = 0;
  const groups = linesByGroup(table).map(({ length }) => {
    end += length;
    return body.slice(end - length, end);
  });
  return [joined(head), ...groups.flatMap((group) => [rule, ...group])];
}

/** Lines of "name  value" with aligned values. */
export function factLines(facts: FactBlock['facts']): string[] {
  const named = facts.map(([name, value]) => [cleanLines(name), value] as const);
  const width = Math.max(...named.map(([name]) => terminalWidth(name)));
  return named.map(([name, value]) =>
    `${name}${' '.repeat(width - terminalWidth(name))}  ${cleanText(value)}`.trimEnd(),
  );
}

function sectionLines(section: DocumentSection, ansi: boolean): string[] {
  const { title, isBare, text = [], table, blocks = [], commands = [] } = section;
  const [best, second] = ansi ? ['Bold', 'Underlined'] : ['¹', '²'];
  const facts = section.notes
    ? []
    : blocks.flatMap((block) => [
        ...(block.title ? [cleanText(block.title)] : []),
        ...factLines(block.facts),
      ]);
  const lines = [
    ...text.map(cleanText),
    ...(table ? tableLines(table, ansi) : []),
    ...(facts.length > 0 ? facts : noteLines(section, best, second).map(cleanText)),
    ...commands.map(cleanText),
  ];
  return isBare || lines.length === 0 ? lines : [cleanText(title), ...lines];
}

/** The report for a terminal. Escape sequences (bold, underline) only when `ansi` is set. */
export function writeTable(report: ReportDocument, { ansi = false }: WriteOptions): string {
  const { title, isUntitled, text = [], warnings = [], sections } = report;
  const parts = [
    ...(isUntitled ? [] : [[cleanText(title)]]),
    ...text.map((one) => [cleanText(one)]),
    warnings.map((warning) => `Warning: ${cleanText(warning)}`),
    ...sections.map((section) => sectionLines(section, ansi)),
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}
