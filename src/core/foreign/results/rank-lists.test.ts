import { expect, it } from 'vitest';
import { splitByTime } from '../../data/splits/time.ts';
import type { Interactions } from '../../data/types.ts';
import { perUserMetric } from '../../evaluation/metrics.ts';
import { protocolSchema } from '../../training/config.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { rankLists } from './rank-lists.ts';

/** Before the cut every user has items 0 and 1; after it these, the first of them twice. */
const LATER = [[2, 3, 2], [4, 0], [5]];
const ITEMS = 6;

const histories = LATER.map((later) => [0, 1, ...later]);
const data = {
  ...{ users: 3, items: ITEMS, catalogueItems: ITEMS, offsets: Int32Array.of(0, 5, 9, 12), ratings: null },
  itemIds: Int32Array.from(histories.flat()),
  times: Float64Array.from(histories.flatMap((items) => items.map((_, at) => (at < 2 ? at : 10 + at)))),
} as Interactions;
const split = splitByTime(data, { valid: 0.1, test: 0.5, validation: false });
const rule = rankingRule(protocolSchema.parse({}));

it('several targets of a user are looked for in its one list, and count once', () => {
  const set = evaluationSet(split, 'test', { targets: 'all' });
  expect([...set.users]).toEqual([0, 0, 1, 1, 2]);
  // Of the second user 0 stays a candidate, and the third one has no list.
  const items = [
    [5, 0, 2, 4, 3],
    [0, 5, 1, 4, 3],
  ];
  const lists = {
    users: Int32Array.of(0, 1),
    list: (place: number) => ({
      items: Int32Array.from(items[place]),
      scores: Float64Array.from(items[place], (_, at) => 9 - at),
    }),
  };
  const { ranks, facts } = rankLists(data, set, lists, rule, 'all');
  expect([...ranks.ranks]).toEqual([2, 4, 3, 1, 4]);
  expect(facts).toMatchObject({ testUsers: 3, withoutList: 1, withHistory: 2, missed: 0, shorter: 0 });
  expect([...perUserMetric(ranks, 'recall@2')]).toEqual([1 / 2, 1 / 2, 0]);
  // One list a user.
  const lengths = [...ranks.users.keys()].map(
    (row) =>
      ranks.topItems.subarray(row * ranks.topK, (row + 1) * ranks.topK).filter((item) => item >= 0).length,
  );
  expect(lengths).toEqual([4, 0, 4, 0, 0]);
});

it('lists of nothing but the held-out item look like samples, and one item is no "items"', () => {
  const set = evaluationSet(split, 'test', { targets: 'first' });
  const items = Array.from(set.targets, (target) => Int32Array.of(target));
  const lists = {
    users: Int32Array.from(set.users),
    list: (place: number) => ({ items: items[place], scores: Float64Array.of(1) }),
  };
  expect(() => rankLists(data, set, lists, rule, null)).toThrow(
    'nearly every list has 1 item and the held-out one among them',
  );
});
