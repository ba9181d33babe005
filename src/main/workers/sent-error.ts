import { CancelledError, type ErrorDetails, UserError } from '../../core/errors.ts';

/** An error on its way from a worker to its parent. */
export interface SentError {
  /** The error's class, such as "UserError". */
  name: string;
  message: string;
  stack: string;
  /** Of a UserError. */
  details?: ErrorDetails;
}

export function sentError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack = '' } = error;
  return { name, message, stack, details: error instanceof UserError ? error.details : undefined };
}

export function receivedError({ name, message, stack, details }: SentError): Error {
  if (name === 'UserError') return new UserError(details ?? message);
  if (name === 'CancelledError') return new CancelledError(message);
  const error = new Error(message);
  error.stack = stack;
  return error;
}
