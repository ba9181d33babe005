/** The format of a report and where it is written, for every command that makes one. */
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { UserError } from '../../core/errors.ts';
import type { ReportFormat } from '../../core/reports/types.ts';
import { type CommandContext, print, printJson } from './context.ts';
import { writeWhole } from './write-whole.ts';

const FORMATS = ['table', 'csv', 'md', 'latex', 'html', 'json'] as const satisfies readonly ReportFormat[];
const FORMAT_OF: Record<string, ReportFormat | undefined> = {
  '.csv': 'csv',
  '.md': 'md',
  '.tex': 'latex',
  '.html': 'html',
  '.htm': 'html',
  '.json': 'json',
  '.txt': 'table',
};

export interface ReportOptions {
  format?: ReportFormat;
  out?: string;
  standalone?: boolean;
}

export function reportOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', "(default: by the file's name, else table)").choices(FORMATS))
    .option('--out <file>', 'write to this file, completely or not at all')
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
  return format;
}

/** The format of a file by its extension, if it has one. Throws UserError for an unknown extension. */
function formatOf(out = ''): ReportFormat | undefined {
  const ending = extname(out).toLowerCase();
  if (ending !== '' && !FORMAT_OF[ending]) {
    throw new UserError(
      `${out}: unknown file extension "${ending}"; choose one of ${FORMATS.join(', ')} with --format`,
    );
  }
  return FORMAT_OF[ending];
}

/** Writes the report to its file or to stdout, and warnings to stderr if the reader would not see them in the report. */
export function putReport(
  { text, warnings }: { text: string; warnings: readonly string[] },
  format: ReportFormat,
  out: string | undefined,
  context: CommandContext,
): void {
  if (format === 'csv' || out !== undefined)
    process.stderr.write(warnings.map((line) => `tessera: warning: ${line}\n`).join(''));
  if (out === undefined) process.stdout.write(text);
  else {
    writeWhole(out, text);
    if (context.json) printJson({ file: out, format });
    else print(`Wrote ${out} (${format}).`);
  }
}
