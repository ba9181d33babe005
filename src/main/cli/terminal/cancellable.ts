import { CancelledError } from '../../../core/errors.ts';
import type { CommandContext } from '../context.ts';
import { Interrupts } from './interrupts.ts';
import { LiveLine } from './live-line.ts';

/** Work of a command that shows its progress in one line and ends with Ctrl-C, saying what that left behind. */
export async function cancellable<Progress, T>(
  { json }: Pick<CommandContext, 'json'>,
  { progress, cancelled }: { progress: (of: Progress) => string; cancelled?: string },
  work: (context: { signal: AbortSignal; onProgress: (of: Progress) => void }) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const interrupts = new Interrupts(() => abort.abort());
  const line = process.stderr.isTTY && !json ? new LiveLine(process.stderr) : null;
  const onProgress = (of: Progress) => line?.show((width) => progress(of).slice(0, width));
  try {
    return await work({ signal: abort.signal, onProgress });
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    process.exitCode = interrupts.exitCode ?? 1;
    throw cancelled === undefined ? error : new CancelledError(cancelled);
  } finally {
    line?.clear();
    interrupts.stop();
  }
}
