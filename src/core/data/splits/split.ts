import { UserError } from '../../errors.ts';
import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';
import { timeCuts } from './time-cuts.ts';

/** Which held-out interaction is to be found. */
export type HeldOut = 'valid' | 'test';

/**
 * Interactions parted by index arithmetic; nothing is copied. What a user is trained on stands before each held-out
 * interaction, and the history of a held-out one is everything before it.
 * All results are indices into `itemIds` (and `times`, `ratings`), except the counts.
 */
export interface Split {
  readonly interactions: Interactions;
  /** Whether validation targets are held out. */
  readonly validation: boolean;
  /** Users with a test target. */
  readonly evaluatedUsers: number;
  /** Users without a target because all their interactions come after the cut for the test; 0 where there is no cut. */
  readonly newUsers: number;
  /** Whether the user has a test target. */
  hasTargets(user: number): boolean;
  start(user: number): number;
  /** End (exclusive) of the training part. */
  trainEnd(user: number): number;
  /** trainEnd of every user, [users]. */
  trainEnds(): Int32Array;
  /** Index of the validation target; only of users that have one, and with validation. */
  validIndex(user: number): number;
  /** Index of the test target; only where hasTargets. */
  testIndex(user: number): number;
  /** Ends (exclusive) of the interactions that are held out with such a target, which is the first of them. */
  heldOutEnd(user: number, which: HeldOut): number;
  /** Dense ids of the users with such a target, ascending. */
  usersWithTargets(which?: HeldOut): Int32Array;
}

/**
 * Of each user the last interaction is the test target, the second last the validation target, the rest is for training;
 * without validation everything but the last is. Users whose interactions would all be held out only train.
 */
export function leaveLastOut(
  interactions: Interactions,
  { validation = true }: { validation?: boolean } = {},
): Split {
  const { offsets, users } = interactions;
  const heldOut = validation ? 2 : 1;
  const hasTargets = (user: number) => offsets[user + 1] - offsets[user] > heldOut;
  const evaluated = usersThat(users, hasTargets);
  const trainEnd = (user: number) => offsets[user + 1] - (hasTargets(user) ? heldOut : 0);
  return {
    interactions,
    validation,
    evaluatedUsers: evaluated.length,
    newUsers: 0,
    hasTargets,
    start: (user) => offsets[user],
    trainEnd,
    trainEnds: () => Int32Array.from({ length: users }, (_, user) => trainEnd(user)),
    validIndex: (user) => offsets[user + 1] - 2,
    testIndex: (user) => offsets[user + 1] - 1,
    heldOutEnd: (user, which) => offsets[user + 1] - (which === 'valid' ? 1 : 0),
    usersWithTargets: () => evaluated.slice(),
  };
}

/** Shares of the interactions after each cut in time, and whether there is one for validation. */
export interface TimeShares {
  valid: number;
  test: number;
  validation: boolean;
}

/**
 * Everything before a cut in time, the same for all users, is for training; a user's first interaction at or after it is the
 * validation target, and the first one at or after a later cut the test target. Without validation everything before the
 * later cut is for training. Users without an interaction before a cut have no target there, and what comes between a target
 * and the next cut is held out with it, and part of later histories.
 * Throws UserError where the interactions have no times.
 */
export function splitByTime(interactions: Interactions, shares: TimeShares): Split {
  const { offsets, users, times } = interactions;
  if (!times) {
    throw new UserError('the data set has no times for split=time; set split=leave-last-out');
  }
  const { validFrom, testFrom } = timeCuts(times, shares);
  const from = (cut: number) =>
    Int32Array.from({ length: users }, (_, user) => firstFrom(times, cut, offsets, user));
  const testIndices = from(testFrom);
  const trainEnds = shares.validation ? from(validFrom) : testIndices;
  const hasTargets = (user: number) =>
    testIndices[user] > offsets[user] && testIndices[user] < offsets[user + 1];
  const evaluated = usersThat(users, hasTargets);
  const validated = usersThat(
    users,
    (user) => trainEnds[user] > offsets[user] && trainEnds[user] < testIndices[user],
  );
  return {
    interactions,
    validation: shares.validation,
    evaluatedUsers: evaluated.length,
    newUsers: usersThat(
      users,
      (user) => testIndices[user] === offsets[user] && offsets[user] < offsets[user + 1],
    ).length,
    hasTargets,
    start: (user) => offsets[user],
    trainEnd: (user) => trainEnds[user],
    trainEnds: () => trainEnds.slice(),
    validIndex: (user) => trainEnds[user],
    testIndex: (user) => testIndices[user],
    heldOutEnd: (user, which) => (which === 'valid' ? testIndices[user] : offsets[user + 1]),
    usersWithTargets: (which = 'test') => (which === 'valid' ? validated : evaluated).slice(),
  };
}

const usersThat = (users: number, accept: (user: number) => boolean) =>
  Int32Array.from({ length: users }, (_, user) => user).filter(accept);

/** Index of a user's first interaction at or after a time; the end where there is none. */
function firstFrom(times: Float64Array, cut: number, offsets: Int32Array, user: number): number {
  let [low, high] = [offsets[user], offsets[user + 1]];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < cut) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * End (exclusive) of every user's training part, [users], where a share of the users is trained on: empty for the
 * others. The users of a smaller share are among those of a larger one.
 */
export function trainedOn(split: Split, share: number): Int32Array {
  const ends = split.trainEnds();
  const { users, offsets } = split.interactions;
  if (share === 1) return ends;
  // One order for every share and seed.
  const order = new Random(0, 0, 'train-users').order(users);
  for (const user of order.subarray(Math.max(1, Math.round(share * users)))) ends[user] = offsets[user];
  return ends;
}
