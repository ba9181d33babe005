import fc from 'fast-check';
import { expect, it } from 'vitest';
import { someRanks, someRun } from '../../../test/reports/runs.ts';
import { genresOf } from '../content/categories.ts';
import { compareRuns } from '../documents/comparison/comparison.ts';
import type { ComparedRun } from '../documents/types.ts';
import { beyondAccuracy } from './beyond-accuracy.ts';
import { itemFacts, type ListMetric, listMetrics, parseListMetric, perUserOfLists } from './list-metrics.ts';
import type { UserRanks } from './types.ts';

const ITEMS = 40;
const popularity = Float32Array.from({ length: ITEMS }, (_, item) => Math.floor(200 / (item + 1)));
const items = itemFacts(popularity);
const novelty = parseListMetric('test/novelty@5') as ListMetric;

/** Every user's list begins at an item of its own; `step` decides how far down the catalogue it goes. */
function withLists(ranks: UserRanks, step: number, topK = 10): UserRanks {
  const topItems = Int32Array.from(
    { length: ranks.users.length * topK },
    (_, at) => ((Math.floor(at / topK) % 7) + step * (at % topK)) % ITEMS,
  );
  return { ...ranks, topK, topItems };
}

it('a metric of lists is the mean over users of what each list comes to, as that of all recommendations where lists are full', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4 }), (users, step) => {
      const ranks = withLists(someRanks(1, 2, users), step);
      const whole = beyondAccuracy({ lists: ranks.topItems, length: 10, cutoff: 5, popularity });
      const found = listMetrics(ranks, 5, items);
      expect(found['test/novelty@5']).toBeCloseTo(whole.novelty, 10);
      expect(found['test/long-tail-share@5']).toBeCloseTo(whole.longTailShare, 10);
      expect(found['test/average-popularity@5']).toBeCloseTo(whole.averagePopularity, 10);
    }),
  );
});

it('a user has one list for several targets, or one for each, and counts once', () => {
  const single = withLists(someRanks(1, 2, 6), 3);
  const users = Int32Array.of(0, 0, 0, 1, 1, 2);
  const values = perUserOfLists(single, novelty, items);
  const all = { ...single, users, several: 'all' as const };
  expect([...perUserOfLists(all, novelty, items)]).toEqual([values[0], values[3], values[5]]);
  const [first] = perUserOfLists({ ...all, several: 'successive' }, novelty, items);
  expect(first).toBeCloseTo((values[0] + values[1] + values[2]) / 3, 12);
  const empty = { ...single, topItems: single.topItems.map((item, at) => (at < 10 ? -1 : item)) };
  expect([...perUserOfLists(empty, novelty, items)]).toEqual([Number.NaN, ...values.slice(1)]);
});

it('a difference in lists has an interval and a test over the users who have one in both rows, and none where no lists are kept', () => {
  const listed = (run: ComparedRun, step: number): ComparedRun => {
    const [ranks] = run.ranks ?? [];
    const lists = withLists(ranks, step);
    return {
      ...run,
      items,
      lists: [lists],
      metrics: { ...run.metrics, ...listMetrics(lists, 10, items) },
    };
  };
  const [one, other] = [listed(someRun('a', 'sasrec', 1, 2), 1), listed(someRun('b', 'hstu', 1, 2), 3)];
  const options = { resamples: 200, metrics: ['novelty@10', 'ndcg@10'] };
  const { rows, warnings } = compareRuns([one, other], options);
  const [{ significance, delta }, { significance: ofRanks }] = rows[1].cells;
  expect(delta).toBeGreaterThan(0.5);
  expect(significance?.difference).toBeCloseTo(delta ?? 0, 10);
  expect(significance).toMatchObject({ test: 't', unit: 'users', count: 400, significant: true });
  const [low, high] = significance?.interval ?? [];
  expect(low).toBeLessThan(delta ?? 0);
  expect(high).toBeGreaterThan(delta ?? 0);
  expect(ofRanks).not.toBeNull();
  expect(warnings.join()).not.toMatch(/lists/);
  // A user without a list in one row is in neither side.
  const [lists] = other.lists ?? [];
  const part = { ...lists, topItems: lists.topItems.map((item, at) => (at < 100 ? -1 : item)) };
  const partly = compareRuns([one, { ...other, lists: [part] }], options).rows[1].cells;
  expect(partly.map((cell) => cell.significance?.count)).toEqual([390, 400]);
  const without = compareRuns([one, { ...other, lists: [], name: 'b' }], options);
  expect(without.rows[1].cells.map((cell) => cell.significance === null)).toEqual([true, false]);
  expect(without.warnings).toEqual([
    'b has no lists that are long enough: a difference in Novelty@10 has no test.',
  ]);
});

it('users of whom a metric of lists says nothing are left out of its test and of no other', () => {
  // Users 0 to 9 have no list in either row, users 10 to 29 no genre in their history.
  const histories = {
    offsets: Int32Array.from({ length: 401 }, (_, user) => 43 * user),
    itemIds: Int32Array.from({ length: 43 * 400 }, (_, at) => (at < 43 * 30 ? 0 : 1 + (at % 30))),
  };
  const genres = genresOf([{ name: 'genre', values: Array.from(popularity, (_, item) => genre(item)) }]);
  const known = itemFacts(popularity, { histories, genres });
  const listed = (run: ComparedRun, step: number): ComparedRun => {
    const [ranks] = run.ranks ?? [];
    const whole = withLists(ranks, step);
    const lists = { ...whole, topItems: whole.topItems.map((item, at) => (at < 100 ? -1 : item)) };
    return {
      ...run,
      items: known,
      lists: [lists],
      metrics: { ...run.metrics, ...listMetrics(lists, 10, known) },
    };
  };
  const runs = [listed(someRun('a', 'sasrec', 1, 2), 1), listed(someRun('b', 'hstu', 1, 2), 3)];
  const metrics = ['novelty@10', 'miscalibration@10', 'popularity-lift@10', 'serendipity@10', 'ndcg@10'];
  const { rows } = compareRuns(runs, { resamples: 200, metrics });
  const tests = rows[1].cells.map(({ significance }) => significance);
  expect(tests.map((one) => one?.count)).toEqual([390, 370, 390, 390, 400]);
  for (const [at, one] of tests.entries())
    expect(one?.difference, metrics[at]).toBeCloseTo(rows[1].cells[at].delta ?? Number.NaN, 10);
});

const genre = (item: number) => (item === 0 ? '' : ['drama', 'comedy|drama', 'war'][item % 3]);

it('a catalogue of one item, empty lists and unknown items give no false number', () => {
  const one = itemFacts([3], { histories: { offsets: [0, 1], itemIds: Int32Array.of(0) } });
  const ranks = { ...withLists(someRanks(1, 2, 1), 1, 2), targets: Int32Array.of(0) };
  const single = { ...ranks, historyLengths: Int32Array.of(1), topItems: Int32Array.of(0, -1) };
  expect(listMetrics(single, 2, one)).toMatchObject({
    'test/serendipity@2': 0,
    'test/popularity-lift@2': 0,
    'test/long-tail-share@2': 0,
  });
  expect(listMetrics({ ...single, topItems: Int32Array.of(-1, -1) }, 2, one)).toEqual({});
  // Nobody trained on anything: there is no popularity to be lifted from.
  const never = itemFacts([0, 0], { histories: { offsets: [0, 1], itemIds: Int32Array.of(0) } });
  expect(listMetrics({ ...single, topItems: Int32Array.of(1, 0) }, 2, never)).not.toHaveProperty(
    'test/popularity-lift@2',
  );
  // An item of no catalogue keeps its place.
  const places = { ...single, topItems: Int32Array.of(1, 7), targets: Int32Array.of(1) };
  expect(listMetrics(places, 2, never)['test/serendipity@2']).toBe(1);
  expect(genresOf([])).toBeNull();
  expect(genresOf([{ name: 'genres', values: ['a', 'a', ''] }])).toBeNull();
});
