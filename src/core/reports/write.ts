import type { ReportDocument } from './document.ts';
import type { FileFormat, ReportFormat } from './formats.ts';
import type { Comparison, WriteOptions } from './types.ts';
import { csvDocument, writeCsv } from './write-csv.ts';
import { htmlDocument, writeHtml } from './write-html.ts';
import { writeJson } from './write-json.ts';
import { latexDocument, writeLatex } from './write-latex.ts';
import { markdownDocument, writeMarkdown } from './write-markdown.ts';
import { writeTable } from './write-table.ts';

const COMPARISON_WRITERS: Record<ReportFormat, (comparison: Comparison, options: WriteOptions) => string> = {
  table: writeTable,
  html: writeHtml,
  md: writeMarkdown,
  latex: writeLatex,
  csv: writeCsv,
  json: writeJson,
};

const DOCUMENT_WRITERS: Record<FileFormat, (report: ReportDocument, options: WriteOptions) => string> = {
  html: htmlDocument,
  md: markdownDocument,
  latex: latexDocument,
  csv: csvDocument,
  json: ({ data }) => `${JSON.stringify(data, null, 2)}\n`,
};

/** The comparison in one of the formats, ending in a line break. */
export function writeComparison(
  comparison: Comparison,
  format: ReportFormat,
  options: WriteOptions = {},
): string {
  return COMPARISON_WRITERS[format](comparison, options);
}

/** A report of several tables in one of the formats, ending in a line break. */
export function writeDocument(
  report: ReportDocument,
  format: FileFormat,
  options: WriteOptions = {},
): string {
  return DOCUMENT_WRITERS[format](report, options);
}
