/**
 * A process that answers commands that only read, one after the other: it is started once, and keeps what it has read of the
 * program and the home's database open.
 */
import { keepStoresOpen } from '../cli/context.ts';
import { runCommandLine } from '../cli/program.ts';

/** More is not read by anybody. */
const MOST_CHARACTERS = 1_000_000;

export interface ReaderAnswer {
  code: number;
  out: string;
  error: string;
}

/** Runs a command with what it prints in the place of a terminal. */
async function answer(args: string[]): Promise<ReaderAnswer> {
  const said = { stdout: '', stderr: '' };
  const written = (['stdout', 'stderr'] as const).map((name) => {
    const { write } = process[name];
    process[name].write = (chunk: string | Uint8Array) => {
      if (said[name].length < MOST_CHARACTERS) said[name] += String(chunk);
      return true;
    };
    return () => {
      process[name].write = write;
    };
  });
  try {
    const code = await runCommandLine(args);
    return { code, out: said.stdout, error: said.stderr };
  } finally {
    for (const restore of written) restore();
  }
}

keepStoresOpen();
process.on('message', (args: string[]) => {
  void answer(args).then((given) => process.send?.(given));
});
process.on('disconnect', () => process.exit());
