import { z } from 'zod';
import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';
import { percent, shared, splitRule } from './rule.ts';
import { parted, type Split, type Stretches } from './split.ts';

interface UserShares {
  validShare: number;
  testShare: number;
  foldIn: number;
  userSeed: number;
}

/**
 * Users drawn by the seed are held out whole (Liang et al. 2018, Mult-VAE): a share for the test, the next ones for validation. Of each the
 * first interactions are the history, the others targets: at least one, and not all. Those of a smaller share are among those of a larger one.
 */
function splitByUsers(
  interactions: Interactions,
  { validShare, testShare, foldIn, userSeed }: UserShares,
  validation: boolean,
): Split {
  const { offsets, users } = interactions;
  const ends = offsets.subarray(1);
  const count = (share: number) => Math.max(1, Math.round(share * users));
  const drawn = new Random(userSeed, 0, 'held-out-users').order(users);
  const tested = count(testShare);
  const trainEnds = ends.slice();
  const heldOut = (from: number, to: number): Stretches => {
    const targets = ends.slice();
    for (const user of drawn.subarray(from, to)) {
      const own = ends[user] - offsets[user];
      const most = Math.max(1, own - 1);
      trainEnds[user] = offsets[user];
      targets[user] -= Math.min(most, Math.max(1, Math.round((1 - foldIn) * own)));
    }
    return { from: targets, to: ends };
  };
  const test = heldOut(0, tested);
  const valid = heldOut(tested, validation ? tested + count(validShare) : tested);
  return parted(interactions, { validation, trainEnds, test, valid });
}

export const users = splitRule({
  title: 'Some users as a whole',
  summary:
    'some users as a whole, of whom nothing is trained on: the first part of their interactions is the history, the rest is to be found',
  term: 'split by users',
  meaning:
    'The model trains on some users and is tested on others, of whom it is given the first part of their history.',
  settings: {
    ...shared,
    foldIn: z
      .number()
      .gt(0)
      .max(1)
      .describe(
        "Share of a held-out user's interactions that is the history, the first ones; the others are held out, the last one always",
      )
      .default(0.8),
    userSeed: z.number().int().nonnegative().describe('Draws the users who are held out').default(1),
  },
  needsTimes: false,
  several: true,
  strangers: true,
  newItems: 'unseen',
  testHistory: 'all-before-target',
  trainedOn: (validation) =>
    `all interactions of the users who are not held out for ${validation ? 'validation and ' : ''}the test`,
  nobody: () =>
    'has no user to train on beside those that are held out, or none of these has two interactions; change validShare and testShare, or set split=leave-last-out',
  tested: ({ evaluatedUsers, newUsers }) =>
    `${evaluatedUsers} users are tested, of whom nothing is trained on; ${newUsers} more have a single interaction, no history, and are left out`,
  phrase: ({ testShare, foldIn }, validation) =>
    `${percent(testShare)} of the users ${validation ? 'test' : 'select and test'}, with ${percent(foldIn)} of their history`,
  part: splitByUsers,
});
