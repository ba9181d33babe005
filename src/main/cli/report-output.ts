/** The format of a report and where it is written, for every command that makes one. */

import { basename, dirname, extname, join } from 'node:path';
import { Option } from 'commander';
import type { ReportDocument } from '../../core/documents/document.ts';
import {
  FORMAT_NAMES,
  formatOfExtension,
  REPORT_FORMATS,
  type ReportFormat,
} from '../../core/documents/formats.ts';
import type { Report } from '../../core/documents/writers/write.ts';
import { UserError } from '../../core/errors.ts';
import { countText } from '../../core/names.ts';
import type { CliCommand } from './command.ts';
import { type CommandContext, print, printJson } from './context.ts';
import { makeFolder, writeWhole } from './write-whole.ts';

export interface ReportOptions {
  format?: ReportFormat;
  out?: string;
  standalone?: boolean;
}

export function reportOptions(command: CliCommand): CliCommand {
  return command
    .addOption(
      new Option('--format <format>', "(default: by the file's name, else table)").choices(FORMAT_NAMES),
    )
    .option('--out <file>', 'write to this file, or to this folder, completely or not at all')
    .option('--standalone', 'latex: a document that compiles by itself');
}

/** Throws UserError if the options conflict, or if no format goes with the file's name. */
export function reportFormat(
  { format: requested, out }: ReportOptions,
  context: CommandContext,
): ReportFormat {
  const format = requested ?? formatOf(out) ?? (context.json ? 'json' : 'table');
  if (context.json && out === undefined && format !== 'json') {
    throw new UserError(`--json and --format ${format} conflict: leave one out, or add --out FILE`);
  }
  if (format === 'folder' && out === undefined) throw new UserError('--format folder needs --out FOLDER');
  return format;
}

/** The format of a file by its extension, if it has one; of "name/" that of a folder. Throws UserError for an unknown extension. */
function formatOf(out = ''): ReportFormat | null {
  if (/[\\/]$/.test(out)) return 'folder';
  const ending = extname(out).toLowerCase();
  const format = formatOfExtension(ending.slice(1));
  if (ending !== '' && format === null) {
    throw new UserError(
      `${out}: unknown file extension "${ending}"; choose one of ${FORMAT_NAMES.join(', ')} with --format`,
    );
  }
  return format;
}

/** The options that the report itself takes. */
export function reportChoices({ out, standalone }: ReportOptions) {
  return {
    standalone,
    fileName: out === undefined ? null : basename(out),
    // Bold and underlined where a terminal shows it.
    ansi: out === undefined && takesEscapes(),
  };
}

export function takesEscapes(): boolean {
  return process.stdout.isTTY && !process.env.NO_COLOR;
}

/** Writes the document in the requested format; with --json and no file, `result`. Throws UserError if the options conflict, or if no format goes with the file's name. */
export async function putDocument(
  document: ReportDocument,
  result: unknown,
  options: ReportOptions,
  context: CommandContext,
): Promise<void> {
  const format = reportFormat(options, context);
  if (context.json && options.out === undefined) return printJson(result);
  const { reportOf } = await import('../../core/documents/writers/write.ts');
  const report = await reportOf(document, format, reportChoices(options));
  printReport(report, format, options.out, context);
}

/** Writes the report to its file, with its charts beside it, or to stdout, and warnings to stderr if the reader would not see them in the report. */
export function printReport(
  { folder, fileName, text, files, warnings }: Report,
  format: ReportFormat,
  out: string | undefined,
  context: CommandContext,
): void {
  if (!REPORT_FORMATS[format].warns || out !== undefined)
    process.stderr.write(warnings.map((line) => `tessera: warning: ${line}\n`).join(''));
  if (out === undefined) process.stdout.write(text);
  else {
    const place = folder === null ? dirname(out) : out;
    if (folder !== null) makeFolder(out);
    const beside = files.map((file) => join(place, file.fileName));
    for (const [at, path] of beside.entries()) writeWhole(path, files[at].text);
    // Last, so that a page has all that it names.
    writeWhole(folder === null ? out : join(out, fileName), text);
    const others = beside.length > 0 && { [folder === null ? 'charts' : 'files']: beside };
    const charts = beside.length > 0 ? ` and ${countText(beside.length, 'chart')} beside it` : '';
    if (context.json) printJson({ file: out, format, ...others });
    else print(`Wrote ${out} (${format})${folder === null ? charts : `: open ${fileName} in it`}.`);
  }
}
