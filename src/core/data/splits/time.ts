import { UserError } from '../../errors.ts';
import type { Interactions } from '../types.ts';
import { percent, shared, splitRule } from './rule.ts';
import { parted, type Split } from './split.ts';
import { cutBefore } from './time-cuts.ts';

/** Shares of the interactions after each cut in time, and whether there is one for validation. */
export interface TimeShares {
  valid: number;
  test: number;
  validation: boolean;
  /** Windows, each with the share of the test, that come after the one that is tested. */
  later?: number;
}

/**
 * Everything before a cut in time, the same for all users, is for training; a user's first interaction at or after it is the
 * validation target, and the first one at or after a later cut the test target. Without validation everything before the
 * later cut is for training. Users without an interaction before a cut have no target there, and what comes between a target
 * and the next cut is held out with it, and part of later histories.
 * Throws UserError where the interactions have no times.
 */
export function splitByTime(
  interactions: Interactions,
  { valid, test, validation, later = 0 }: TimeShares,
): Split {
  const { offsets, users, times } = interactions;
  if (!times) throw new UserError('the data set has no times; set split=leave-last-out or users');
  const cut = cutBefore(times);
  const from = (share: number) => {
    const time = cut(share);
    return Int32Array.from({ length: users }, (_, user) => firstFrom(times, time, offsets, user));
  };
  const behind = later * test;
  const testFrom = from(behind + test);
  return parted(interactions, {
    validation,
    trainEnds: validation ? from(behind + test + valid) : testFrom,
    test: { from: testFrom, to: later === 0 ? offsets.subarray(1) : from(behind) },
  });
}

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

/** What a cut in time means, wherever it is. */
export const atACut = {
  needsTimes: true,
  several: true,
  strangers: false,
  newItems: 'unseen',
  testHistory: 'all-before-target',
  trainedOn: (validation: boolean) =>
    `interactions before the cut for ${validation ? 'validation' : 'the test'}`,
  tested: ({ evaluatedUsers, newUsers, interactions }: Split) =>
    `${evaluatedUsers} of ${interactions.users} users have an interaction to test after the cut and a history before it; ` +
    `${newUsers} came after the cut, have no history, and are left out`,
} as const;

export const time = splitRule({
  ...atACut,
  title: 'Time-based split',
  summary:
    'what each user does after a cut in time that is the same for all, so that nothing is trained on that happened later',
  term: 'split by time',
  meaning:
    'The model trains on what happened before one moment in time, the same for all users; the test is what each user did first after a later one.',
  settings: shared,
  nobody: () =>
    'has no user with interactions on both sides of a cut in time; change validShare and testShare, or set split=leave-last-out',
  phrase: ({ testShare }, validation) =>
    `Split by time, the last ${percent(testShare)} ${validation ? 'test' : 'select and test'}`,
  part: (interactions, { validShare: valid, testShare: test }, validation) =>
    splitByTime(interactions, { valid, test, validation }),
});
