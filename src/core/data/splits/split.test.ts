import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interactions } from '../types.ts';
import { hideItems } from './hidden-items.ts';
import { leaveLastOut, splitByTime, trainedOn } from './split.ts';
import { timeCuts } from './time-cuts.ts';

const ITEMS = 6;

/** Interactions of users, [item, time] each, oldest first. */
function interactionsOf(
  users: readonly (readonly (readonly [item: number, time: number])[])[],
): Interactions {
  const offsets = Int32Array.from([0, ...users.map(({ length }) => length)]);
  for (let user = 0; user < users.length; user++) offsets[user + 1] += offsets[user];
  const all = users.flat();
  return {
    ...{ users: users.length, items: ITEMS, catalogueItems: ITEMS, offsets },
    itemIds: Int32Array.from(all, ([item]) => item),
    times: Float64Array.from(all, ([, time]) => time),
    ratings: null,
  } as Interactions;
}

/** Few different times, so that many lie at a cut. */
const histories = fc.array(
  fc
    .array(fc.tuple(fc.nat({ max: ITEMS - 1 }), fc.nat({ max: 5 })), { minLength: 1, maxLength: 7 })
    .map((own) => own.toSorted((a, b) => a[1] - b[1])),
  { minLength: 2, maxLength: 8 },
);

describe('a split by time', () => {
  it('trains on what lies before the cut, and tests the first interaction at or after it', () => {
    fc.assert(
      fc.property(histories, fc.boolean(), (users, validation) => {
        const data = interactionsOf(users);
        const shares = { valid: 0.2, test: 0.3, validation };
        const { validFrom, testFrom } = timeCuts(data.times ?? new Float64Array(), shares);
        const split = splitByTime(data, shares);
        for (const [user, own] of users.entries()) {
          const earlier = (cut: number) => own.filter(([, time]) => time < cut).length;
          const start = data.offsets[user];
          expect(split.trainEnd(user)).toBe(start + earlier(validation ? validFrom : testFrom));
          const at = earlier(testFrom);
          expect(split.hasTargets(user)).toBe(at > 0 && at < own.length);
          if (split.hasTargets(user)) expect(split.testIndex(user)).toBe(start + at);
        }
      }),
    );
  });
});

describe('a share of the users', () => {
  it('holds those of every smaller one, and trains on all of their part', () => {
    const data = interactionsOf(
      Array.from({ length: 50 }, () => [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 4],
      ]),
    );
    const split = leaveLastOut(data);
    const ends = split.trainEnds();
    const kept = (share: number) =>
      [...trainedOn(split, share).entries()].flatMap(([user, end]) =>
        end > data.offsets[user] ? [user] : [],
      );
    expect(kept(1)).toHaveLength(50);
    for (const [smaller, larger] of [
      [0.1, 0.3],
      [0.3, 0.7],
    ]) {
      expect(kept(smaller)).toHaveLength(50 * smaller);
      expect(kept(larger)).toEqual(expect.arrayContaining(kept(smaller)));
      for (const user of kept(smaller)) expect(trainedOn(split, smaller)[user]).toBe(ends[user]);
    }
  });
});

describe('hidden items', () => {
  it('stay only as the targets of users who have enough besides them, as many as are held out', () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(1 as const, 2 as const), (users, heldOut) => {
        const data = interactionsOf(users);
        const { data: kept, hidden } = hideItems(data, 0.5, 1, heldOut);
        for (const [user, own] of users.entries()) {
          const seen = own.slice(0, -1).filter(([item]) => !hidden[item]);
          const [target] = own[own.length - 1];
          const keeps = !hidden[target] || seen.length >= heldOut;
          const expected = [...seen.map(([item]) => item), ...(keeps ? [target] : [])];
          expect([...kept.itemIds.subarray(kept.offsets[user], kept.offsets[user + 1])]).toEqual(expected);
        }
      }),
    );
  });
});
