import type { Interactions } from './types.ts';

/** Shortest sequence that leaves an item to train on, one to validate and one to test. */
const SHORTEST_EVALUATED = 3;

/**
 * Leave-last-out by index arithmetic; nothing is copied. Of each user the last interaction is the test target, the
 * second last the validation target, the rest is for training. Users with fewer than 3 interactions only train.
 * All results are indices into `itemIds` (and `times`, `ratings`), except the counts.
 */
export interface LeaveLastOut {
  readonly interactions: Interactions;
  /** Users with targets. */
  readonly evaluatedUsers: number;
  /** Whether the user has a validation and a test target. */
  hasTargets(user: number): boolean;
  start(user: number): number;
  /** End (exclusive) of the training part. */
  trainEnd(user: number): number;
  /** trainEnd of every user, [users]. */
  trainEnds(): Int32Array;
  /** Index of the validation target; only where hasTargets. */
  validIndex(user: number): number;
  /** Index of the test target; only where hasTargets. */
  testIndex(user: number): number;
  /** Dense ids of the users with targets, ascending. */
  usersWithTargets(): Int32Array;
}

export function leaveLastOut(interactions: Interactions): LeaveLastOut {
  const { offsets, users } = interactions;
  const hasTargets = (user: number) => offsets[user + 1] - offsets[user] >= SHORTEST_EVALUATED;
  const evaluated: number[] = [];
  for (let user = 0; user < users; user++) if (hasTargets(user)) evaluated.push(user);
  const trainEnd = (user: number) => offsets[user + 1] - (hasTargets(user) ? 2 : 0);
  return {
    interactions,
    evaluatedUsers: evaluated.length,
    hasTargets,
    start: (user) => offsets[user],
    trainEnd,
    trainEnds: () => Int32Array.from({ length: users }, (_, user) => trainEnd(user)),
    validIndex: (user) => offsets[user + 1] - 2,
    testIndex: (user) => offsets[user + 1] - 1,
    usersWithTargets: () => Int32Array.from(evaluated),
  };
}
