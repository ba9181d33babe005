/** Metrics of lists against RecTools, SciPy and their definitions. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { genresOf } from '../../src/core/content/categories.ts';
import {
  itemFacts,
  type ListMetric,
  listMetrics,
  parseListMetric,
  perUserOfLists,
} from '../../src/core/evaluation/list-metrics.ts';
import type { UserRanks } from '../../src/core/evaluation/types.ts';

interface Fixture {
  k: number;
  genres: number[][];
  histories: number[][];
  lists: number[][];
  targets: number[][];
  popularity: number[];
  /** Null where a user has none. */
  serendipity: (number | null)[];
  miscalibration: (number | null)[];
  popularity_lift: number;
}

const fixture = JSON.parse(readFileSync(new URL('lists-a.json', import.meta.url), 'utf8')) as Fixture;
const { k, genres, histories, lists, targets, popularity } = fixture;

const offsets = Int32Array.from(histories, (_, user) => histories.slice(0, user).flat().length);
const items = itemFacts(popularity, {
  histories: { offsets, itemIds: Int32Array.from(histories.flat()) },
  genres: genresOf([{ name: 'genres', values: genres.map((own) => own.join('|')) }]),
});
/** A user has one list, which stands in the first of its rows. */
const ranks: UserRanks = {
  split: 'test',
  several: 'all',
  candidates: popularity.length,
  users: Int32Array.from(targets.flatMap((own, user) => own.map(() => user))),
  targets: Int32Array.from(targets.flat()),
  ranks: Int32Array.from(targets.flat(), () => 1),
  historyLengths: Int32Array.from(targets.flatMap((own, user) => own.map(() => histories[user].length))),
  topK: k,
  topItems: Int32Array.from(
    targets.flatMap((own, user) =>
      own.flatMap((_, row) => Array.from({ length: k }, (__, at) => (row === 0 ? (lists[user][at] ?? -1) : -1))),
    ),
  ),
};

test.each(['serendipity', 'miscalibration'] as const)('%s is that of every user', (name) => {
  const found = perUserOfLists(ranks, parseListMetric(`test/${name}@${k}`) as ListMetric, items);
  const expected = fixture[name];
  expect(expected.filter((value) => value === null).length).toBeGreaterThan(0);
  for (const [user, value] of expected.entries()) {
    if (value === null) expect(found[user]).toBeNaN();
    else expect(Math.abs(found[user] - value), `user ${user}`).toBeLessThan(1e-9);
  }
});

test('popularity lift is the ratio of both means over users, and has a value for each of them', () => {
  const found = listMetrics(ranks, k, items);
  expect(Math.abs(found[`test/popularity-lift@${k}`] - fixture.popularity_lift)).toBeLessThan(1e-9);
  // Without histories and genres there is no such metric.
  expect(Object.keys(listMetrics(ranks, k, itemFacts(popularity)))).toEqual(
    ['novelty', 'average-popularity', 'long-tail-share', 'serendipity'].map((name) => `test/${name}@${k}`),
  );
});
