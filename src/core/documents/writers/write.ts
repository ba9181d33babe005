import { codeVersion } from '../../code-version.ts';
import { comparisonDocument } from '../comparison/comparison-document.ts';
import type { ReportDocument } from '../document.ts';
import { REPORT_FORMATS, type ReportFormat, showsPart } from '../formats.ts';
import type { Comparison, WriteOptions } from '../types.ts';
import { figureFiles, type ReportFile, writeFigures } from './figure-files.ts';
import { writeCsv } from './write-csv.ts';
import { writeHtml } from './write-html.ts';
import { writeJson } from './write-json.ts';
import { writeLatex } from './write-latex.ts';
import { writeMarkdown } from './write-markdown.ts';
import { writePage } from './write-page.ts';
import { writeTable } from './write-table.ts';

const WRITERS: Record<ReportFormat, (report: ReportDocument, options: WriteOptions) => string> = {
  table: writeTable,
  html: writeHtml,
  folder: writeHtml,
  page: writePage,
  md: writeMarkdown,
  latex: writeLatex,
  figures: writeFigures,
  csv: writeCsv,
  json: writeJson,
};

/** The document in one of the formats, ending in a line break. */
export function writeDocument(
  report: ReportDocument,
  format: ReportFormat,
  options: WriteOptions = {},
): string {
  return WRITERS[format](shownIn(report, format, options), options);
}

/** The sections that the format has a place for and its reader wants. */
function shownIn(report: ReportDocument, format: ReportFormat, options: WriteOptions): ReportDocument {
  const sections = report.sections.filter(({ part }) => !part || showsPart(format, part, options.parts));
  const chapters = report.chapters?.map((chapter) => shownIn(chapter, format, options));
  return { ...report, sections, chapters };
}

/** The comparison in one of the formats. */
export function writeComparison(
  comparison: Comparison,
  format: ReportFormat,
  options: WriteOptions = {},
): string {
  return writeDocument(comparisonDocument(comparison, format, options), format, options);
}

/** A finished report, for a download or a file. */
export interface Report {
  /** The folder that holds its file and those beside it; null where they are beside other files. */
  folder: string | null;
  fileName: string;
  mediaType: string;
  text: string;
  /** Charts that the report shows, and tables, which are beside it. */
  files: ReportFile[];
  warnings: string[];
}

/** Formats that show figures. */
const DRAWING: readonly ReportFormat[] = ['html', 'folder', 'page', 'md', 'figures'];
/** In a folder. */
const PAGE_FILE = 'index.html';
const TABLE_FILE = 'results.csv';

/**
 * The document as a report of today. `fileName` is that of its file or folder; null where no charts can be beside it. Default:
 * by stem and day.
 */
export async function reportOf(
  document: ReportDocument,
  format: ReportFormat,
  { fileName, ...options }: WriteOptions & { fileName?: string | null } = {},
): Promise<Report> {
  const day = new Date().toISOString().slice(0, 10);
  const { extensions, mediaType } = REPORT_FORMATS[format];
  const name = fileName ?? [`${document.stem}-${day}`, ...extensions.slice(0, 1)].join('.');
  const isFolder = format === 'folder';
  const kept = figureFiles(isFolder ? 'figure' : name);
  const all = [document, ...(document.chapters ?? [])].flatMap(({ sections }) => sections);
  const isDrawn = DRAWING.includes(format) && all.some(({ figures = [] }) => figures.length > 0);
  const text = writeDocument(document, format, {
    draw: isDrawn ? (await import('./draw.ts')).drawOnPaper : undefined,
    subtitle: `${day}, Tessera ${codeVersion()}`,
    ...options,
    keepFigure: fileName === null ? undefined : kept.keep,
    tableFile: isFolder ? TABLE_FILE : undefined,
  });
  const table = isFolder ? [{ fileName: TABLE_FILE, text: writeDocument(document, 'csv') }] : [];
  return {
    folder: isFolder ? name : null,
    fileName: isFolder ? PAGE_FILE : name,
    mediaType,
    text,
    files: [...kept.files, ...table],
    warnings: document.warnings ?? [],
  };
}
