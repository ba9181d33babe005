import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';

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
  /** Users without a target because all their interactions are held out for the test, and none is their history. */
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

/** A stretch of each user's interactions, [users]; empty where `from` is not before `to`. */
export interface Stretches {
  from: Int32Array;
  to: Int32Array;
}

/**
 * The split with these parts. `valid`: by default all between the training part and what is held out for the test. A user has a
 * target where something is held out and comes after a history.
 */
export function parted(
  interactions: Interactions,
  parts: { validation: boolean; trainEnds: Int32Array; test: Stretches; valid?: Stretches },
): Split {
  const { offsets, users } = interactions;
  const { validation, trainEnds, test, valid = { from: trainEnds, to: test.from } } = parts;
  const hasTarget = ({ from, to }: Stretches, user: number) =>
    from[user] > offsets[user] && from[user] < to[user];
  const everyone = new Int32Array(users).map((_, user) => user);
  const evaluated = everyone.filter((user) => hasTarget(test, user));
  const validated = everyone.filter((user) => hasTarget(valid, user));
  return {
    interactions,
    validation,
    evaluatedUsers: evaluated.length,
    newUsers: everyone.filter((user) => test.from[user] === offsets[user] && test.from[user] < test.to[user])
      .length,
    hasTargets: (user) => hasTarget(test, user),
    start: (user) => offsets[user],
    trainEnd: (user) => trainEnds[user],
    trainEnds: () => trainEnds.slice(),
    validIndex: (user) => valid.from[user],
    testIndex: (user) => test.from[user],
    heldOutEnd: (user, which) => (which === 'valid' ? valid : test).to[user],
    usersWithTargets: (which = 'test') => (which === 'valid' ? validated : evaluated).slice(),
  };
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
