import { modelTitle } from '../model-facts.ts';
import { cellMark, markedName } from './footnotes.ts';
import { fixed, spreadText } from './format.ts';
import { publishedTable } from './published.ts';
import {
  differenceCells,
  differenceHeadings,
  differenceLines,
  markNotes,
  protocolSentence,
  seedText,
  showsProtocol,
  testNote,
} from './sections.ts';
import { sliceNote, sliceSections } from './slices.ts';
import { cleanText, terminalWidth } from './text.ts';
import type { Comparison, TableSection } from './types.ts';

interface Cell {
  text: string;
  /** Shown by escape sequences where they are asked for; the width stays that of the text. */
  style?: 'bold' | 'underline';
}

const codes = {
  bold: ['\u001b[1m', '\u001b[22m'],
  underline: ['\u001b[4m', '\u001b[24m'],
};

/** Escape sequences around the text but not around the spaces that follow it. */
function styled(text: string, style: NonNullable<Cell['style']>): string {
  const end = text.trimEnd();
  return codes[style][0] + end + codes[style][1] + ' '.repeat(text.length - end.length);
}

/** Lines of a table whose first columns are text and the others numbers, with a rule under the heading. */
function align(heading: string[], blocks: Cell[][][], textColumns: number, ansi: boolean): string[] {
  const head: Cell[] = heading.map((text) => ({ text }));
  const all = [head, ...blocks.flat()];
  const widths = heading.map((_, at) => Math.max(...all.map((row) => terminalWidth(row[at].text))));
  const line = (row: Cell[]): string =>
    row
      .map(({ text, style }, at) => {
        const space = ' '.repeat(widths[at] - terminalWidth(text));
        const shown = style && ansi ? styled(text, style) : text;
        return at < textColumns ? shown + space : space + shown;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(head), rule, ...blocks.flatMap((rows, at) => [...(at > 0 ? [rule] : []), ...rows.map(line)])];
}

/** Cells of the main table. Without escape sequences ¹ and ² stand for best and second. */
function mainTable(comparison: Comparison, ansi: boolean): string[] {
  const { columns, rows, protocols } = comparison;
  const named = showsProtocol(comparison);
  const heading = [
    'Run',
    'Model',
    'Seeds',
    ...(named ? ['Protocol'] : []),
    ...columns.map(({ label }) => cleanText(label)),
  ];
  const spreads = columns.map((column, at) => rows.map((row) => spreadText(row.cells[at], column)));
  const spreadWidths = spreads.map((texts) => Math.max(...texts.map((text) => text.length)));
  const notes = columns.map((_, at) => rows.map((row) => cellMark(row.cells[at])));
  const noteWidths = notes.map((texts) => Math.max(...texts.map((text) => text.length)));
  const blocks = protocols.map((protocol) =>
    protocol.rows.map((index) => {
      const row = rows[index];
      const values = columns.map((column, at): Cell => {
        // Room for a spread and for both marks in every cell keeps the decimals under each other.
        const spread = spreads[at][index].padEnd(spreadWidths[at]);
        const note = notes[at][index].padEnd(noteWidths[at]);
        const { mark, significance } = row.cells[at];
        const place = { best: '¹', second: '²' } as const;
        const marks = `${significance?.significant ? '†' : ' '}${ansi ? '' : mark ? place[mark] : ' '}`;
        const style = mark === 'best' ? 'bold' : mark === 'second' ? 'underline' : undefined;
        return { text: fixed(row.cells[at].mean, column.decimals) + marks + spread + note, style };
      });
      const names = [
        cleanText(markedName(row)),
        cleanText(modelTitle(row.model)),
        seedText(row),
        ...(named ? [protocol.label] : []),
      ];
      return [...names.map((text) => ({ text })), ...values];
    }),
  );
  return align(heading, blocks, named ? 4 : 3, ansi);
}

function tablePart(
  { title, headings, lines, textColumns, notes = [] }: TableSection,
  ansi: boolean,
): string[] {
  const body = lines.map((line) => line.map((text): Cell => ({ text: cleanText(text) })));
  return [title, ...align(headings, [body], textColumns, ansi), ...notes.map(cleanText)];
}

/**
 * The comparison for a terminal: warnings first, the table, the differences to the baseline, the protocol. Escape
 * sequences (bold, underline) only when `ansi` is set.
 */
export function writeTable(comparison: Comparison, options: { ansi?: boolean }): string {
  const ansi = options.ansi ?? false;
  const parts: string[][] = [];
  if (comparison.warnings.length > 0) {
    parts.push(comparison.warnings.map((warning) => `Warning: ${cleanText(warning)}`));
  }
  const notes = ansi ? markNotes(comparison, 'Bold', 'Underlined') : markNotes(comparison, '¹', '²');
  parts.push(mainTable(comparison, ansi), notes.map(cleanText));
  const lines = differenceLines(comparison);
  if (lines.length > 0) {
    const body = lines.map((line) => differenceCells(line).map((text): Cell => ({ text: cleanText(text) })));
    parts.push([`Difference to ${cleanText(lines[0].baseline)}`], align(differenceHeadings, [body], 2, ansi));
    const note = testNote(comparison);
    if (note) parts.push([note]);
  }
  parts.push(...sliceSections(comparison).map((section) => tablePart(section, ansi)));
  const sliced = sliceNote(comparison);
  if (sliced) parts.push([cleanText(sliced)]);
  const further = [...(comparison.overview ?? []), ...comparison.published.map(publishedTable)];
  parts.push(...further.map((section) => tablePart(section, ansi)));
  parts.push(comparison.protocols.map((protocol) => cleanText(protocolSentence(protocol))));
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}
