import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySeenPrefix, bySeenTransition, itemsBefore } from './familiarity.ts';
import { byHistory, byNewness, byPopularity, itemSlices, sliceMetrics, sliceRows } from './slices.ts';

describe('slices', () => {
  it('puts every item in one slice by popularity', () => {
    expect(itemSlices([50, 10, 20, 4, 10, 6])).toEqual(['head', 'torso', 'torso', 'cold', 'tail', 'tail']);
    expect(itemSlices([])).toEqual([]);
  });

  it('sets targets that were hidden from training apart from other rare ones', () => {
    const { of, slices } = byPopularity(
      { targets: Int32Array.of(0, 3, 3, 4) },
      [50, 10, 20, 0, 0, 6],
      Uint8Array.of(0, 0, 0, 1, 0, 0),
    );
    expect([0, 1, 2, 3].map(of)).toEqual(['head', 'hidden', 'hidden', 'cold']);
    expect(slices.map(([slice]) => slice)).toEqual(['head', 'torso', 'tail', 'cold', 'hidden']);
  });

  it('parts users by whether training knew them and their target', () => {
    const of = { users: Int32Array.of(0, 0, 1, 1), targets: Int32Array.of(0, 1, 0, 1) };
    const parted = byNewness(of, [3, 0], (user) => user === 0);
    expect([0, 1, 2, 3].map(parted.of)).toEqual(['both known', 'new item', 'new user', 'both new']);
    expect(sliceRows(4, [parted]).map(({ rows }) => rows.length)).toEqual([1, 1, 1, 1]);
  });

  it('splits the users twice, and the slices average to the whole', () => {
    const user = fc.record({
      rank: fc.integer({ min: 1, max: 40 }),
      target: fc.nat({ max: 5 }),
      length: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(user, { minLength: 1, maxLength: 50 }), (users) => {
        const ranks = {
          split: 'test' as const,
          users: Int32Array.from(users.keys()),
          ranks: Int32Array.from(users, ({ rank }) => rank),
          targets: Int32Array.from(users, ({ target }) => target),
          historyLengths: Int32Array.from(users, ({ length }) => length),
        };
        const slices = sliceMetrics(
          ranks,
          sliceRows(users.length, [byPopularity(ranks, [50, 10, 20, 4, 10, 6]), byHistory(ranks)]),
          [10],
        );
        const hits = users.filter(({ rank }) => rank <= 10).length;
        for (const by of ['item popularity', 'history length']) {
          const part = slices.filter((slice) => slice.by === by);
          expect(part.reduce((sum, slice) => sum + slice.users, 0)).toBe(users.length);
          const total = part.reduce(
            (sum, slice) => sum + slice.users * (slice.metrics['test/hr@10'] ?? 0),
            0,
          );
          expect(total).toBeCloseTo(hits, 8);
        }
      }),
    );
  });
});

const ITEMS = 7;
const LEVELS = 2;

/** Users' items, oldest first; the last is the target and the one before it is for validation. */
const histories = fc.array(fc.array(fc.nat({ max: ITEMS - 1 }), { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 12,
});
/** Codes of every item; two of them have none. */
const idsOfItems = fc
  .array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })), { minLength: ITEMS, maxLength: ITEMS })
  .map((ids) => ids.map((codes, item) => (item < 2 ? [-1, -1] : codes)));

describe('what training has shown', () => {
  it('is what a search through every training sequence finds', () => {
    fc.assert(
      fc.property(histories, idsOfItems, fc.nat({ max: 2 }), (sequences, ids, after) => {
        const offsets = Int32Array.from([0, ...sequences.map(({ length }) => length)]);
        for (let user = 0; user < sequences.length; user++) offsets[user + 1] += offsets[user];
        const data = {
          users: sequences.length,
          items: ITEMS,
          offsets,
          itemIds: Int32Array.from(sequences.flat()),
        };
        const trainEnd = offsets.slice(1).map((end, user) => Math.max(offsets[user], end - 2));
        const trained = { data, trainEnd };
        const users = Int32Array.from(sequences.keys());
        // Where a split by time holds the targets, interactions come after them.
        const historyLengths = Int32Array.from(sequences, ({ length }) => Math.max(0, length - 1 - after));
        const targets = Int32Array.from(sequences, (own, user) => own[historyLengths[user]]);
        const steps = { users, targets, historyLengths };
        const last = itemsBefore(steps, data);
        const seen = bySeenTransition(trained)(steps, last);
        const prefix = bySeenPrefix(trained, { codes: ids.flat(), levels: LEVELS }, 'rq-vae')(steps, last);
        const training = sequences.map((own) => own.slice(0, -2));
        for (const [row, own] of sequences.entries()) {
          const [from, to] = [own[historyLengths[row] - 1] ?? -1, targets[row]];
          expect(last[row]).toBe(from);
          const follows = (same: (a: number, b: number) => boolean) =>
            training.some((items) =>
              items.some((item, at) => at > 0 && same(items[at - 1], from) && same(item, to)),
            );
          const together = training.some((items) => items.includes(from) && items.includes(to));
          const expected = follows((a, b) => a === b)
            ? 'transition seen'
            : together
              ? 'pair seen'
              : 'pair unseen';
          expect(seen.of(row)).toBe(expected);

          const has = (item: number) => item >= 0 && ids[item][0] >= 0;
          const alike = (depth: number) =>
            follows((a, b) => ids[a].slice(0, depth).join() === ids[b]?.slice(0, depth).join());
          const known = has(from) && has(to);
          expect(prefix.of(row)).toBe(
            known && alike(2) ? '2 codes' : known && alike(1) ? '1 code' : 'no code',
          );
          for (const { slices, of } of [seen, prefix])
            expect(slices.map(([name]) => name)).toContain(of(row));
        }
      }),
    );
  });
});
