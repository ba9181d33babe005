import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../math/random.ts';
import type { Interactions } from '../types.ts';
import { hideItems } from './hidden-items.ts';
import { readSplit, splitFields, splitIds, splitOf, splits, statedSplit } from './index.ts';
import { leaveLastOut } from './leave-last-out.ts';
import { trainedOn } from './split.ts';
import { splitByTime } from './time.ts';
import { timeCuts } from './time-cuts.ts';

const ITEMS = 6;
/** Of 40 users with the settings that are the default. */
const DRAWN = [27, 31, 37, 39];

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

/** Settings of any split, many of which leave nothing to train on or to test. */
const settings = fc.record({
  ...{ validShare: fc.constantFrom(0.1, 0.2, 0.4), testShare: fc.constantFrom(0.05, 0.1, 0.3) },
  ...{ foldIn: fc.constantFrom(0.01, 0.5, 0.8, 1), userSeed: fc.nat({ max: 3 }) },
  ...{ windows: fc.constant(3), window: fc.constantFrom(1, 2, 3) },
});

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);

describe.each(splitIds)('the split %s', (id) => {
  it('trains on nothing that is held out, and gives every target a history', () => {
    fc.assert(
      fc.property(histories, settings, fc.boolean(), (users, chosen, validation) => {
        const data = interactionsOf(users);
        const split = splitOf({ ...chosen, split: id }).part(data, validation);
        const known = range(0, data.users).flatMap((user) => range(data.offsets[user], split.trainEnd(user)));
        const heldOut = (['valid', 'test'] as const).map((which) =>
          [...split.usersWithTargets(which)].map((user) => {
            const from = which === 'valid' ? split.validIndex(user) : split.testIndex(user);
            expect(from).toBeGreaterThan(split.start(user));
            expect(split.trainEnd(user)).toBeLessThanOrEqual(from);
            return { user, places: range(from, split.heldOutEnd(user, which)) };
          }),
        );
        const all = [...known, ...heldOut.flat().flatMap(({ places }) => places)];
        expect(new Set(all).size).toBe(all.length);
        if (!validation) expect(heldOut[0]).toEqual([]);
        for (const { user, places } of heldOut.flat()) {
          expect(places.length).toBeGreaterThan(0);
          if (!splits[id].several) expect(places).toHaveLength(1);
          if (splits[id].strangers) expect(split.trainEnd(user)).toBe(split.start(user));
        }
        if (!splits[id].needsTimes) return;
        const timesOf = (places: readonly number[]) => places.map((at) => data.times?.[at] ?? Number.NaN);
        for (const { places } of heldOut.flat())
          expect(Math.min(...timesOf(places))).toBeGreaterThan(Math.max(...timesOf(known)));
        for (const { places } of heldOut[1])
          for (const { places: earlier } of heldOut[0])
            expect(Math.min(...timesOf(places))).toBeGreaterThan(Math.max(...timesOf(earlier)));
      }),
    );
  });

  it('is found again from what a protocol states of it', () => {
    for (const validation of [true, false]) {
      const stated = statedSplit(id, validation);
      expect(readSplit(stated)).toEqual({ split: id, validation });
      expect(stated).toMatch(validation ? /^[a-z-]+$/ : /-without-validation$/);
    }
    const { settings: values } = splitOf({ split: id });
    expect(Object.keys(values)).toEqual(Object.keys(splits[id].settings));
    for (const key of Object.keys(values)) expect(splitFields).toHaveProperty(key);
  });
});

describe('windows of time', () => {
  it('share what comes after the first cut among them, and end as a split by time does', () => {
    fc.assert(
      fc.property(histories, settings, fc.boolean(), (users, chosen, validation) => {
        const data = interactionsOf(users);
        const at = (window: number) =>
          splitOf({ ...chosen, split: 'windows', window }).part(data, validation);
        const tested = [1, 2, 3].map(at);
        for (const user of users.keys()) {
          const ends = tested.map((split) => [split.testIndex(user), split.heldOutEnd(user, 'test')]);
          // Each begins where the one before it ends.
          expect([ends[0][1], ends[1][1], ends[2][1]]).toEqual([
            ends[1][0],
            ends[2][0],
            data.offsets[user + 1],
          ]);
        }
        const last = splitOf({ ...chosen, split: 'time' }).part(data, validation);
        expect(tested[2].trainEnds()).toEqual(last.trainEnds());
        for (const which of ['valid', 'test'] as const)
          expect(tested[2].usersWithTargets(which)).toEqual(last.usersWithTargets(which));
      }),
    );
  });

  it('refuse a window that is not there, and such as leave nothing to train on', () => {
    const conflict = (chosen: object) => splitOf({ split: 'windows', ...chosen }).conflict();
    expect(conflict({})).toBeNull();
    expect(conflict({ windows: 3, window: 4 })).toMatchObject({ field: 'window' });
    expect(conflict({ windows: 8, testShare: 0.1, validShare: 0.1 })).toBeNull();
    expect(conflict({ windows: 9, testShare: 0.1, validShare: 0.1 })).toMatchObject({ field: 'windows' });
  });
});

describe('a split by users', () => {
  /** As LensKit's LastFrac over users drawn without putting back: rows of a table, no offsets. */
  function oracle(lengths: readonly number[], order: readonly number[], chosen: Record<string, number>) {
    const { validShare, testShare, foldIn } = chosen;
    const test = Math.max(1, Math.round(testShare * lengths.length));
    const valid = Math.max(1, Math.round(validShare * lengths.length));
    const parts = lengths.map((length, user) => {
      const rows = range(0, length);
      const place = order.indexOf(user);
      if (place >= test + valid) return { train: rows, valid: [], test: [] };
      const share = Math.round(rows.length * (1 - foldIn));
      const first = rows.length - Math.min(Math.max(share, 1), rows.length - 1);
      const targets = rows.length < 2 ? [] : rows.filter((row) => row >= first);
      return { train: [], valid: place < test ? [] : targets, test: place < test ? targets : [] };
    });
    return parts;
  }

  it('holds out what a plain table of rows does', () => {
    fc.assert(
      fc.property(histories, settings, (users, chosen) => {
        const data = interactionsOf(users);
        const split = splitOf({ ...chosen, split: 'users' }).part(data, true);
        const order = [...new Random(chosen.userSeed, 0, 'held-out-users').order(users.length)];
        const expected = oracle(
          users.map(({ length }) => length),
          order,
          chosen,
        );
        const heldOut = (user: number, which: 'valid' | 'test') => {
          if (!split.usersWithTargets(which).includes(user)) return [];
          const from = which === 'valid' ? split.validIndex(user) : split.testIndex(user);
          return range(from - split.start(user), split.heldOutEnd(user, which) - split.start(user));
        };
        expect(
          users.map((_, user) => ({
            train: range(0, split.trainEnd(user) - split.start(user)),
            valid: heldOut(user, 'valid'),
            test: heldOut(user, 'test'),
          })),
        ).toEqual(expected);
      }),
    );
  });

  it('draws the same users wherever and whenever it is asked, others with another seed, and more with a larger share', () => {
    const data = interactionsOf(Array.from({ length: 40 }, () => range(0, 5).map((at) => [at, at] as const)));
    const tested = (chosen: object) => [
      ...splitOf({ split: 'users', ...chosen })
        .part(data, true)
        .usersWithTargets('test'),
    ];
    expect(tested({})).toEqual(DRAWN);
    expect(tested({ userSeed: 2 })).not.toEqual(tested({}));
    expect(tested({ testShare: 0.3 })).toEqual(expect.arrayContaining(DRAWN));
    expect(tested({ testShare: 0.3 })).toHaveLength(12);
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
