import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';

/**
 * Leave-last-out by index arithmetic; nothing is copied. Of each user the last interaction is the test target, the
 * second last the validation target, the rest is for training; without validation everything but the last is. Users
 * whose interactions would all be held out only train.
 * All results are indices into `itemIds` (and `times`, `ratings`), except the counts.
 */
export interface LeaveLastOut {
  readonly interactions: Interactions;
  /** Whether validation targets are held out. */
  readonly validation: boolean;
  /** Users with targets. */
  readonly evaluatedUsers: number;
  /** Whether the user's targets are held out. */
  hasTargets(user: number): boolean;
  start(user: number): number;
  /** End (exclusive) of the training part. */
  trainEnd(user: number): number;
  /** trainEnd of every user, [users]. */
  trainEnds(): Int32Array;
  /** Index of the validation target; only where hasTargets, and with validation. */
  validIndex(user: number): number;
  /** Index of the test target; only where hasTargets. */
  testIndex(user: number): number;
  /** Dense ids of the users with targets, ascending. */
  usersWithTargets(): Int32Array;
}

export function leaveLastOut(
  interactions: Interactions,
  { validation = true }: { validation?: boolean } = {},
): LeaveLastOut {
  const { offsets, users } = interactions;
  const heldOut = validation ? 2 : 1;
  const hasTargets = (user: number) => offsets[user + 1] - offsets[user] > heldOut;
  const evaluated: number[] = [];
  for (let user = 0; user < users; user++) if (hasTargets(user)) evaluated.push(user);
  const trainEnd = (user: number) => offsets[user + 1] - (hasTargets(user) ? heldOut : 0);
  return {
    interactions,
    validation,
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

/**
 * End (exclusive) of every user's training part, [users], where a share of the users is trained on: empty for the
 * others. The users of a smaller share are among those of a larger one.
 */
export function trainedOn(split: LeaveLastOut, share: number): Int32Array {
  const ends = split.trainEnds();
  const { users, offsets } = split.interactions;
  if (share === 1) return ends;
  // One order for every share and seed.
  const order = new Random(0, 0, 'train-users').order(users);
  for (const user of order.subarray(Math.max(1, Math.round(share * users)))) ends[user] = offsets[user];
  return ends;
}
