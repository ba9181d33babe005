/**
 * A mistake in what came from outside (file, argument, config). Its message is one line that says
 * what is wrong, where, and what to do; shells print it as it is and exit 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Work stopped because the user asked for it; not a failure. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor(message = 'cancelled') {
    super(message);
  }
}

/** Throws CancelledError when the signal has fired. Long loops call it once an iteration. */
export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new CancelledError();
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
