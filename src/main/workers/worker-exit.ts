import { composeMessage, type ErrorDetails } from '../../core/errors.ts';
import type { RunResult } from '../../core/training/events.ts';
import type { Ending } from '../../core/training/journal.ts';
import type { SentError } from './sent-error.ts';

/**
 * How a worker ended, and why in one line, or null.
 * stopped: where its spec said. failed: the trainer reported an error. diverged: its numbers became none. crashed: it died without one. killed: something ended it from outside.
 * interrupted: it ended while nobody hosted it, and did not say how.
 */
export interface WorkerExit {
  kind:
    | 'completed'
    | 'cancelled'
    | 'stopped'
    | 'failed'
    | 'crashed'
    | 'out-of-memory'
    | 'diverged'
    | 'killed'
    | 'interrupted';
  message: string | null;
  /** For the log: the stack of the trainer's error, or its last lines on stderr. */
  log: string | null;
  /** Of the UserError that the trainer reported. */
  details?: ErrorDetails;
}

/** Of a trainer that said in its journal how it ended. */
export function exitOf({ outcome, message, log }: Ending): WorkerExit {
  return { kind: outcome, message, log };
}

/** Of a worker that reported an error. */
type ErrorExit = WorkerExit & { kind: Exclude<Ending['outcome'], 'completed'> };

/** What is known of a worker that has ended. */
export interface ExitEvidence {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The status in the result event, or null if there was none. */
  result: RunResult['status'] | null;
  error: SentError | null;
  cancelRequested: boolean;
  /** Why this process killed the worker, or null if it did not. */
  killedBecause: string | null;
  /** The end of what it wrote to stderr. */
  stderr: string;
}

export const OUT_OF_MEMORY = /out of memory|allocation failed|bad_alloc|cannot allocate memory|ENOMEM/i;

/** A line that states an error, and not one that only mentions it, such as a path or a line of code. */
const ERROR_LINE =
  /^(?:Uncaught )?\w*(?:Error|Exception)\b.*:|^FATAL|\bfatal error\b|^terminate called|(?:^|\s)error: /i;

/** Classifies how a worker ended. What the trainer reported takes precedence over its exit code. */
export function classifyExit(end: ExitEvidence): WorkerExit {
  if (end.error) return classifyError(end.error);
  if (end.result) return { kind: end.result, message: null, log: null };
  const log = end.stderr.trim() || null;
  if (end.killedBecause) {
    return { kind: end.cancelRequested ? 'cancelled' : 'killed', message: end.killedBecause, log };
  }
  if (end.cancelRequested && end.code === 0) return { kind: 'cancelled', message: null, log };
  if (OUT_OF_MEMORY.test(end.stderr)) {
    const message = `the trainer ran out of memory${quoted(errorLine(end.stderr))}`;
    return { kind: 'out-of-memory', message, log };
  }
  return { ...classifyExitCode(end), log };
}

/** What an error of a trainer makes of its run. */
export function classifyError({ name, message, stack, details }: SentError): ErrorExit {
  if (name === 'CancelledError') return { kind: 'cancelled', message: null, log: null };
  if (name === 'StoppedError') return { kind: 'stopped', message, log: null };
  // The window shows a stored message, too, so it is in the words that need no options of the command line.
  if (details) {
    const kind = details.code === 'diverged' ? 'diverged' : 'failed';
    return { kind, message: composeMessage(details, 'window'), log: null, details };
  }
  if (OUT_OF_MEMORY.test(message)) {
    return {
      kind: 'out-of-memory',
      message: `the trainer ran out of memory (${firstLine(message)})`,
      log: stack,
    };
  }
  return { kind: 'failed', message: `${name}: ${firstLine(message)}`, log: stack };
}

function classifyExitCode({ code, signal, stderr }: ExitEvidence): Omit<WorkerExit, 'log'> {
  if (signal === 'SIGKILL') {
    return { kind: 'killed', message: 'killed (SIGKILL), often the system running out of memory' };
  }
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') {
    return { kind: 'killed', message: `killed (${signal})` };
  }
  const how = signal
    ? `died of ${signal}`
    : code === 0
      ? 'ended without a result'
      : `exited with code ${code}`;
  return { kind: 'crashed', message: `the trainer ${how}${quoted(errorLine(stderr))}` };
}

function quoted(line: string): string {
  return line === '' ? '' : ` (${line})`;
}

/** What a process that died wrote of the reason: the first line that states it, else the last one, else "". */
export function errorLine(stderr: string): string {
  const reason = OUT_OF_MEMORY.test(stderr) ? OUT_OF_MEMORY : ERROR_LINE;
  const lines = stderr.split('\n').map((line) => line.trim());
  // The second is all that Grid Engine says at last.
  const filled = lines.filter((line) => line !== '' && line !== 'Exiting.');
  return (filled.find((line) => reason.test(line)) ?? filled.at(-1) ?? '').slice(0, 300);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0];
}
