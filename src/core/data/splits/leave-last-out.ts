import type { Interactions } from '../types.ts';
import { splitRule } from './rule.ts';
import { parted, type Split } from './split.ts';

/**
 * Of each user the last interaction is the test target, the second last the validation target, the rest is for training;
 * without validation everything but the last is. Users whose interactions would all be held out only train.
 */
export function leaveLastOut(
  interactions: Interactions,
  { validation = true }: { validation?: boolean } = {},
): Split {
  const { offsets } = interactions;
  const heldOut = validation ? 2 : 1;
  const ends = offsets.subarray(1);
  const before = (count: number) =>
    ends.map((end, user) => (end - offsets[user] > heldOut ? end - count : end));
  return parted(interactions, {
    validation,
    trainEnds: before(heldOut),
    test: { from: before(1), to: ends },
  });
}

export const lastInteractions = splitRule({
  title: 'Last interaction of each user',
  summary: 'the last interaction of every user, and the one before it for validation',
  term: 'leave-last-out',
  meaning:
    "Each user's last interaction is the test, the one before it is the validation; the model trains on the rest.",
  settings: {},
  needsTimes: false,
  several: false,
  strangers: false,
  newItems: 'hidden',
  testHistory: 'with-validation-item',
  trainedOn: (validation) => `all but the last ${validation ? 'two interactions' : 'interaction'} of a user`,
  nobody: (validation) =>
    `has no user with ${validation ? 3 : 2} or more interactions; nothing could be tested`,
  tested: () => null,
  phrase: (_, validation) =>
    validation ? 'Last item tests, the one before validates' : 'Last item selects and tests',
  part: (interactions, _, validation) => leaveLastOut(interactions, { validation }),
});
