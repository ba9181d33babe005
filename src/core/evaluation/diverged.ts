import { UserError } from '../errors.ts';

/**
 * Of a training whose numbers have become none, such as a loss that is NaN: what it came to, and again would. `what` says which number,
 * and where.
 */
export const diverged = (what: string, fix = 'try a lower learningRate'): UserError =>
  new UserError({ code: 'diverged', problem: `${what}: the run has diverged`, fix });
