import { mapEventIterator } from '@orpc/client';
import { ORPCError, ValidationError } from '@orpc/server';
import { USER_ERROR } from '../../core/api/contract.ts';
import {
  CancelledError,
  composeMessage,
  type ErrorDetails,
  messageOf,
  UserError,
} from '../../core/errors.ts';
import { logLine } from '../../core/files/program-log.ts';
import { isIterator } from '../workers/progress.ts';

/** Translates an error for the window: the user's own mistakes keep their words, anything else is a defect. */
export function toApiError(error: unknown): unknown {
  if (error instanceof UserError) return userError(error.details);
  if (error instanceof CancelledError)
    return new ORPCError('CLIENT_CLOSED_REQUEST', { message: error.message });
  if (error instanceof ORPCError) {
    if (!(error.cause instanceof ValidationError)) return error;
    const problems = error.cause.issues.map(({ path, message }) => {
      const where = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return where === '' ? message : `${where}: ${message}`;
    });
    return userError({ code: 'invalid', problem: problems.join('; ') });
  }
  logLine('program', `unexpected error: ${error instanceof Error ? error.stack : error}`, 'error');
  return new ORPCError('INTERNAL_SERVER_ERROR', { message: `unexpected error: ${messageOf(error)}` });
}

const userError = (data: ErrorDetails) =>
  new ORPCError(USER_ERROR, { status: 422, message: composeMessage(data, 'window'), data });

/** Translates the errors of every procedure, those of its iterator included. */
export async function withApiErrors<T>({ next }: { next(): Promise<T> }): Promise<T> {
  try {
    const output = await next();
    return isIterator(output) ? (withIteratorErrors(output) as T) : output;
  } catch (error) {
    throw toApiError(error);
  }
}

const withIteratorErrors = (iterator: AsyncIterator<unknown, unknown, void>) =>
  mapEventIterator(iterator, {
    value: async (value) => value,
    error: async (error) => toApiError(error),
  });
