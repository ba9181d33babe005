import type { DocumentSection } from '../../../core/documents/document.ts';
import {
  factLines as linesOfFacts,
  tableLines,
  writeTable,
} from '../../../core/documents/writers/write-table.ts';

/** Aligned columns under a rule; the columns named in `numbers` are right-aligned. */
export function textTable(
  headings: readonly string[],
  lines: readonly string[][],
  numbers: readonly string[] = [],
): string {
  const places = headings.flatMap((heading, at) => (numbers.includes(heading) ? [at] : []));
  return tableLines({ headings, textColumns: headings.length, numbers: places, lines }).join('\n');
}

/** Lines of "name  value" with aligned values. */
export const factLines = (facts: Parameters<typeof linesOfFacts>[0]) => linesOfFacts(facts).join('\n');

/** Sections of a report, without a line break at the end. */
export function sectionsText(sections: readonly DocumentSection[]): string {
  return writeTable({ stem: '', title: '', isUntitled: true, sections, data: null }, {}).trimEnd();
}
