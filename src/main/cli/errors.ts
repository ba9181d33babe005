import { cleanLines } from '../../core/documents/writers/text.ts';
import { CancelledError, messageOf, UserError } from '../../core/errors.ts';
import { withProgram } from '../data-folder/command-line.ts';

const DEBUG = 'TESSERA_DEBUG';

/** An error as printed to stderr: one line, and the stack if TESSERA_DEBUG is set. */
export function errorText(error: unknown, debug: boolean): string {
  const message = messageOf(error).replace(/\s*[\r\n]+\s*/g, ' ');
  const expected = error instanceof UserError || error instanceof CancelledError;
  const line = expected
    ? withProgram(message)
    : `unexpected error: ${message}${debug ? '' : ` (${DEBUG}=1 shows where)`}`;
  const stack = debug && error instanceof Error && error.stack ? `\n${error.stack}` : '';
  // It quotes files, which can hold what a terminal obeys.
  return `tessera: ${cleanLines(line + stack)}`;
}

/** Prints an error to stderr. */
export function reportError(error: unknown): void {
  process.stderr.write(`${errorText(error, Boolean(process.env[DEBUG]))}\n`);
}
