import { ORPCError, ValidationError } from '@orpc/server';
import { USER_ERROR } from '../../core/api/contract.ts';
import { CancelledError, messageOf, UserError } from '../../core/errors.ts';

/** What the window is told of an error: the user's own mistakes word for word, defects as such. */
export function toApiError(error: unknown): unknown {
  if (error instanceof UserError) return new ORPCError(USER_ERROR, { status: 422, message: error.message });
  if (error instanceof CancelledError)
    return new ORPCError('CLIENT_CLOSED_REQUEST', { message: error.message });
  if (error instanceof ORPCError) {
    if (!(error.cause instanceof ValidationError)) return error;
    const problems = error.cause.issues.map(({ path, message }) => {
      const where = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return where === '' ? message : `${where}: ${message}`;
    });
    return new ORPCError(USER_ERROR, { status: 422, message: problems.join('; ') });
  }
  return new ORPCError('INTERNAL_SERVER_ERROR', { message: `unexpected error: ${messageOf(error)}` });
}

/** Around every procedure, in both shells. */
export async function withApiErrors<T>({ next }: { next(): Promise<T> }): Promise<T> {
  try {
    return await next();
  } catch (error) {
    throw toApiError(error);
  }
}
