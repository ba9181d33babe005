/** The format of a report and where it is written, for every command that makes one. */

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { Option } from 'commander';
import type { ReportDocument } from '../../core/documents/document.ts';
import {
  FORMAT_NAMES,
  formatOfExtension,
  PAGE_MARK,
  REPORT_FORMATS,
  type ReportFormat,
} from '../../core/documents/formats.ts';
import type { Report } from '../../core/documents/writers/write.ts';
import { UserError } from '../../core/errors.ts';
import { makeFolder, writeWhole } from '../../core/files/whole-file.ts';
import { countText } from '../../core/names.ts';
import type { CliCommand } from './command.ts';
import { type CommandContext, print, printJson } from './context.ts';

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
    .option(
      '--out <file>',
      'write to this file, completely or not at all, or to this folder, in place of an earlier report',
    )
    .option('--standalone', 'latex: a standalone document');
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
    const earlier = folder === null ? [] : earlierCharts(out, fileName, files);
    const beside = files.map((file) => join(place, file.fileName));
    for (const [at, path] of beside.entries()) writeWhole(path, files[at].text);
    // Last, so that a page has all that it names.
    writeWhole(folder === null ? out : join(out, fileName), text);
    for (const path of earlier) if (!beside.includes(path)) rmSync(path, { force: true });
    const others = beside.length > 0 && { [folder === null ? 'charts' : 'files']: beside };
    const charts = beside.length > 0 ? ` and ${countText(beside.length, 'chart')} beside it` : '';
    if (context.json) printJson({ file: out, format, ...others });
    else print(`Wrote ${out} (${format})${folder === null ? charts : `: open ${fileName} in it`}.`);
  }
}

/** The charts of an earlier report in the folder. Throws UserError where the report would take the place of files that are of none. */
function earlierCharts(folder: string, page: string, files: Report['files']): string[] {
  const path = join(folder, page);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  if (isFile && readFileSync(path, 'utf8').includes(PAGE_MARK)) {
    const charts = readdirSync(folder).filter((name) => /^figure-\d+\.svg$/.test(name));
    return charts.map((name) => join(folder, name));
  }
  const taken = [page, ...files.map(({ fileName }) => fileName)].find((name) =>
    existsSync(join(folder, name)),
  );
  if (taken === undefined) return [];
  throw new UserError(
    `${join(folder, taken)}: is there, and is of no report of Tessera; remove it, or choose another folder with --out`,
  );
}
