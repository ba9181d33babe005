import { cleanText, terminalWidth } from '../../../core/reports/text.ts';

/** Aligned columns under a rule; the columns named in `numbers` are right-aligned. */
export function textTable(
  head: readonly string[],
  rows: readonly string[][],
  numbers: readonly string[] = [],
) {
  const body = rows.map((row) => row.map(cleanText));
  const widths = head.map((title, at) =>
    Math.max(...[title, ...body.map((row) => row[at])].map(terminalWidth)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((text, at) => {
        const space = ' '.repeat(widths[at] - terminalWidth(text));
        return numbers.includes(head[at]) ? space + text : text + space;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Lines of "name  value" with aligned values. */
export function factLines(facts: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...facts.map(([name]) => terminalWidth(name)));
  return facts
    .map(([name, value]) =>
      `${name}${' '.repeat(width - terminalWidth(name))}  ${cleanText(value)}`.trimEnd(),
    )
    .join('\n');
}
