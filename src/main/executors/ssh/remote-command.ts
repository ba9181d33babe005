/** Commands for another machine's shell, whichever shell its user has. */
import { shellQuote } from '../../../core/names.ts';

/** What the command itself writes follows this line; before it stands what a user's start-up files write. */
export const OUTPUT_BEGINS = '\u0002tessera\n';

/** Of every script: no one else reads what it writes, and its errors are in English. */
const PROLOGUE = `umask 077; LC_ALL=C; export LC_ALL; printf '\\002tessera\\n'`;

/**
 * The line that runs a POSIX script with arguments, "$1" and on. Whoever reads it first may be bash, csh or fish, which
 * quote differently: so it has nothing to quote but letters, digits and escapes, which sh decodes.
 */
export function remoteCommand(script: string, args: readonly string[] = []): string {
  const line = ['sh', '-c', `${PROLOGUE}\n${script}`, 'sh', ...args].map(shellQuote).join(' ');
  return `sh -c 'eval "$(printf %b "$0")"' '${escaped(`exec ${line}`)}'`;
}

/** As printf's %b reads it back. */
function escaped(text: string): string {
  const octal = (byte: number) => `\\0${byte.toString(8).padStart(3, '0')}`;
  return text.replaceAll(/[^\w ,./:=-]/gu, (other) => [...Buffer.from(other)].map(octal).join(''));
}
