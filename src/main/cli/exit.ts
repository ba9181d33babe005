import { type Command, CommanderError } from 'commander';
import { CancelledError } from '../../core/errors.ts';
import { reportError } from './errors.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

let survives = false;

/** A reader such as `head` may close the pipe early; the work continues. A process may run many commands. */
function surviveClosedPipes(): void {
  if (survives) return;
  survives = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Joins commander's message and its suggestion, which comes on a second line. */
function oneLine(text: string): string {
  return `${text
    .replace(/^error: /, 'tessera: ')
    .trim()
    .replace(/\s*\n\s*/g, ' ')}\n`;
}

/**
 * Formats commander's errors as ours. Call it before subcommands are added: they inherit it.
 */
export function withOurErrors<Program extends Command>(program: Program): Program {
  return program
    .helpOption('-h, --help', 'show help')
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .exitOverride();
}

/** Runs one command. Returns the exit code: 0, 1 after an error, 2 after wrong usage, 128 + n after signal n. */
export async function runProgram(program: Command, args: string[]): Promise<number> {
  surviveClosedPipes();
  process.exitCode = 0;
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    reportError(error);
    return error instanceof CancelledError ? Number(process.exitCode) || FAILED : FAILED;
  }
}
