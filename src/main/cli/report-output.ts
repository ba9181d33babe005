/** In which format a report is written, and where it goes: the same for every command that makes one. */
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { UserError } from '../../core/errors.ts';
import {
  FORMAT_NAMES,
  formatOfExtension,
  REPORT_FORMATS,
  type ReportFormat,
} from '../../core/reports/formats.ts';
import { print, printJson, type Shell } from './shell.ts';
import { writeWhole } from './write-whole.ts';

export interface ReportOptions {
  format?: ReportFormat;
  out?: string;
  standalone?: boolean;
}

export function reportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', "(default: by the file's name, else table)").choices(FORMAT_NAMES),
    )
    .option('--out <file>', 'write to this file, whole or not at all')
    .option('--standalone', 'latex: a document that compiles by itself');
}

/** Throws UserError where the options ask for two answers, or a file's name says no format. */
export function reportFormat({ format: asked, out }: ReportOptions, shell: Shell): ReportFormat {
  const format = asked ?? formatOf(out) ?? (shell.json ? 'json' : 'table');
  if (shell.json && out === undefined && format !== 'json') {
    throw new UserError(
      `--json and --format ${format} ask for two answers: leave one out, or add --out FILE`,
    );
  }
  return format;
}

/** The format that a file's name says, if it has an ending. Throws UserError for one that says no format. */
function formatOf(out = ''): ReportFormat | null {
  const ending = extname(out).toLowerCase();
  const format = formatOfExtension(ending.slice(1));
  if (ending !== '' && format === null) {
    throw new UserError(
      `${out}: no format goes by the name of "${ending}"; name one of ${FORMAT_NAMES.join(', ')} with --format`,
    );
  }
  return format;
}

/** The report to its file, or to stdout; warnings to stderr where the format does not carry them to its reader. */
export function putReport(
  { text, warnings }: { text: string; warnings: readonly string[] },
  format: ReportFormat,
  out: string | undefined,
  shell: Shell,
): void {
  if (!REPORT_FORMATS[format].warns || out !== undefined)
    process.stderr.write(warnings.map((line) => `tessera: warning: ${line}\n`).join(''));
  if (out === undefined) process.stdout.write(text);
  else {
    writeWhole(out, text);
    if (shell.json) printJson({ file: out, format });
    else print(`Wrote ${out} (${format}).`);
  }
}
