import type { Comparison, ReportChoice, ReportFormat } from './types.ts';
import { writeCsv } from './write-csv.ts';
import { type HtmlOptions, writeHtml } from './write-html.ts';
import { writeJson } from './write-json.ts';
import { type LatexOptions, writeLatex } from './write-latex.ts';
import { writeMarkdown } from './write-markdown.ts';
import { writeTable } from './write-table.ts';

/** What a shell may ask of a writer; each takes what is its own. */
export interface WriteOptions extends ReportChoice {
  /** table: bold and underline by escape sequences. */
  ansi?: boolean;
  latex?: LatexOptions;
  html?: HtmlOptions;
}

/** The comparison in one of the six formats, ending in a line break. */
export function writeComparison(
  comparison: Comparison,
  format: ReportFormat,
  options: WriteOptions = {},
): string {
  const { facts, parts, curves } = options;
  switch (format) {
    case 'table':
      return writeTable(comparison, { ansi: options.ansi });
    case 'csv':
      return writeCsv(comparison);
    case 'md':
      return writeMarkdown(comparison, { facts, parts });
    case 'latex':
      return writeLatex(comparison, { facts, ...options.latex });
    case 'html':
      return writeHtml(comparison, { facts, parts, curves, ...options.html });
    case 'json':
      return writeJson(comparison);
  }
}
