import type { ReportDocument } from './document.ts';
import type { FileFormat, ReportFormat } from './formats.ts';
import type { Comparison, WriteOptions } from './types.ts';
import { csvDocument, writeCsv } from './write-csv.ts';
import { htmlDocument, writeHtml } from './write-html.ts';
import { jsonDocument, writeJson } from './write-json.ts';
import { latexDocument, writeLatex } from './write-latex.ts';
import { markdownDocument, writeMarkdown } from './write-markdown.ts';
import { writeTable } from './write-table.ts';

interface Writer {
  comparison(comparison: Comparison, options: WriteOptions): string;
  /** A report of several tables. */
  document(report: ReportDocument, options: WriteOptions): string;
}

const WRITERS: Record<FileFormat, Writer> = {
  html: { comparison: writeHtml, document: htmlDocument },
  md: { comparison: writeMarkdown, document: markdownDocument },
  latex: { comparison: writeLatex, document: latexDocument },
  csv: { comparison: writeCsv, document: csvDocument },
  json: { comparison: writeJson, document: jsonDocument },
};

/** The comparison in one of the formats, ending in a line break. */
export function writeComparison(
  comparison: Comparison,
  format: ReportFormat,
  options: WriteOptions = {},
): string {
  return format === 'table'
    ? writeTable(comparison, options)
    : WRITERS[format].comparison(comparison, options);
}

/** A report of several tables in one of the formats, ending in a line break. */
export function writeDocument(
  report: ReportDocument,
  format: FileFormat,
  options: WriteOptions = {},
): string {
  return WRITERS[format].document(report, options);
}
