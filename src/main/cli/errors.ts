import { CancelledError, messageOf, UserError } from '../../core/errors.ts';

const DEBUG = 'TESSERA_DEBUG';

/** What stderr says of an error: one line, and the stack where TESSERA_DEBUG asks for it. */
export function errorText(error: unknown, debug: boolean): string {
  const message = messageOf(error).replace(/\s*[\r\n]+\s*/g, ' ');
  const expected = error instanceof UserError || error instanceof CancelledError;
  const line = expected ? message : `unexpected error: ${message}${debug ? '' : ` (${DEBUG}=1 shows where)`}`;
  const stack = debug && error instanceof Error && error.stack ? `\n${error.stack}` : '';
  return `tessera: ${line}${stack}`;
}

/** Says on stderr what went wrong. */
export function reportError(error: unknown): void {
  process.stderr.write(`${errorText(error, Boolean(process.env[DEBUG]))}\n`);
}
